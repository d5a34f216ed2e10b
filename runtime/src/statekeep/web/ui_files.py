"""The files of the dashboard as they were built: read once, small ones, by name.

`make dashboard` writes them into `ui_built/` beside this module, and wheels carry them. A server
without them works; its `/ui` says that they were not built.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("ui_built")
INDEX: Final = "index.html"
KINDS: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file, as it is and compressed."""

    kind: str
    plain: bytes
    zipped: bytes
    etag: str
    lasting: bool
    """Whether its name changes with its content."""


@cache
def built(folder: Path = FOLDER) -> Mapping[str, BuiltFile]:
    """All files by their path; empty where nothing was built, or not to the end."""
    if not (folder / INDEX).is_file():
        return {}
    paths = sorted(path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file())
    return {path.relative_to(folder).as_posix(): _read(folder, path) for path in paths}


def _read(folder: Path, path: Path) -> BuiltFile:
    plain = path.read_bytes()
    return BuiltFile(
        kind=KINDS[path.suffix],
        plain=plain,
        zipped=gzip.compress(plain, compresslevel=9, mtime=0),
        etag=f'"{hashlib.sha256(plain).hexdigest()[:20]}"',
        lasting=path.parent != folder,
    )
