"""Hostile definitions: `python -m support.hostile` compiles them by the million.

Starts from valid machines and from nothing, and damages them: members are removed, copied, renamed,
replaced by values of other types and by what breaks careless readers.  A definition may be refused
with DefinitionError, or compiled; anything else is a fault, and so is taking long.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from typing import Any

from statekeep.core.chart import Guards, Source
from statekeep.core.compile import compile_machine
from statekeep.core.configuration import decode, encode, resolve, value
from statekeep.core.errors import CoreError, IllegalState, NotStable
from statekeep.core.findings import DefinitionError, Finding
from statekeep.core.step import initial, step
from statekeep.core.text import parse_definition
from support.machines import EVENTS, random_case

KEYS = [
    "id",
    "type",
    "initial",
    "states",
    "on",
    "always",
    "after",
    "onDone",
    "invoke",
    "entry",
    "exit",
    "history",
    "target",
    "tags",
    "meta",
    "description",
    "output",
    "route",
    "version",
    "context",
    "key",
    "data",
    "activities",
    "onEntry",
    "strict",
    "delimiter",
    "cond",
    "in",
    "internal",
    "external",
    "reenter",
    "guard",
    "actions",
    "src",
    "event",
    "delay",
    "true",
    "false",
    "a",
    "b",
    "c",
    "*",
    "x.y",
    "#a",
    ".",
    ".a",
    "\\",
    "xstate.init",
    "xstate.done.state.a",
    "done.state.a",
    "__proto__",
    "constructor",
    "0",
    "1",
    "2147483648",
]
ODD_TEXTS = (
    "",
    ".",
    "..",
    "#",
    "#.",
    "\\",
    "a\\",
    "#(machine)",
    "#(machine).",
    "a.b.c.d",
    ".a.b",
    "#a.#b.#c",
    "\0",
    "\ud800",
    "\U0001f600",
    "é",
    "x" * 300,
    "y." * 2000,
    "*",
    "a.*",
    "history",
    "parallel",
    "final",
    "compound",
    "deep",
    "xstate.after(10)#a",
)
ODD_NUMBERS = (0, 1, -1, 1.5, 1e308, float("nan"), float("inf"), 2**70, 10**5000, -0.0)
SECONDS = 20.0
"""More than this for one definition is a hang."""


BASES = 1_000
"""Valid machines that are damaged."""


@cache
def _base(seed: int) -> str:
    return json.dumps(random_case(seed)["definition"])


class Damage:
    """One hostile definition, from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def definition(self) -> Any:
        roll = self.dice.random()
        if roll < 0.002:
            return self.deep()
        if roll < 0.004:
            return self.wide()
        if roll < 0.1:
            return self.anything(4)
        found: Any = json.loads(_base(self.dice.randrange(BASES)))
        for _ in range(self.dice.choice((1, 1, 2, 3, 6, 12))):
            found = self.damaged(found)
        return found

    def anything(self, depth: int) -> Any:
        roll = self.dice.random()
        if depth == 0 or roll < 0.4:
            return self.scalar()
        if roll < 0.55:
            return [self.anything(depth - 1) for _ in range(self.dice.randrange(4))]
        return {self.key(): self.anything(depth - 1) for _ in range(self.dice.randrange(6))}

    def scalar(self) -> Any:
        return self.dice.choice(
            (None, True, False, self.text(), self.text(), self.dice.choice(ODD_NUMBERS), [], {})
        )

    def text(self) -> str:
        return self.dice.choice(ODD_TEXTS if self.dice.random() < 0.5 else KEYS)

    def key(self) -> str:
        return self.dice.choice(KEYS if self.dice.random() < 0.8 else ODD_TEXTS)

    def deep(self) -> Any:
        depth = self.dice.choice((50, 140, 290, 320, 3_000, 50_000))
        form = self.dice.randrange(4)
        inner: Any = {}
        for _ in range(depth):
            if form == 0:
                inner = [inner]
            elif form == 1:
                inner = {"initial": "a", "states": {"a": inner}}
            elif form == 2:
                inner = {"type": "parallel", "states": {"a": inner, "h": {"type": "history"}}}
            else:
                inner = {"meta": inner}
        return inner

    def wide(self) -> Any:
        size = self.dice.choice((50, 500, 5_000))
        names = [f"s{index}" for index in range(size)]
        form = self.dice.randrange(4)
        if form == 0:
            return {"type": "parallel", "states": {name: {} for name in names}}
        if form == 1:
            chain = zip(names, [*names[1:], names[0]], strict=True)
            return {"initial": "s0", "states": {name: {"always": to} for name, to in chain}}
        if form == 2:
            states: dict[str, Any] = {
                name: {"type": "history", "target": to} for name, to in pairwise(names)
            }
            return {"initial": "s0", "states": {**states, names[-1]: {}}}
        return {"initial": "a", "states": {"a": {"on": dict.fromkeys(names, "a")}}}

    def damaged(self, root: Any) -> Any:
        places = list(islice(_places(root), self.dice.randrange(1, 200)))
        if not places:
            return self.anything(3)
        holder, key = self.dice.choice(places)
        roll = self.dice.random()
        if roll < 0.25:
            del holder[key]
        elif roll < 0.6:
            holder[key] = self.anything(2)
        elif roll < 0.75:
            other, name = self.dice.choice(places)
            if isinstance(holder, dict | list) and name in _keys(other):
                holder[key] = other[name]
        elif isinstance(holder, dict):
            holder[self.key()] = holder.pop(key)
        else:
            holder.append(self.anything(2))
        return root


def _places(root: Any) -> Iterator[tuple[Any, Any]]:
    waiting, seen = [root], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen or not isinstance(part, dict | list):
            continue
        seen.add(id(part))
        for key in _keys(part):
            yield part, key
            waiting.append(part[key])


def _keys(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return list(part)
    return list(range(len(part))) if isinstance(part, list) else []


def attack(seed: int) -> str:
    """What became of the definition of a seed; raises what must never be raised."""
    damage = Damage(seed)
    definition = damage.definition()
    source: Source = damage.dice.choice(("string", "object"))
    guards: Guards = damage.dice.choice(("Ignore", "Deny"))
    try:
        machine = compile_machine(definition, guards=guards, source=source)
    except DefinitionError as refused:
        _check(refused.findings)
        return "refused"
    assert all(finding.severity == "warning" for finding in machine.warnings)
    configuration = initial(machine)
    for event in damage.dice.sample(EVENTS, 3):
        try:
            configuration = step(machine, configuration, event).configuration
        except NotStable:
            break
        except CoreError as fault:
            raise AssertionError(f"step raised {fault!r}") from fault
    if not configuration.recorded:
        assert resolve(machine, value(machine, configuration)) == configuration
    assert decode(machine, encode(machine, configuration)) == configuration
    return "compiled"


def _check(findings: tuple[Finding, ...]) -> None:
    assert any(finding.severity == "error" for finding in findings)
    for finding in findings:
        assert finding.code
        assert finding.message.encode()
        assert len(finding.pointer.encode()) < 1 << 20


def attack_text(seed: int) -> str:
    """The same for a damaged text."""
    dice = random.Random(seed)
    pool = '{}[]",:\\ \n\t0123456789eE+-.truefalsnNaIify\ud800\0é/*'
    text = "".join(dice.choice(pool) for _ in range(dice.randrange(60)))
    if dice.random() < 0.1:
        text = dice.choice("[{") * dice.choice((10, 400, 100_000))
    try:
        parse_definition(text)
    except DefinitionError:
        return "no JSON"
    return "JSON"


def attack_value(seed: int) -> str:
    """A hostile state value and a hostile stored configuration, against a valid machine."""
    damage = Damage(seed)
    try:
        machine = compile_machine(json.loads(_base(damage.dice.randrange(BASES))))
    except DefinitionError:
        return "refused"
    for work, argument in ((resolve, damage.anything(3)), (decode, damage.text())):
        try:
            work(machine, argument)
        except IllegalState:
            continue
    return "value"


def main() -> int:
    parser = argparse.ArgumentParser(prog="hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    seen: Counter[str] = Counter()
    slowest = (0.0, -1)
    started = time.monotonic()
    for seed in range(given.first, given.first + given.count):
        begun = time.monotonic()
        try:
            seen[attack(seed)] += 1
            if seed % 10 == 0:
                seen[attack_text(seed)] += 1
                seen[attack_value(seed)] += 1
        except BaseException:
            print(f"seed {seed}", file=sys.stderr)
            raise
        slowest = max(slowest, (time.monotonic() - begun, seed))
        if slowest[0] > SECONDS:
            print(f"seed {slowest[1]} took {slowest[0]:.1f} s", file=sys.stderr)
            return 1
        if (seed + 1 - given.first) % 50_000 == 0:
            print(f"{seed + 1 - given.first} …", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{given.count} definitions in {time.monotonic() - started:.0f} s, {memory} MiB at most; "
        f"slowest {slowest[0]:.2f} s (seed {slowest[1]}); "
        + ", ".join(f"{name} {count}" for name, count in sorted(seen.items()))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
