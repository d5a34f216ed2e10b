from __future__ import annotations

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import value
from statekeep.core.step import initial, step

DOOR = {
    "id": "door",
    "initial": "closed",
    "states": {"closed": {"on": {"OPEN": "open"}}, "open": {"on": {"CLOSE": "closed"}}},
}


def test_an_accepted_event_moves_and_an_unknown_one_changes_nothing() -> None:
    machine = compile_machine(DOOR)
    closed = initial(machine)
    opened = step(machine, closed, "OPEN")
    late = step(machine, opened.configuration, "OPEN")

    assert value(machine, closed) == "closed"
    assert (value(machine, opened.configuration), opened.accepted) == ("open", True)
    assert (late.configuration, late.accepted) == (opened.configuration, False)
