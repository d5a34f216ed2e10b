"""Many random histories, each checked: `python -m support.consistency.hunt --count 1000`.

A history that no serial order explains is printed whole and saved with its seed. Schedules differ
from run to run, so a seed brings back the operations and not their order.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from statekeep.storage.embedded import EmbeddedValkey
from support.consistency.check import faults
from support.consistency.load import run
from support.consistency.record import History


def judged(url: str, seed: int, seen: Counter[str]) -> list[str]:
    """The faults of one history; `seen` counts what was in it."""
    history = asyncio.run(run(url, seed))
    seen.update(_kinds(history))
    return faults(history)


def _kinds(history: History) -> Counter[str]:
    operations = [o for of_actor in history.actors.values() for o in of_actor]
    kinds = Counter(o.kind for o in operations if o.error is None)
    kinds.update(f"refused {o.kind}" for o in operations if o.error is not None)
    kinds.update(change.kind for change in history.changes)
    kinds["actors"] = len(history.final)
    kinds["at once"] = sum(
        any(c.begin < o.end and o.begin < c.end for c in history.changes) for o in operations
    )
    for word in ("migrated", "stayed", "stranded"):
        kinds[word] = sum(int(change.result.get(word, 0)) for change in history.changes)
    return kinds


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=None)
    parser.add_argument("--save", type=Path, default=Path(".local/inconsistent"))
    chosen = parser.parse_args(arguments)
    first = random.randrange(10**9) if chosen.first is None else chosen.first
    print(f"seeds {first} to {first + chosen.count - 1}", flush=True)
    seen, wrong = Counter[str](), 0
    with TemporaryDirectory() as directory, EmbeddedValkey(Path(directory) / "data") as server:
        for seed in range(first, first + chosen.count):
            found = judged(server.url, seed, seen)
            wrong += bool(found)
            for fault in found:
                print(f"seed {seed}: {fault}", flush=True)
                chosen.save.mkdir(parents=True, exist_ok=True)
                (chosen.save / f"{seed}.txt").write_text(fault, encoding="utf-8")
    print(", ".join(f"{count} {kind}" for kind, count in sorted(seen.items())))
    print(f"{chosen.count} histories, {wrong} without a legal serial order")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
