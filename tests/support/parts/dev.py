"""`make dev` and `make dev-down`: the parts, kept running for a person to try things on.

One supervisor a checkout. It holds the lock .local/dev.lock for as long as it lives, writes
.local/env and .local/pids/NAME when the parts are ready, starts again what is killed, and takes
everything away when it is told to stop. The parts end with it, however it ends.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from support.parts.fault import PartError, run_as_program
from support.parts.site import Site

ROOT = Path(__file__).resolve().parents[3]
LOCAL = Path(os.environ.get("STATEKEEP_LOCAL", ROOT / ".local"))
ENV = LOCAL / "env"
PIDS = LOCAL / "pids"
LOCK = LOCAL / "dev.lock"
DATA = LOCAL / "dev"
LOG = LOCAL / "dev.log"

_WATCH_SECONDS = 0.2
_RETRY_SECONDS = 1.0
_STOP_SECONDS = 30.0


class _Stop(Exception):
    """Somebody asked for the end."""


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


@contextlib.contextmanager
def _supervision() -> Iterator[bool]:
    """Hold the lock with our pid in it; yield False where another supervisor holds it."""
    LOCAL.mkdir(exist_ok=True)
    with LOCK.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield True


def running_supervisor() -> int | None:
    """Return the supervisor's pid: the lock tells whether the pid in the file is still its own."""
    if not LOCK.exists():
        return None
    with LOCK.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(handle.read() or 0) or None
    return None


def _write_whole(path: Path, text: str) -> None:
    """Readers see the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def _tidy() -> None:
    ENV.unlink(missing_ok=True)
    for folder in (PIDS, DATA):
        shutil.rmtree(folder, ignore_errors=True)


def supervise() -> int:
    """Run the parts until told to stop."""
    with _supervision() as ours:
        if not ours:
            raise PartError(
                "the parts of this checkout are running already: make dev-down ends them"
            )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _ask_to_stop)
        _tidy()
        try:
            with contextlib.suppress(_Stop), Site(DATA) as site:
                _announce(site)
                while True:
                    time.sleep(_WATCH_SECONDS)
                    _look_after(site)
        finally:
            _tidy()
    return 0


def _look_after(site: Site) -> None:
    """Start again what has ended; what cannot start now is tried again at the next look."""
    try:
        revived = site.revive()
    except PartError as error:
        site.say(str(error))
        time.sleep(_RETRY_SECONDS)
        return
    if revived:
        _write_pids(site)
        site.say(f"started again: {', '.join(revived)}")


def _write_pids(site: Site) -> None:
    for part in site.parts:
        _write_whole(PIDS / part.name, f"{part.pid}\n")


def _announce(site: Site) -> None:
    _write_pids(site)
    _write_whole(ENV, site.shell())
    site.say(f"to use them: . {ENV} (make dev-down ends them)")


def detach() -> int:
    """Start a supervisor of its own session and return when the parts are ready."""
    if running_supervisor() is not None:
        print(f"the parts are running already; to use them: . {ENV}")
        return 0
    LOCAL.mkdir(exist_ok=True)
    ENV.unlink(missing_ok=True)
    with LOG.open("w") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "support.parts.dev", "supervise"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with LOG.open() as said:
        while supervisor.poll() is None and not ENV.exists():
            sys.stderr.write(said.read())
            time.sleep(_WATCH_SECONDS)
        sys.stderr.write(said.read())
    return 0 if supervisor.poll() is None else 1


def down() -> int:
    """End the supervisor and wait until it has tidied up."""
    supervisor = running_supervisor()
    if supervisor is None:
        _tidy()
        print("no parts were running")
        return 0
    os.kill(supervisor, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while running_supervisor() is not None:
        if time.monotonic() > deadline:
            raise PartError(f"the supervisor {supervisor} does not end: see {LOG}")
        time.sleep(_WATCH_SECONDS)
    print("the parts are stopped and their data is removed")
    return 0


def main() -> int:
    actions = {"supervise": supervise, "detach": detach, "down": down}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=actions)
    return actions[parser.parse_args().action]()


if __name__ == "__main__":
    run_as_program(main)
