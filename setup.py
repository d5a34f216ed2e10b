"""What pyproject.toml cannot say: the C extension, which cffi builds in API mode."""

from setuptools import setup

setup(cffi_modules=["native/cffi/build_native.py:ffibuilder"])
