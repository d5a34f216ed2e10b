# ruff: noqa: E501 - a table of rules, and a program for the shell
"""Break each rule of the routing once, and see a test fail.

Every entry is one sentence of the law with the line that carries it out and a wrong line in its
place. The unit tests of the core run against a copy of the sources with that one change; if they
still pass, the sentence is not tested, and this program says so and fails.

    python tools/mutation/routing.py [part of a sentence]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = "runtime/src/statekeep/core"
LIMIT = 60
"""Seconds; a rule without which a walk never ends is noticed too."""
TESTS = ("history", "anchors", "graph", "law", "landing", "evaluate", "by_hand", "registration")
TESTS = (*TESTS, "plan", "cohort")

RULES: tuple[tuple[str, str, str, str], ...] = (
    ("law", "a point before the position is over", ">= traveller.since", "> traveller.since"),
    ("law", "every point counts from the position on", ">= traveller.since", ">= 0"),
    (
        "law",
        "the anchor must match",
        "return matches(point.anchor, traveller.history, traveller.regions)",
        "return True",
    ),
    ("law", "the earliest clock first", "return point.clock, -depths", "return -point.clock, -depths"),
    ("law", "then depths of regions", "-depths, -events", "depths, -events"),
    ("law", "then anchored events", "-depths, -events", "-depths, events"),
    (
        "law",
        "the highest refinement stands for its point",
        "point.refinement > rival.refinement",
        "point.refinement < rival.refinement",
    ),
    ("law", "a closed point picks nobody", "if not p.closed", "if True"),
    (
        "law",
        "a closed refinement hides the lower ones",
        "for point in points:\n        rival",
        "for point in (p for p in points if not p.closed):\n        rival",
    ),
    ("anchors", "the history begins with the path", "history.starts_with(anchor.history_path)", "True"),
    (
        "anchors",
        "a match is confirmed on event types",
        "if not history.starts_with(anchor.history_path)",
        "if history.fingerprint != fingerprint_of(anchor.history_path)",
    ),
    ("anchors", "all regions count", "return all(_region_begins", "return any(_region_begins"),
    ("anchors", "one history is not another region's", "lived.get(region), path)", "history, path)"),
    ("anchors", "specificity sums depths", "len(split_path(region)) for", "1 for"),
    (
        "anchors",
        "specificity counts the events of regions",
        "len(self.history_path) + sum(len(path) for _, path in self.regions)",
        "len(self.history_path)",
    ),
    ("anchors", "equal specificity is ambiguous", "one.specificity == other.specificity and ", ""),
    ("anchors", "contradiction is not ambiguous", " and can_both_match(one, other)", ""),
    ("anchors", "regions can contradict", "other.history_path), *shared)", "other.history_path),)"),
    ("history", "a type is closed", "encode() + END_OF_TYPE\n        f", "encode()\n        f"),
    ("history", "regions have seeds", "return cls(region_seed(region))", "return cls()"),
    ("graph", "ancestors are found over several steps", "waiting.extend(new)", "pass"),
    ("graph", "the source itself is behind", "target == source or ", ""),
    ("mapping", "the longest key wins", "range(len(leaf), 0, -1)", "range(1, len(leaf) + 1)"),
    ("mapping", "an ancestor key covers a leaf", "range(len(leaf), 0, -1)", "(len(leaf),)"),
    (
        "mapping",
        "an ancestor key carries the rest along",
        "if _carries(arrival, key, targets[0], rest)",
        "if False",
    ),
    ("mapping", "several targets carry nothing", "if len(targets) == 1:", "if targets:"),
    ("mapping", "only a target of the key's kind carries", "or mapped.kind != goal.kind", ""),
    (
        "mapping",
        "the rest must be of the same kinds",
        "return same_kinds(arrival.source, key, arrival.target, target, rest)",
        "return arrival.target.node_at(target + rest) is not None",
    ),
    (
        "mapping",
        "an uncovered leaf may keep its place",
        "arrival.on_source and keeps_place(arrival.source, arrival.target, leaf)",
        "False",
    ),
    ("mapping", "off the source every leaf must be covered", "elif arrival.on_source and", "elif"),
    ("mapping", "a conflict strands", "if rivals is None:", "if True:"),
    ("mapping", "a mapping that covers nothing leaves the rule", "return None\n    goals", "pass\n    goals"),
    ("place", "the root's kind counts for an uncovered leaf", "return root and same", "return same"),
    ("place", "a history state is not there", "None if node is None or node.is_history else", ""),
    ("place", "a region is the child of a parallel state", ".kind == Kind.PARALLEL", ".kind != Kind.ATOMIC"),
    ("same", "off the source Same is no landing", "if not arrival.on_source:", "if False:"),
    ("same", "the first leaf in document order speaks", "for leaf in leaves:", "for leaf in leaves[::-1]:"),
    ("same", "kinds must be the same", "here.kind != there.kind", "False"),
    ("same", "the root's kind counts", "for depth in range(len(path) + 1)", "for depth in range(1, len(path) + 1)"),
    ("same", "the leaf's own kind counts", "for depth in range(len(path) + 1)", "for depth in range(len(path))"),
    ("same", "moved means exactly one", "if len(same_key) != 1:", "if not same_key:"),
    ("same", "a history state is no place to move to", " and not n.is_history]", "]"),
    ("same", "no region may be empty", "if region is None else missing(region)", ""),
    ("same", "only active parallel states count", "PARALLEL and holds(target, node.index, goals)", "PARALLEL"),
    ("same", "a history state is no region", "if not target.nodes[child].is_history and", "if"),
    ("landing", "the mapping comes before the rule", "for landing in LANDINGS)", "for landing in LANDINGS[::-1])"),
    ("landing", "the own version must explain the state", "own.configuration != arrival.configuration", "False"),
    ("landing", "the own walk must accept every event", "isinstance(own, Stopped) or own", "not isinstance(own, Stopped) and own"),
    ("landing", "an endless own walk is not stable", "if isinstance(own, Endless):\n        return _endless(arrival.version, own)", "if isinstance(own, Endless):\n        return _unexplained(arrival)"),
    ("landing", "the regions of a replay are those of the walk", "Landed(end.configuration, end.regions())", "Landed(end.configuration, ())"),
    ("landing", "regions survive other landings", "Landed(placed, kept_regions(target, cohort.regions))", "Landed(placed, ())"),
    ("carry", "only regions of the target survive", "if is_region(target, region))", ")"),
    ("carry", "recorded history is kept", "kept.append((there.index, nodes))", "pass"),
    ("carry", "all that was recorded must be there", "or len(nodes) < len(recorded)", ""),
    ("carry", "a record must be a legal one", "if conflict(target, nodes) is None:", "if True:"),
    ("carry", "no done for what was complete", "return frozenset(node.index for node in complete if node is not None)", "return frozenset()"),
    ("carry", "what is not active is not complete", "if holds(source, node.index, configuration.leaves)\n        and is_complete", "if is_complete"),
    ("place", "kinds must agree for records and done", "and there.kind == source.nodes[node].kind else", "else"),
    ("pursuit", "the law goes on after a failed pick", "while pursuit.taken is None:", "while pursuit.taken is None and not pursuit.picked:"),
    ("pursuit", "the own version comes first at one clock", "(found[0].clock, found[1])", "(found[0].clock, -found[1])"),
    ("pursuit", "the earliest clock comes first", "(found[0].clock, found[1])", "(found[1], found[0].clock)"),
    ("pursuit", "one pick for each clock and stop", "else clock + 1", "else clock"),
    ("pursuit", "ways are tried at the clock of a failed own pick", "clock if rank > last_rank else", ""),
    ("pursuit", "only points that rescue pick on the way", "if point.rescues)", ")"),
    ("pursuit", "the way counts from the pick that put it there", "yield stop.clock, rescuing", "yield cohort.position, rescuing"),
    ("pursuit", "a failed pick puts its target on the way", "way = _joined(pursuit.way, WayPoint(point.target, point.clock))", "way = pursuit.way"),
    ("pursuit", "the first entry on the way counts", "return way if any(point.version == new.version for point in way) else (*way, new)", "return (*(p for p in way if p.version != new.version), new)"),
    ("pursuit", "the old way is kept", "way = cohort.stranding.way if cohort.stranding else ()", "way = ()"),
    ("pursuit", "the first pick is what strands", "pursuit.failure or answer, way", "answer, way"),
    ("pursuit", "the record names the first pick", "first = pursuit.picked[0]", "first = pursuit.picked[-1]"),
    ("pursuit", "whileStranded is the first pick's", "while_stranded=first.while_stranded", 'while_stranded="Continue"'),
    ("evaluate", "the law is applied again after a landing", "before, cohort = cohort, _arrived", "if landings:\n            break\n        before, cohort = cohort, _arrived"),
    ("evaluate", "done actors are not routed", "while not cohort.configuration.done:", "while True:"),
    ("evaluate", "the position becomes the pick's clock", "Cohort(point.target, point.clock,", "Cohort(point.target, cohort.position,"),
    ("evaluate", "picking nothing leaves the record", "replace(cohort, stranding=stranding) if stranding else cohort", "replace(cohort, stranding=stranding)"),
    ("evaluate", "the record goes when the actor is done", "stranding=None if result.configuration.done else cohort.stranding", "stranding=cohort.stranding"),
    ("evaluate", "only accepted events enter the history", "if not result.accepted:", "if False:"),
    ("evaluate", "regions remember what was taken there", "lived.get(region, History.for_region(region)).append(event_type)", "lived.get(region, History.for_region(region))"),
    ("evaluate", "the spawn's position is its version's clock", "clock = registry.clock_of(version_id)", "clock = registry.clock"),
    ("evaluate", "done actors are not concerned", "if cohort.configuration.done:\n        return ()", "if False:\n        return ()"),
    ("evaluate", "those on the way are concerned by what rescues", "if point.rescues and point.source in way", "if point.source in way"),
    ("evaluate", "those on the way are concerned", "if point.rescues and point.source in way", "if False"),
    ("evaluate", "the first by name speaks for a stay", "key=lambda point: point.name", "key=lambda point: (point.name,), reverse=True"),
    ("evaluate", "stranded means involved by the registration", '== "needs_rescue" and involved', '== "needs_rescue"'),
    ("evaluate", "who moved and stranded is stranded", "bool(course.landings) or any(", "any("),
    ("evaluate", "who was picked and stranded is stranded", "or any(point.name in course.picked for point in new_points)", ""),
    ("evaluate", "a strand is recorded when it says something new", "if now is None or _says_the_same(last, now):", "if now is None:"),
    ("evaluate", "another reason is something new", "and last.reason == now.reason", ""),
    ("evaluate", "another first pick is something new", "last.change_point == now.change_point", "True"),
    ("evaluate", "another way is something new", "and last.way == now.way", ""),
    ("evaluate", "rescued: there was a record", "before.stranding is not None or ", ""),
    ("evaluate", "rescued: an earlier pick failed", " or pursuit.failure is not None", ""),
    ("evaluate", "a registration records every strand", 'return (decisions.stranded(registry, course.cohort, now),)\n    strand', 'return _new_strand(registry, before, course)\n    strand'),
    ("proposal", "a refinement has the clock of its point", "clock=refined.clock if refined else clock", "clock=clock"),
    ("proposal", "a refinement has the anchor of its point", "return self.refined.anchor", "return Anchor()"),
    ("proposal", "Replay is the default of an accepted anchor", 'return "Replay" if replayable', 'return "Same" if replayable'),
    ("proposal", "a wildcard does not replay by default", "not anchor.is_wildcard and ", ""),
    ("registry", "Once closes itself", 'point.evaluation == "Once"', "False"),
    ("registration", "a registration ticks", "after = tick(registry)\n    version", "after = registry\n    version"),
    ("by_hand", "a rescue ticks", "after = tick(registry)", "after = registry"),
    ("by_hand", "recorded history is forgotten", "leaves, (), complete", "leaves, __import__('statekeep.core.carry').core.carry.kept_records(source, target, cohort.configuration), complete"),
    ("by_hand", "regions keep their history", "regions=kept_regions(version.machine, cohort.regions)", "regions=()"),
    ("gate", "the limit itself is allowed", "tallied.stranded > limit", "tallied.stranded >= limit"),
    ("gate", "a share is of those concerned", "* concerned / 100", "* 100 / 100"),
    ("gate", "an unlisted kind is drift", "strand not in accepted or", "strand in accepted and"),
    ("plan", "the hash names the kinds of stranding", '"strands": [strand.to_json() for strand in strands],', ""),
    ("plan", "the hash names the change-points", "[point.rules_json() for point in registration.points]", "[]"),
)  # fmt: skip


def survives(copy: Path, module: str, right: str, wrong: str) -> bool:
    """Whether all tests pass although the rule is broken."""
    path = copy / CORE / f"{module}.py"
    text = path.read_text()
    if right not in text:
        message = f"{module}.py no longer holds: {right}"
        raise SystemExit(message)
    path.write_text(text.replace(right, wrong, 1))
    tests = [str(ROOT / f"tests/unit/core/test_{name}.py") for name in TESTS]
    places = (copy / "runtime/src", ROOT / "tests")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, places)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        ran = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        path.write_text(text)
    return ran.returncode == 0


def main() -> int:
    """Break rule after rule; answer 1 if any goes unnoticed."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    unnoticed = 0
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        shutil.copytree(ROOT / "runtime/src", copy / "runtime/src")
        for module, sentence, right, wrong in RULES:
            if wanted in f"{module}: {sentence}":
                survived = survives(copy, module, right, wrong)
                unnoticed += survived
                print(
                    f"{'UNNOTICED' if survived else 'noticed  '}  {module}: {sentence}", flush=True
                )
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
