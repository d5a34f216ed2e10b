"""Builds `statekeep.routing._native`, the cffi binding of the C library.

setup.py names this script (`native/cffi/build_native.py:ffibuilder`) and runs it from the root of
the repository. The declarations are read from the public header, between its two cdef marks, so
that they are written once. API mode and the stable ABI: one extension for every CPython from 3.11.
"""

from pathlib import Path

from cffi import FFI

HEADER = Path("native", "include", "statekeep.h")
SOURCES = (Path("native", "src", "fingerprints.c"), Path("native", "src", "router.c"))


def declarations(header: str) -> str:
    """The part of the header that cffi reads."""
    _, begin, rest = header.partition("/* cdef: begin */")
    marked, end, _ = rest.partition("/* cdef: end */")
    if not (begin and end):
        raise ValueError(f"{HEADER} has lost its cdef marks")
    return marked


def build(root: Path) -> FFI:
    """The builder, with paths relative to the root as setuptools wants them."""
    builder = FFI()
    builder.cdef(declarations((root / HEADER).read_text(encoding="utf-8")))
    builder.set_source(
        "statekeep.routing._native",
        '#include "statekeep.h"',
        sources=[source.as_posix() for source in SOURCES],
        include_dirs=[HEADER.parent.as_posix()],
        depends=[HEADER.as_posix()],
        extra_compile_args=["-std=c11", "-O3", "-funroll-loops", "-fvisibility=hidden"],
    )
    return builder


ffibuilder = build(Path(__file__).resolve().parents[2])
