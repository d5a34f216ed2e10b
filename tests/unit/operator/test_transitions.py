"""Events: people are told what has changed, once."""

from statekeep_operator.status import Status
from statekeep_operator.transitions import transitions


def status(**conditions: str) -> Status:
    """`Ready="False TooManyStranded"`."""
    listed = []
    for kind, text in conditions.items():
        state, reason = text.split()
        listed.append({"type": kind, "status": state, "reason": reason, "message": "so"})
    return {"conditions": listed}


def told(before: Status, after: Status) -> list[tuple[str, str]]:
    return [(event.type, event.reason) for event in transitions(before, after)]


WAITING = status(Ready="False TooManyStranded", Registered="True Registered")
DONE = status(
    Ready="True Ready",
    Registered="True Registered",
    Applied="True Applied",
    Stranded="False NoneStranded",
)
LEFT = status(
    Ready="True Ready",
    Registered="True Registered",
    Applied="True Applied",
    Stranded="True ActorsStranded",
)


def test_what_was_reached_is_told() -> None:
    assert told({}, DONE) == [("Normal", "Registered"), ("Normal", "Applied")]


def test_nothing_is_told_twice() -> None:
    assert told(DONE, DONE) == []


def test_a_shut_gate_is_a_warning() -> None:
    assert told({}, WAITING) == [("Normal", "Registered"), ("Warning", "TooManyStranded")]


def test_waiting_for_others_is_none() -> None:
    assert told({}, status(Ready="False UnknownVersion")) == [("Normal", "UnknownVersion")]


def test_an_invalid_object_is_a_warning() -> None:
    assert told({}, status(Ready="False InvalidDefinition")) == [("Warning", "InvalidDefinition")]


def test_who_strands_is_told_and_who_is_rescued() -> None:
    assert told(DONE, LEFT) == [("Warning", "ActorsStranded")]
    assert told(LEFT, DONE) == [("Normal", "NoneStranded")]


def test_being_ready_again_is_told_when_nothing_else_says_it() -> None:
    away = status(Ready="False RuntimeUnavailable", Registered="True Registered")
    back = status(Ready="True Ready", Registered="True Registered")
    assert told(away, back) == [("Normal", "Ready")]
