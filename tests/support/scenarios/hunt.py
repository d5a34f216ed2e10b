"""Hunting differences: random scenarios on the model and on the product, a small case for each.

    python -m support.scenarios.hunt --count 10000 [--first SEED] [--player core|service|server]

The seeds are printed; each difference is shrunk, printed and saved as a scenario, which
`statekeep test --jsonl` takes as it is.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from statekeep.storage.embedded import EmbeddedValkey
from support import model
from support.scenarios import core_play, product
from support.scenarios.compare import Difference, differences
from support.scenarios.generate import scenario
from support.scenarios.shrink import minimised

Scenario = dict[str, Any]
Play = Callable[[Scenario], Scenario]

SERVER = "server"
PLAYERS: dict[str, Play] = {"core": core_play.run, "service": product.run}
UNPLAYABLE = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Found:
    """A scenario on which the product does not do what the model does."""

    seed: int
    player: str
    scenario: Scenario
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        steps = "\n".join(f"  {json.dumps(step)}" for step in self.scenario["steps"])
        shown = "\n".join(str(difference) for difference in self.differences)
        return f"seed {self.seed}, {self.player}:\n{steps}\n{shown}"


def hunt(seed: int, player: str) -> Found | None:
    """The difference of one seed, shrunk; None where there is none."""
    play = PLAYERS[player]
    whole = scenario(seed)
    first = differences(model.run(whole), play(whole))
    if not first:
        return None

    def fails_alike(candidate: Scenario) -> bool:
        found = _safely(candidate, play)
        return bool(found) and found[0].kind == first[0].kind

    small = minimised(whole, fails_alike)
    return Found(seed, player, small, tuple(differences(model.run(small), play(small))))


def _safely(candidate: Scenario, play: Play) -> list[Difference]:
    """No difference where a scenario has been shrunk to something that nobody can play."""
    try:
        return differences(model.run(candidate), play(candidate))
    except UNPLAYABLE:
        return []


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=None)
    parser.add_argument("--save", type=Path, default=Path(".local/counterexamples"))
    parser.add_argument("--player", choices=[*PLAYERS, SERVER], action="append")
    chosen = parser.parse_args(arguments)
    players = chosen.player or sorted(PLAYERS)
    first = random.randrange(10**9) if chosen.first is None else chosen.first
    seeds = range(first, first + chosen.count)
    print(f"seeds {first} to {first + chosen.count - 1}", flush=True)
    with _server_if(SERVER in players):
        found = list(_all(seeds, players))
    for case in found[:20]:
        print(case)
        _save(case, chosen.save)
    print(f"{chosen.count} scenarios, {len(found)} differences")
    return 1 if found else 0


@contextmanager
def _server_if(wanted: bool) -> Iterator[None]:
    """A private server, on which scenarios are played as well."""
    if not wanted:
        yield
        return
    with TemporaryDirectory() as directory, EmbeddedValkey(Path(directory) / "data") as server:
        PLAYERS[SERVER] = product.on(server.url)
        yield


def _all(seeds: Iterable[int], players: list[str]) -> Iterable[Found]:
    for seed in seeds:
        for player in players:
            case = hunt(seed, player)
            if case is not None:
                yield case


def _save(case: Found, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{case.player}-{case.seed}.json"
    path.write_text(json.dumps(case.scenario) + "\n", encoding="utf-8")
    print(f"saved as {path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
