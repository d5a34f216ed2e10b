"""Scenarios for people: run, compare, and say what was expected, what happened, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from statekeep.cli.colours import Colours
from statekeep.cli.scenario.backend import Backend
from statekeep.cli.scenario.expect import Miss, misses_of_actors, misses_of_step
from statekeep.cli.scenario.run import Run
from statekeep.cli.scenario.steps import BadStep, Scenario, Step
from statekeep.core.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Failure:
    """The step at which a scenario failed."""

    scenario: str
    where: str
    number: int
    verb: str
    misses: tuple[Miss, ...]


async def check(scenario: Scenario, backend: Backend) -> Failure | None:
    """Run a scenario up to its first failure."""
    run = Run(backend)
    failure = None
    for number, step in enumerate(scenario.steps, start=1):
        missed = await _check_step(run, step)
        if missed:
            where = scenario.where[number - 1] if scenario.where else scenario.name
            verb = step.verb if isinstance(step, Step) else "?"
            failure = Failure(scenario.name, where, number, verb, tuple(missed))
            break
    await backend.end(tuple(run.ids.values()))
    return failure


async def _check_step(run: Run, step: Step | BadStep) -> list[Miss]:
    if isinstance(step, Step) and step.verb == "expect":
        return await misses_of_actors(run, step.body)
    return misses_of_step(await run.step(step), step.expect)


def show_failure(failure: Failure, colours: Colours, write: Callable[[str], object]) -> None:
    """A block of lines in the manner of pytest."""
    write(colours.bold(f"____ {failure.scenario} ____\n"))
    write(f"{failure.where}: step {failure.number} ({failure.verb})\n")
    for miss in failure.misses:
        write(f"  {colours.bold(miss.what)}\n")
        write(f"    expected  {_text(miss.expected)}\n")
        write(colours.red(f"    found     {_text(miss.found)}\n"))
        for line in miss.why:
            write(colours.dim(f"    why       {line}\n"))
    write("\n")


def _text(value: object) -> str:
    return value if isinstance(value, str) else canonical_json(value)
