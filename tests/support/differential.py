"""Random machines, through the core and through XState: `python -m support.differential`.

Prints what the two say differently, with the seed that plays it again, and exits 1 if anything is.
`--record FILE` writes cases with XState's answers instead, to be committed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.machines import random_case
from support.xstate import ask, disagreement, is_beyond_comparison, missing

BATCH = 250
RECORDED_BYTES = 2_200


def answered(first: int, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Cases with XState's answers."""
    for start in range(first, first + count, BATCH):
        seeds = range(start, min(start + BATCH, first + count))
        cases = [random_case(seed) for seed in seeds]
        yield from zip(cases, ask(cases), strict=True)


def compare(first: int, count: int, show: int) -> int:
    """How many machines disagree."""
    wrong = 0
    seen: Counter[str] = Counter()
    for case, theirs in answered(first, count):
        seen[outcome(theirs)] += 1
        seen["in another order when live"] += not theirs.get("live", True)
        found = disagreement(case, theirs)
        if found is not None:
            wrong += 1
            if wrong <= show:
                print(f"{case['name']}: {found}\n  {json.dumps(case)}")
    print(f"{count} machines from seed {first}: {count - wrong} agree, {wrong} disagree")
    print("  XState: " + ", ".join(f"{name} {number}" for name, number in sorted(seen.items())))
    return wrong


def outcome(theirs: dict[str, Any]) -> str:
    if theirs["error"] is None:
        return "came to rest"
    if theirs["error"].startswith("Infinite loop"):
        return "endless"
    return "inconsistent" if theirs["error"] == "inconsistent" else "refused"


def record(path: Path, first: int, count: int) -> None:
    """Write small cases on which XState is consistent and needs no pinned order."""
    kept: list[str] = []
    plain = 0
    for case, theirs in answered(first, 40 * count):
        if not theirs.get("live") or outcome(theirs) not in ("came to rest", "endless"):
            continue
        del theirs["live"]
        if is_beyond_comparison(case):
            continue
        line = json.dumps({**case, "answer": theirs}, separators=(",", ":"), ensure_ascii=False)
        if len(line) > RECORDED_BYTES:
            continue
        if not any(theirs["history"]):
            # Random machines seldom come back to a history state: most cases are to be such.
            plain += 1
            if plain > count // 2:
                continue
        kept.append(line)
        if len(kept) == count:
            break
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    print(f"{len(kept)} cases recorded")


def main() -> int:
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--show", type=int, default=5, help="disagreements to print in full")
    parser.add_argument("--record", type=Path, help="write cases with XState's answers here")
    given = parser.parse_args()
    lacking = missing()
    if lacking is not None:
        print(f"NOT COMPARED WITH XSTATE: {lacking}", file=sys.stderr)
        return 2
    if given.record is not None:
        record(given.record, given.first, given.count)
        return 0
    return 1 if compare(given.first, given.count, given.show) else 0


if __name__ == "__main__":
    sys.exit(main())
