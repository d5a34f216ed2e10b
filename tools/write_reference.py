"""Writes docs/crds.md, reasons.md, metrics.md, pictures and the alerts of operations.md.

Each from its one source: the CRDs, the tables of codes, the registry of metrics, the chart's file
of alerts. `python tools/write_reference.py` writes them; `--check` says whether that is done.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from statekeep.cli.drawing.course import course
from statekeep.cli.drawing.given import migration, of_file
from statekeep.cli.drawing.migration import svg
from statekeep.core import forecast, reasons
from statekeep.web.metrics import Metrics, WorkflowCensus
from statekeep.web.problems import KINDS
from statekeep_operator import reasons as conditions

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
ALERTS: Final = ROOT / "charts" / "statekeep" / "files" / "alerts.yaml"
WRITTEN: Final = "Written by `make docs` from {source}; a check in `make lint` holds it there.\n"
PICTURES: Final = {
    "landing": ("loan/manifests/loan-v1.yaml", "loan/manifests/loan-v2.yaml"),
    "stranding": ("chaos/manifests/issue-v1.yaml", "chaos/manifests/issue-v2.yaml"),
}
WAYS_OUT: Final = {
    "MappingIncomplete": "map the other active states too",
    "MappingConflict": "map both to one of them, or to states in different regions",
    "NotMapped": "map every active state of these actors",
    "StateMoved": "the message names the state: map the one to the other",
    "StateRemoved": "map it to the state that takes its place",
    "StateBecameAtomic": "map it to the state in which it goes on",
    "StateBecameCompound": "map it: to itself enters its initial state",
    "StateBecameParallel": "map it: to itself enters all regions at their beginnings",
    "StateBecameFinal": "map it, unless landing there is what you want: then map it to itself",
    "RegionMissing": "map one of the leaves, or the parallel state to itself",
    "HistoryDoesNotExplainState": "map the states they can be in; a replay would undo a decision",
    "HistoryNotAccepted": "map the states that they can be in, or let the target take the event",
    "LandingNotStable": "break the `always` loop in the target",
}  # fmt: skip

_CODES = """\
A code never changes its meaning. What an object in Kubernetes says beyond them is in
[troubleshooting.md](troubleshooting.md).
"""
_STRANDS = """\
The reason of `needs_rescue`, in `statekeep stranded`, `status.strandedBy`, gates and metrics.
"""
_WAITS = """\
With `Reconciling=True`; every other reason beside `Ready=False` is `Stalled=True`, and the object
must change. Most have the name of the API's code below.
"""
_REFUSALS = """\
The `code` of a problem (RFC 9457), with its status. `errors` names places by JSON pointer.
"""
_METRICS = """\
`GET /metrics`, in Prometheus' text format. The first table is for everybody who reaches the port;
the second names tenants and workflows and takes the operator's key (as `x-api-key` or bearer
token), or `--open-metrics` behind a network policy. Labels come from closed or bounded sets: never
an actor, a key or a path.
"""


def main() -> int:
    pages = {
        "crds.md": crds(),
        "reasons.md": codes(),
        "metrics.md": metrics(),
        "operations.md": operations(),
        **{f"pictures/{name}.svg": picture(*ends) for name, ends in PICTURES.items()},
    }
    stale = [name for name, text in pages.items() if not _is(DOCS / name, text)]
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"out of date, run `make docs`: {', '.join(stale)}", file=sys.stderr)
        return 1 if stale else 0
    (DOCS / "pictures").mkdir(exist_ok=True)
    for name in stale:
        (DOCS / name).write_text(pages[name], encoding="utf-8")
    return 0


def picture(source: str, target: str) -> str:
    """A migration between two manifests of the examples, as `statekeep diagram` draws it."""
    given = [of_file(str(ROOT / "examples" / name)) for name in (source, target)]
    ends = [(one.name, one.machine) for one in given]
    return svg(course(ends[0], ends[1], migration(*given, {})), {})


def _is(page: Path, text: str) -> bool:
    return page.exists() and page.read_text(encoding="utf-8") == text


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


# --- custom resources ---


def crds() -> str:
    parts = [
        "# Custom resources\n",
        WRITTEN.format(source="[crds](../crds)")
        + "How they are used is in [operator.md](operator.md).\n",
    ]
    files = sorted((ROOT / "crds").glob("*.yaml"))
    parts += [_kind(yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]) for file in files]
    return "\n".join(parts)


def _kind(spec: dict[str, Any]) -> str:
    names, version = spec["names"], spec["versions"][0]
    schema = version["schema"]["openAPIV3Schema"]
    rows = list(_fields(schema, ""))
    columns = [
        (c["name"], f"`{c['jsonPath']}`") for c in version.get("additionalPrinterColumns", ())
    ]
    short = ", ".join(names.get("shortNames", ()))
    return "\n".join(
        [
            f"## {names['kind']}\n",
            f"`{spec['group']}/{version['name']}`, {spec['scope'].lower()}, short name {short}.\n",
            table(("field", "type", "bounds", "what"), rows),
            f"`kubectl get {names['plural']}` shows:\n",
            table(("column", "from"), columns),
        ]
    )


def _fields(schema: dict[str, Any], path: str) -> Iterator[tuple[str, ...]]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        if here in ("apiVersion", "kind", "metadata"):
            continue
        needed = ", required" if name in required else ""
        yield f"`{here}`", f"{_type(field)}{needed}", _bounds(field), field.get("description", "")
        inner = field.get("items", field)
        if isinstance(inner, dict):
            yield from _fields(inner, f"{here}[]" if "items" in field else here)


def _type(field: dict[str, Any]) -> str:
    if field.get("x-kubernetes-int-or-string"):
        return "integer or string"
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    if isinstance(field.get("additionalProperties"), dict):
        return "map"
    return str(field.get("type", "any"))


def _bounds(field: dict[str, Any]) -> str:
    told = [" or ".join(f"`{value}`" for value in field["enum"])] if "enum" in field else []
    names = (
        ("maxItems", "at most {} items"),
        ("maxLength", "at most {} characters"),
        ("maxProperties", "at most {} entries"),
        ("default", "default `{}`"),
    )
    told += [says.format(field[name]) for name, says in names if name in field]
    return ", ".join(told)


# --- reasons and codes ---


def codes() -> str:
    strands = dict(_documented(reasons.StrandReason))
    if set(strands) != set(WAYS_OUT):
        raise SystemExit(f"no way out is written for {set(strands) ^ set(WAYS_OUT)}")
    waits = sorted(conditions.RECONCILING)
    return "\n".join(
        [
            "# Reasons and codes\n",
            WRITTEN.format(source="the tables of the code") + _CODES,
            "## Why an actor is stranded\n",
            _STRANDS,
            table(
                ("reason", "what", "way out"),
                [(f"`{name}`", says, WAYS_OUT[name]) for name, says in strands.items()],
            ),
            "## Why an actor stayed\n",
            table(
                ("reason", "what"),
                [(f"`{reasons.ANCHOR_NOT_MATCHED}`", _constants(reasons)["ANCHOR_NOT_MATCHED"])],
            ),
            "## What a preview warns of\n",
            table(
                ("warning", "what"),
                [(f"`{getattr(forecast, n)}`", says) for n, says in _constants(forecast).items()],
            ),
            "## What an object waits for\n",
            _WAITS,
            table(("reason", "what"), [(f"`{name}`", _waits(name)) for name in waits]),
            "## What the API refuses\n",
            _REFUSALS,
            table(
                ("code", "status", "what", "way out"),
                [
                    (f"`{code}`", str(kind.status), kind.title, kind.way_out)
                    for code, kind in sorted(KINDS.items())
                ],
            ),
        ]
    )


def _documented(owner: type) -> Iterator[tuple[str, str]]:
    """The members of an enum with the text that stands below each."""
    (found,) = ast.parse(inspect.getsource(owner)).body
    assert isinstance(found, ast.ClassDef)
    for name, says in _pairs(found.body):
        yield getattr(owner, name).value, says


def _constants(module: Any) -> dict[str, str]:
    """The string constants of a module with the text that stands below each."""
    return {
        name: says
        for name, says in _pairs(ast.parse(inspect.getsource(module)).body)
        if isinstance(getattr(module, name, None), str)
    }


def _pairs(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for one, following in pairwise(body):
        target = one.targets[0] if isinstance(one, ast.Assign) else getattr(one, "target", None)
        text = following.value if isinstance(following, ast.Expr) else None
        if isinstance(target, ast.Name) and isinstance(text, ast.Constant):
            yield target.id, str(text.value)


def _waits(name: str) -> str:
    own = {
        "Progressing": "it is being registered",
        "Suspended": "`spec.suspend` is true",
        "Frozen": "somebody has pulled the workflow's brake: `statekeep unfreeze`",
        "OrderUnknown": "its order against another one could change a verdict: pin `spec.clock`",
        "RuntimeUnavailable": "the runtime does not answer",
        "RuntimeTooOld": "the runtime lacks what the operator needs",
        "RegistryReplaced": "the runtime's store is another one: restore it, or `statekeep adopt`",
    }
    return own.get(name) or KINDS[name].title


# --- metrics ---


def metrics() -> str:
    return "\n".join(
        [
            "# Metrics\n",
            WRITTEN.format(source="the server's own registry")
            + "Alerts on them are in [operations.md](operations.md#alerts).\n",
            _METRICS,
            "## For everybody\n",
            table(("metric", "type", "labels", "what"), [_metric(m) for m in _collected("open")]),
            "## With names\n",
            table(("metric", "type", "labels", "what"), [_metric(m) for m in _collected("named")]),
        ]
    )


def _collected(which: str) -> list[Any]:
    """All families, after one of each thing has happened, so that every label is seen."""
    own = Metrics()
    own.request("deploy", 201, 0.1)
    own.event("accepted")
    own.store("event", "done", 0.001)
    own.sealing("wrapped", "k1")
    status, strand = ("active", 1), ("loan-v1", "StateRemoved", 1)
    own.census((WorkflowCensus("lending", "loan", 1, (status,), (strand,)),))
    return sorted(getattr(own, which).collect(), key=lambda family: str(family.name))


def _metric(family: Any) -> tuple[str, ...]:
    labels = sorted({name for sample in family.samples for name in sample.labels} - {"le"})
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return f"`{name}`", family.type, ", ".join(labels) or "-", family.documentation


# --- alerts ---

BEGIN: Final = "<!-- alerts: written by tools/write_reference.py -->\n"
END: Final = "<!-- end of alerts -->\n"


def operations() -> str:
    """The page with the table of alerts as the chart's file has them."""
    head, _, rest = (DOCS / "operations.md").read_text(encoding="utf-8").partition(BEGIN)
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    rows = [
        (
            f"[{rule['alert']}](#{rule['alert'].lower()})",
            rule["labels"]["severity"],
            f"`{rule['expr']}`",
            rule.get("for", "at once"),
        )
        for rule in group["rules"]
    ]
    written = table(("alert", "severity", "when", "for"), rows)
    return f"{head}{BEGIN}{written}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    sys.exit(main())
