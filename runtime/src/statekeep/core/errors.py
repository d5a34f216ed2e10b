"""The root of the core's errors.

Owns the base class and the two faults of stepping.  Expected outcomes are values; an error here
means that what was asked cannot be answered at all, and nothing was changed.
"""

from __future__ import annotations

from typing import ClassVar


class CoreError(Exception):
    """Every error the core raises on purpose; `code` is stable and part of the API."""

    code: ClassVar[str]


class NotStable(CoreError):  # the code users read
    """A macrostep did not come to rest within the bound; the configuration is unchanged."""

    code = "NotStable"

    def __init__(self, microsteps: int) -> None:
        super().__init__(
            f"the machine did not come to rest within {microsteps} microsteps; "
            "look for `always` transitions or done events that lead back to where they start"
        )
        self.microsteps = microsteps


class IllegalState(CoreError):
    """A state value, a set of target states or a stored configuration is not legal here."""

    code = "IllegalState"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class IllegalTargets(CoreError):
    """A transition was taken whose targets cannot be active together; nothing has changed.

    Only a machine compiled as `tolerant` can get here: otherwise this is a finding.
    """

    code = "IllegalTargets"

    def __init__(self, pointer: str) -> None:
        super().__init__(f"{pointer}: the targets of this transition cannot be active together")
        self.pointer = pointer
