"""`test --jsonl`: one scenario a line in, one answer a line out, for programs.

An answer has the result of every step and every actor as it is at the end. A line that is no
scenario is answered by its error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from statekeep.cli.scenario.backend import Backend, Json, StepError
from statekeep.cli.scenario.expect import misses_of_actors
from statekeep.cli.scenario.files import resolved
from statekeep.cli.scenario.run import Result, Run
from statekeep.cli.scenario.steps import Scenario, Step, read_scenario


async def transcript(scenario: Scenario, backend: Backend) -> Json:
    """All steps and the actors at the end."""
    run = Run(backend)
    answers = []
    for step in scenario.steps:
        result = await run.step(step)
        if isinstance(step, Step) and step.verb == "expect":
            result = await _looked(run, step)
        answers.append(result.to_json())
    actors = {name: state.to_json() for name, state in (await run.actors()).items()}
    await backend.end(tuple(run.ids.values()))
    return {"name": scenario.name, "steps": answers, "actors": actors}


def read_line(line: str | bytes) -> Scenario:
    """The scenario of one line. Raises StepError."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise StepError("InvalidScenario", f"the line is no JSON: {error}") from error
    return read_scenario(resolved(value, Path.cwd()))


def no_scenario(error: StepError) -> Json:
    """The answer to a line that is none."""
    return {"name": "", "steps": [], "actors": {}, "error": error.to_json()}


async def _looked(run: Run, step: Step) -> Result:
    missed = await misses_of_actors(run, step.body)
    if not missed:
        return Result({})
    message = "; ".join(miss.sentence() for miss in missed)
    return Result({}, StepError("ExpectationFailed", message))


async def answer_line(line: str | bytes, backend: Callable[[], Backend]) -> Json:
    """The answer to one line, in a place of its own."""
    try:
        scenario = read_line(line)
    except StepError as error:
        return no_scenario(error)
    return await transcript(scenario, backend())
