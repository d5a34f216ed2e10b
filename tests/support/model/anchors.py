"""What the history must show."""

from __future__ import annotations

from support.model.charts import parts
from support.model.world import Actor, Anchor, Types


def matches(anchor: Anchor, actor: Actor) -> bool:
    """The history starts with the path, and each named region's history with its path."""
    if not _starts_with(actor.history, anchor.history):
        return False
    return all(
        _starts_with(actor.regions.get(region, []), path) for region, path in anchor.regions.items()
    )


def _starts_with(history: list[str], path: Types) -> bool:
    return tuple(history[: len(path)]) == path


def specificity(anchor: Anchor) -> tuple[int, int]:
    """The sum of the depths of the named regions, then the number of anchored events."""
    depths = sum(len(parts(region)) for region in anchor.regions)
    events = len(anchor.history) + sum(len(path) for path in anchor.regions.values())
    return depths, events


def ambiguous(one: Anchor, other: Anchor) -> bool:
    """Both can match, and neither is more specific."""
    return _both_can_match(one, other) and specificity(one) == specificity(other)


def _both_can_match(one: Anchor, other: Anchor) -> bool:
    pairs = [(one.history, other.history)]
    pairs += [(one.regions[r], other.regions[r]) for r in one.regions if r in other.regions]
    return not any(_contradict(a, b) for a, b in pairs)


def _contradict(one: Types, other: Types) -> bool:
    return any(a != b for a, b in zip(one, other, strict=False))
