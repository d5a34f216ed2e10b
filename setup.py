"""What pyproject.toml cannot say: the C extension, which cffi builds in API mode."""

from pathlib import Path

from setuptools import setup

BUILD_SCRIPT = Path("native/cffi/build_native.py")

setup(cffi_modules=[f"{BUILD_SCRIPT}:ffibuilder"] if BUILD_SCRIPT.exists() else [])
