"""What a person is shown before anything is adopted: what was, and what the runtime has. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from statekeep.cli.adopting.remembered import Remembered
from statekeep.cli.people import counted


@dataclass(frozen=True, slots=True)
class Has:
    """What the runtime has of one workflow."""

    registry: str
    versions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Clock and number of actors of each version."""
    points: Mapping[str, int] = field(default_factory=dict)


def strangers(objects: Sequence[Remembered], has: Mapping[str | None, Has]) -> list[Remembered]:
    """The objects that belong to another registry than the runtime's."""
    return [
        one
        for one in objects
        if one.registry is not None and one.registry != has[one.workflow].registry
    ]


def comparison(objects: Sequence[Remembered], has: Mapping[str | None, Has]) -> Iterator[str]:
    """Line by line: an object, what its status remembers, what the runtime has now."""
    width = max(len(title) for one in objects for title in _titles(one))
    yield f"{'':{width}}  {'remembered':24}  the runtime now"
    for one in objects:
        known = has[one.workflow]
        yield f"{one.title:{width}}  {_was(one):24}  {_now(one, known)}"
        for name, clock in one.migrations.items():
            point = f"{one.name}.{name}"
            yield f"{'  ' + point:{width}}  {_at(clock):24}  {_at(known.points.get(point))}"


def _titles(one: Remembered) -> list[str]:
    return [one.title, *(f"  {one.name}.{name}" for name in one.migrations)]


def _was(one: Remembered) -> str:
    if one.kind == "ChangePoint" or one.clock is None:
        return _at(one.clock)
    return f"{_at(one.clock)}, {counted(one.actors, 'actor')}"


def _now(one: Remembered, known: Has) -> str:
    if one.kind == "ChangePoint":
        return _at(known.points.get(one.name))
    found = known.versions.get(one.name)
    return f"clock {found[0]}, {counted(found[1], 'actor')}" if found else _at(None)


def _at(clock: int | None) -> str:
    return "not registered" if clock is None else f"clock {clock}"
