"""The operator's budget: N definitions with a migration each, from creation to all Ready.

`python bench/operator_scale.py [N pairs|chain]` starts the real parts, prints one JSON line, and
leaves nothing: 500 workflows of two versions, or one workflow of N versions.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.cluster import definition  # noqa: E402
from support.parts.site import ProgramPart, Site  # noqa: E402

WRITES = ("POST", "PUT", "PATCH", "DELETE", "APPLY")
IDLE_SECONDS = 60.0


def chain(count: int) -> list[dict[str, object]]:
    """One workflow, each version with a migration from the one before."""
    made = [definition("chain-0000", "chain")]
    for number in range(1, count):
        migrations = [{"name": "all", "from": f"chain-{number - 1:04}"}]
        made.append(definition(f"chain-{number:04}", "chain", migrations=migrations))
    return made


def pairs(count: int) -> list[dict[str, object]]:
    """Workflows of two versions, the second with a migration from the first."""
    made = []
    for number in range(count // 2):
        workflow = f"flow-{number:04}"
        made.append(definition(f"{workflow}-v1", workflow))
        migrations = [{"name": "all", "from": f"{workflow}-v1"}]
        made.append(definition(f"{workflow}-v2", workflow, migrations=migrations))
    return made


def writes(site: Site) -> Counter[str]:
    """What was written to the API server so far, by resource, as its metrics say."""
    found: Counter[str] = Counter()
    for line in site.plane.kubectl("get", "--raw", "/metrics").stdout.splitlines():
        if not line.startswith("apiserver_request_total{"):
            continue
        labels = dict(
            part.split("=", 1) for part in line[line.index("{") + 1 : line.index("}")].split(",")
        )
        verb, resource = labels["verb"].strip('"'), labels["resource"].strip('"')
        if verb in WRITES and resource in (
            "workflowdefinitions",
            "changepoints",
            "events",
            "leases",
        ):
            found[resource] += int(float(line.rpartition(" ")[2]))
    return found


def all_ready(site: Site, count: int) -> bool:
    path = "{range .items[*]}{.status.conditions[?(@.type=='Ready')].status}{'\\n'}{end}"
    listed = site.plane.kubectl("get", "wd", "-A", "-o", f"jsonpath={path}").stdout.split()
    return listed.count("True") == count


def megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(count: int, shape: str) -> None:
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    here = Path(tempfile.mkdtemp(prefix="bench-", dir=local))
    try:
        with Site(here) as site:
            print(json.dumps(measured(site, count, shape)))
    finally:
        shutil.rmtree(here, ignore_errors=True)


def measured(site: Site, count: int, shape: str) -> dict[str, object]:
    made = chain(count) if shape == "chain" else pairs(count)
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": made})
    started = time.monotonic()
    site.plane.kubectl("create", "-f", "-", stdin=text)
    created = time.monotonic()
    while not all_ready(site, count):
        time.sleep(0.5)
    ready = time.monotonic()
    operator = next(part for part in site.parts if part.name == "operator")
    assert isinstance(operator, ProgramPart)
    peak = megabytes(operator.pid)
    time.sleep(75)  # counts that came after are written once
    before = writes(site)
    operator.stop()
    restarted = time.monotonic()
    operator.start()
    restart = time.monotonic() - restarted
    time.sleep(20)
    after_restart = writes(site) - before
    before = writes(site)
    time.sleep(IDLE_SECONDS)
    return {
        "definitions": count,
        "shape": shape,
        "created_s": round(created - started, 1),
        "ready_after_last_s": round(ready - created, 1),
        "peak_mb": round(peak, 1),
        "restart_s": round(restart, 1),
        "writes_of_restart": dict(after_restart),
        "writes_of_idle_minute": dict(writes(site) - before),
    }


if __name__ == "__main__":
    main(*(int(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 2 else (1000, "pairs"))
