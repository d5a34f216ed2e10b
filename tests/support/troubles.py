"""What can be wrong with an object, and how to get there: the cases of docs/troubleshooting.md.

Each trouble is a set of manifests on top of two healthy definitions; the last one is in trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from support.cluster import Manifest, change_point, definition, machine

V1 = definition("loan-v1")
V2 = definition("loan-v2")
OTHER = definition("claim-v1", "claim")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way to be in trouble, and the way out in a sentence."""

    title: str
    reason: str
    wrong: Manifest
    way_out: str
    before: tuple[Manifest, ...] = (V1, V2)
    """Applied, and ready, before the wrong one is."""
    beside: tuple[Manifest, ...] = ()
    """Applied together with the wrong one."""
    actors: int = 0
    """On loan-v1, in its first state."""
    refused: bool = False
    """Whether the API server refuses it, so that nothing is stored."""


def _v3(*migrations: Manifest, **spec: Any) -> Manifest:
    return definition("loan-v3", migrations=list(migrations), **spec)


def _changed(manifest: Manifest, **spec: Any) -> Manifest:
    return {**manifest, "spec": {**manifest["spec"], **spec}}


MOVED: Manifest = {"name": "all", "from": "loan-v1"}
V2_MOVED = definition("loan-v2", migrations=[MOVED])
BROKEN = {"initial": "draught", "states": {"draft": {"on": {"SUBMIT": "reviw"}}}}
DUPLICATE = {
    "initial": "a",
    "states": {"a": {"on": {"GO": "b"}, "true": {"STOP": "b"}}, "b": {"type": "final"}},
}
BOOLEAN = {"initial": "a", "states": {"a": {"on": {"GO": "b"}}, "b": {}, "false": {}}}


TROUBLES: tuple[Trouble, ...] = (
    Trouble(
        "A machine that is wrong",
        "InvalidDefinition",
        _v3(definition=BROKEN),
        "Mend what the message lists; `statekeep lint FILE` finds the same, with line numbers.",
    ),
    Trouble(
        "`on` beside `true`",
        "InvalidDefinition",
        _v3(definition=DUPLICATE),
        'Two tools wrote the same key differently. Quote `"on"` in every manifest.',
    ),
    Trouble(
        "A state that YAML made a boolean",
        "InvalidDefinition",
        _v3(definition=BOOLEAN),
        "Quote the word, or give the machine as `definitionJSON`.",
    ),
    Trouble(
        "An unknown parent",
        "UnknownVersion",
        _v3({"name": "all", "from": "loan-v0"}),
        "Apply the definition that is missing, or correct the name. It goes on by itself.",
    ),
    Trouble(
        "A backward migration",
        "BackwardMigration",
        change_point("back", from_="loan-v2", to="loan-v1"),
        "Publish the old content as a new version, with a migration to it.",
        before=(V1, V2_MOVED),
    ),
    Trouble(
        "Anchors that could both match",
        "AmbiguousAnchors",
        _v3(
            {"name": "one", "from": "loan-v1", "regions": {"p.fee": ["PAY"]}},
            {"name": "two", "from": "loan-v1", "regions": {"p.docs": ["SEND"]}},
        ),
        "Lengthen one of them, or let one contradict the other.",
        before=(
            definition(
                "loan-v1",
                definition={
                    "initial": "p",
                    "states": {
                        "p": {
                            "type": "parallel",
                            "states": {
                                "docs": {
                                    "initial": "x",
                                    "states": {"x": {"on": {"SEND": "y"}}, "y": {}},
                                },
                                "fee": {
                                    "initial": "x",
                                    "states": {"x": {"on": {"PAY": "y"}}, "y": {}},
                                },
                            },
                        }
                    },
                },
            ),
        ),
    ),
    Trouble(
        "A version of another workflow",
        "WorkflowMismatch",
        _v3({"name": "all", "from": "claim-v1"}),
        "Actors stay in their workflow: correct `from`.",
        before=(V1, OTHER),
    ),
    Trouble(
        "A state that is not there",
        "MappingUnknownTarget",
        _v3({**MOVED, "stateMapping": {"review": "reviewed"}}),
        "Name states of the target version.",
    ),
    Trouble(
        "A history that the target does not accept",
        "AnchorNotAccepted",
        _v3({**MOVED, "historyPath": ["SUBMIT", "PAY"], "landing": "Replay"}),
        "Use `landing: Same`, or say with `stateMapping` where they land.",
    ),
    Trouble(
        "A machine that was changed in place",
        "DefinitionExists",
        _changed(V2, definition=machine(draft="SUBMIT", other="APPROVE")),
        "A version never changes: publish the new machine under a new name. Reverting the change "
        "makes the object ready again.",
    ),
    Trouble(
        "A mapping of an applied ChangePoint that was changed",
        "ChangePointExists",
        change_point("move", from_="loan-v1", to="loan-v2", stateMapping={"review": "draft"}),
        "Register a new ChangePoint, or one that `refines` this one.",
        before=(V1, V2, change_point("move", from_="loan-v1", to="loan-v2")),
    ),
    Trouble(
        "Two migrations whose order would matter",
        "OrderUnknown",
        change_point("rest", from_="loan-v1", to="loan-v2"),
        "Give each of them a `spec.clock`; the smaller one goes first.",
        beside=(change_point("fee", from_="loan-v1", to="loan-v2", historyPath=["SUBMIT"]),),
    ),
    Trouble(
        "Too many would strand",
        "TooManyStranded",
        _v3({**MOVED, "landing": "MappingOnly"}, gate={"maxStranded": 0}),
        "Map the states that would strand, or accept them: `status.preview.accept` can be pasted "
        "into `spec.gate.accept`.",
        actors=2,
    ),
    Trouble(
        "Both `definition` and `definitionJSON`",
        "FieldValueInvalid",
        _v3(definition=machine(a="GO"), definitionJSON="{}"),
        "Give exactly one of them.",
        refused=True,
    ),
    Trouble(
        "A workflow that was changed in place",
        "FieldValueInvalid",
        _changed(V2, workflow="other"),
        "Publish the machine under a new name instead.",
        refused=True,
    ),
    Trouble(
        "A journal that was changed in place",
        "FieldValueInvalid",
        _changed(V2, journal="Full"),
        "Publish the machine under a new name instead.",
        refused=True,
    ),
    Trouble(
        "Neither `definition` nor `definitionJSON`",
        "FieldValueInvalid",
        _v3(definition=None),
        "Give exactly one of them.",
        refused=True,
    ),
    Trouble(
        "An object that is too large",
        "FieldValueInvalid",
        _v3(definitionJSON="[" + "1," * 70_000 + "1]"),
        "A machine has at most 128 KiB: split the workflow.",
        refused=True,
    ),
)
