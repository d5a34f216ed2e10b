"""Whether an outcome is what a corner case expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.scenarios.corners.writing import Corner


def scenario_of(corner: Corner) -> dict[str, Any]:
    return {"name": corner.sentence, "steps": corner.steps}


def bare(corner: Corner) -> dict[str, Any]:
    """The scenario without its expectations, so that they are judged here and nowhere else."""
    steps = [{k: v for k, v in step.items() if k != "expect"} for step in corner.steps]
    return {"name": corner.sentence, "steps": steps}


def unmet(corner: Corner, outcome: dict[str, Any]) -> list[str]:
    return [*_steps(corner, outcome["steps"]), *_actors(corner, outcome["actors"])]


def _steps(corner: Corner, answers: list[dict[str, Any]]) -> Iterator[str]:
    for index, (step, answer) in enumerate(zip(corner.steps, answers, strict=True)):
        expected = step.get("expect")
        if expected is None:
            if "error" in answer and not corner.may_fail(index):
                yield f"step {index}: {answer}"
        elif "error" in expected:
            found = answer.get("error", {})
            if expected["error"] not in (found.get("code"), *found.get("codes", ())):
                yield f"step {index}: expected {expected}, found {answer}"
        else:
            found = {key: answer.get(key) for key in expected}
            if found != expected:
                yield f"step {index}: expected {expected}, found {answer}"


def _actors(corner: Corner, actors: dict[str, Any]) -> Iterator[str]:
    for name, expected in corner.actors.items():
        for key, value in expected.items():
            if actors.get(name, {}).get(key) != value:
                yield f"{name}.{key}: expected {value!r}, found {actors.get(name, {}).get(key)!r}"
