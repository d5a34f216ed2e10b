"""Counting a plan, and the gate that it has to pass.

The gate belongs to no digest: it says how much stranding an author accepts, not what is deployed.
It is all or nothing; past the limit nobody is moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from statekeep.core.plan import K, Plan, Strand
from statekeep.core.refusals import Code, Refusal, Refused


@dataclass(frozen=True, slots=True)
class Accepted:
    """A kind of stranding that the author accepts, and of how many actors."""

    strand: Strand
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """What must hold for a registration to go through."""

    max_stranded: int | str | None = None
    """A number of actors, or a percentage of those concerned, as `5%`."""
    expect_plan: str | None = None
    """The hash of the plan that was approved."""
    accept: tuple[Accepted, ...] | None = None
    """The kinds of stranding that are accepted; None accepts any."""


@dataclass(frozen=True, slots=True, order=True)
class StateCount:
    """How many actors of one state get one verdict for one reason."""

    version: str
    state: str
    verdict: str
    reason: str
    """Empty for those that would migrate."""
    count: int

    def to_json(self) -> dict[str, object]:
        """The row as a preview shows it."""
        return {
            "version": self.version,
            "state": self.state,
            "verdict": self.verdict,
            "reason": self.reason or None,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning with the number of actors it is about."""

    code: str
    change_point: str
    message: str
    count: int

    def to_json(self) -> dict[str, object]:
        """The warning as an answer carries it."""
        return {
            "code": self.code,
            "changePoint": self.change_point,
            "message": self.message,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """A plan in numbers."""

    migrated: int
    stayed: int
    stranded: int
    by_state: tuple[StateCount, ...]
    stranded_by: tuple[tuple[Strand, int], ...]
    warnings: tuple[Warned, ...]

    @property
    def concerned(self) -> int:
        """Nobody is lost: everyone concerned has one of the three verdicts."""
        return self.migrated + self.stayed + self.stranded


def tally(plan: Plan[K], counts: Mapping[K, int]) -> Tally:
    """Count the actors of a plan; `counts` says how many each cohort has."""
    verdicts: Counter[str] = Counter()
    rows: Counter[tuple[str, str, str, str]] = Counter()
    strands: Counter[Strand] = Counter()
    for cohort in plan.verdicts:
        count = counts[cohort.key]
        verdicts[cohort.verdict] += count
        rows[cohort.version, cohort.state, cohort.verdict, cohort.reason or ""] += count
        if cohort.strand is not None:
            strands[cohort.strand] += count
    return Tally(
        migrated=verdicts["migrated"],
        stayed=verdicts["stayed"],
        stranded=verdicts["stranded"],
        by_state=tuple(sorted(StateCount(*row, count) for row, count in rows.items())),
        stranded_by=tuple(sorted(strands.items())),
        warnings=tuple(
            Warned(w.code, w.change_point, w.message, sum(counts[key] for key in w.keys))
            for w in plan.warnings
        ),
    )


def check_gate(plan_hash: str, tallied: Tally, gate: Gate) -> None:
    """Raise Refused where the gate stays closed, with everything that holds it."""
    found = (
        *_plan_is_expected(plan_hash, tallied, gate),
        *_kinds_are_accepted(tallied, gate),
        *_few_strand(tallied, gate),
    )
    if found:
        raise Refused(*found)


def _plan_is_expected(plan_hash: str, tallied: Tally, gate: Gate) -> Iterator[Refusal]:
    if gate.expect_plan is not None and gate.expect_plan != plan_hash:
        strands = "; ".join(_shown(strand, count) for strand, count in tallied.stranded_by)
        message = (
            f"The plan is {plan_hash} and not {gate.expect_plan}. Now would strand: "
            f"{strands or 'nobody'}. Look at the preview, and approve it by its planHash."
        )
        yield Refusal(Code.PLAN_DRIFTED, message, "/expectPlan", (plan_hash, gate.expect_plan))


def _kinds_are_accepted(tallied: Tally, gate: Gate) -> Iterator[Refusal]:
    if gate.accept is None:
        return
    accepted = {kind.strand: kind.limit for kind in gate.accept}
    for strand, count in tallied.stranded_by:
        limit = accepted.get(strand, 0)
        if strand not in accepted or (limit is not None and count > limit):
            message = (
                f"Would strand: {_shown(strand, count)}; the gate accepts "
                f"{limit if strand in accepted else 'none of these'}. Map them, or accept them."
            )
            objects = (strand.version, strand.state, strand.reason)
            yield Refusal(Code.PLAN_DRIFTED, message, "/gate/accept", objects)


def _few_strand(tallied: Tally, gate: Gate) -> Iterator[Refusal]:
    if gate.max_stranded is None:
        return
    limit = stranding_limit(gate.max_stranded, tallied.concerned)
    if tallied.stranded > limit:
        message = (
            f"{tallied.stranded} of {tallied.concerned} actors concerned would strand, and "
            f"maxStranded is {gate.max_stranded}. Map the states they are in (the preview lists "
            "them), or raise maxStranded."
        )
        yield Refusal(Code.TOO_MANY_STRANDED, message, "/maxStranded")


def stranding_limit(max_stranded: int | str, concerned: int) -> Fraction:
    """How many may strand: a count, or a percentage of those concerned."""
    text = str(max_stranded).strip()
    if text.endswith("%"):
        return Fraction(text[:-1].strip()) * concerned / 100
    return Fraction(text)


def _shown(strand: Strand, count: int) -> str:
    return f"{count} in {strand.state} of {strand.version}: {strand.reason}"
