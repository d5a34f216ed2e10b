"""What validation has to say about a definition, as values.

Owns `Finding` and the error that carries them all.  Invariant: the findings of one compilation
are sorted by pointer, so that two runs over one definition say the same in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from statekeep.core.errors import CoreError

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    pointer: str
    """JSON pointer into the definition as the user gave it."""
    code: str
    message: str
    severity: Severity = "error"


class DefinitionError(CoreError):
    """The definition is wrong; `findings` holds every error and every warning."""

    code = "InvalidDefinition"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        wrong = [finding for finding in self.findings if finding.severity == "error"]
        first = wrong[0] if wrong else self.findings[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        super().__init__(f"{first.pointer or '/'}: {first.message} [{first.code}]{more}")


def printable(text: str) -> str:
    """The text with what cannot be written as UTF-8 (half surrogate pairs) spelt out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class Report:
    """Collects findings while a definition is read."""

    __slots__ = ("_tolerated", "errors", "warnings")

    def __init__(self, tolerated: frozenset[str] = frozenset()) -> None:
        self._tolerated = tolerated
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []

    def error(self, pointer: str, code: str, message: str) -> None:
        if code in self._tolerated:
            self.warn(pointer, code, message)
        else:
            self.errors.append(Finding(printable(pointer), code, printable(message)))

    def warn(self, pointer: str, code: str, message: str) -> None:
        found = Finding(printable(pointer), code, printable(message), "warning")
        self.warnings.append(found)

    def raise_errors(self, given: Callable[[str], str]) -> None:
        """Raise everything found so far, if any of it is an error."""
        if self.errors:
            found = [*self.errors, *self.warnings]
            raise DefinitionError(replace(f, pointer=given(f.pointer)) for f in found)

    def sorted_warnings(self, given: Callable[[str], str]) -> tuple[Finding, ...]:
        return tuple(sorted({replace(f, pointer=given(f.pointer)) for f in self.warnings}))
