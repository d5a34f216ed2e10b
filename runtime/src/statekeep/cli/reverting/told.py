"""What a revert will do, in sentences, before anything of it is applied."""

from __future__ import annotations

from statekeep.cli.output import printable
from statekeep.cli.people import counted
from statekeep.cli.reverting.forward import Forward


def told(forward: Forward) -> list[str]:
    """The sentences that head the manifests, or stand beside the body."""
    facts, wish, counts = forward.facts, forward.wish, forward.preview.counts
    lines = [
        f"{wish.id} has the content of {facts.before.id}, {facts.before.digest[:19]}…",
        f"It takes those on {facts.undone.id}, by {wish.landing}.",
    ]
    if facts.stuck_before:
        versions = ", ".join(facts.stuck_before)
        lines.append(
            f"It takes everybody on {versions} too, where actors are stranded on their way to"
            f" {facts.undone.id}."
        )
    lines += [
        f"{point.name} is closed: it takes nobody from {point.source} to {point.to} any more."
        for point in facts.led_here
    ]
    lines.append(
        f"Now {counted(counts.would_migrate, 'actor')} would migrate, {counts.would_stay:,} would"
        f" stay, {counts.would_strand:,} would strand."
    )
    return [*lines, *_stranding(forward)]


def _stranding(forward: Forward) -> list[str]:
    kinds = [kind for kind in forward.preview.by_state if kind.verdict == "stranded"]
    if not kinds:
        return []
    lines = [
        f"  {kind.count:,} in {printable(kind.state)} of {kind.version}: {kind.reason}"
        for kind in kinds
    ]
    return [
        *lines,
        "The gate lets nobody move before they have a landing: say where with --map STATE=TARGET.",
    ]


def closings(forward: Forward) -> list[str]:
    """The commands that close what no manifest owns."""
    workflow = forward.facts.workflow
    return [
        f"statekeep close {point.name} --workflow {workflow}"
        for point in forward.facts.led_here
        if point.owner is None
    ]
