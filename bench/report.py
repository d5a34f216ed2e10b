"""How every bench prints: name, budget, measured, ratio; one line each, and nothing else."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

WIDTHS = (58, 16, 16)
UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement. Without a budget it is there to be compared with another."""

    name: str
    measured: float
    unit: str
    budget: float | None = None
    better: Literal["high", "low"] = "high"

    @property
    def met(self) -> bool:
        """Whether the budget is kept."""
        if self.budget is None:
            return True
        ahead = self.measured - self.budget
        return ahead >= 0 if self.better == "high" else ahead <= 0

    def __str__(self) -> str:
        """The columns: name, budget, measured, ratio of the better to the worse side."""
        budget = "" if self.budget is None else f"{BOUNDS[self.better]} {scaled(self.budget)}"
        cells = (self.name, f"{budget}{self.unit}" if budget else "", scaled(self.measured))
        name, wanted, measured = cells
        row = f"{name:<{WIDTHS[0]}}{wanted:>{WIDTHS[1]}}{measured + self.unit:>{WIDTHS[2]}}"
        return row + self._verdict()

    def _verdict(self) -> str:
        if self.budget is None:
            return ""
        high = self.better == "high"
        ratio = self.measured / self.budget if high else self.budget / self.measured
        return f"{ratio:>8.1f}x{'' if self.met else '  MISSED'}"


BOUNDS = {"high": "≥", "low": "≤"}


def scaled(value: float) -> str:
    """A number with three digits and a prefix: 41.3 M, 2.5 n."""
    for size, prefix in UNITS:
        if abs(value) >= size:
            return f"{value / size:.3g} {prefix}"
    return f"{value:.3g} "


def heading() -> None:
    """Name the columns."""
    name, budget, measured = WIDTHS
    print(f"{'what':<{name}}{'budget':>{budget}}{'measured':>{measured}}{'ratio':>9}")


def show(lines: list[Line]) -> int:
    """Print the lines; the exit code says whether all budgets are kept."""
    for line in lines:
        print(line, flush=True)
    missed = [line.name for line in lines if not line.met]
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0
