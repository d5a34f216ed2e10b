"""What pyproject.toml cannot say: the C extension, which cffi builds in API mode.

It keeps to the stable ABI, so one wheel serves every CPython from 3.11.
"""

from setuptools import setup

setup(
    cffi_modules=["native/cffi/build_native.py:ffibuilder"],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
