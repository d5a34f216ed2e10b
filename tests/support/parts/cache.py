"""The cache outside the checkout: where it is, one writer at a time, nothing half-done in place."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_home() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "statekeep"


@contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock beside `path`; a process that dies loses it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def published(target: Path) -> Iterator[Path]:
    """Yield a draft beside `target`, which takes its place if the block succeeds. Hold the lock.

    Drafts that a killed process left behind are removed first.
    """
    for left in target.parent.glob(f".{target.name}.draft*"):
        remove(left)
    draft = target.with_name(f".{target.name}.draft-{os.getpid()}")
    try:
        yield draft
        remove(target)
        draft.replace(target)
    finally:
        remove(draft)


def remove(path: Path) -> None:
    """Remove a file or a directory, also one whose folders are read-only (as Go leaves them)."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    if not path.is_dir():
        return
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o700)
    shutil.rmtree(path)
