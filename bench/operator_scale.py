"""The operator's budget: N definitions with a migration each, from creation to all Ready.

`python bench/operator_scale.py [N lines|chain]` starts the real parts, prints one JSON line, and
leaves nothing: N definitions with a migration each, in workflows of four of them and the version
from which the first one comes; or all of them in one workflow. What the operator asks of the API
server is read from the audit log.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.cluster import Manifest, definition  # noqa: E402
from support.parts.site import ProgramPart, Site  # noqa: E402

WRITES = ("create", "update", "patch", "delete", "deletecollection")
IDLE_SECONDS = 60.0
LINE = 4
"""Definitions with a migration in a workflow."""


def line(workflow: str, count: int) -> list[Manifest]:
    """One workflow: a version, and so many more, each with a migration from the one before."""
    made = [definition(f"{workflow}-0000", workflow)]
    for number in range(1, count + 1):
        migrations = [{"name": "all", "from": f"{workflow}-{number - 1:04}"}]
        made.append(definition(f"{workflow}-{number:04}", workflow, migrations=migrations))
    return made


def definitions(count: int, shape: str) -> list[Manifest]:
    if shape == "chain":
        return line("chain", count)
    return [one for number in range(count // LINE) for one in line(f"flow-{number:04}", LINE)]


def writes(site: Site) -> Counter[str]:
    """What the operator has written so far, by resource."""
    asked = (one for one in site.plane.asked() if one["verb"] in WRITES)
    return Counter(one["objectRef"]["resource"] for one in asked)


def looks(site: Site) -> int:
    """How often the operator has asked the runtime for a workflow, as its metrics say."""
    headers = {"x-api-key": site.runtime.operator_key}
    request = urllib.request.Request(f"{site.runtime.url}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
    rows = [row for row in text.splitlines() if "getWorkflow" in row and "_count" in row]
    return sum(int(float(row.rpartition(" ")[2])) for row in rows)


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
    made = definitions(count, shape)
    workflows = len({one["spec"]["workflow"] for one in made})
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": made})
    started = time.monotonic()
    site.plane.kubectl("create", "-f", "-", stdin=text)
    created = time.monotonic()
    while not all_ready(site, len(made)):
        time.sleep(0.5)
    ready = time.monotonic()
    operator = next(part for part in site.parts if part.name == "operator")
    assert isinstance(operator, ProgramPart)
    peak = megabytes(operator.pid)
    settled = quiet(site)
    operator.stop()
    before, seen = writes(site), looks(site)
    restarted = time.monotonic()
    operator.start()
    while looks(site) < seen + workflows:
        time.sleep(0.2)
    restart = time.monotonic() - restarted
    time.sleep(5)
    of_restart, before = writes(site) - before, writes(site)
    time.sleep(IDLE_SECONDS)
    return {
        "objects": len(made),
        "with_a_migration": sum("migrations" in one["spec"] for one in made),
        "shape": shape,
        "created_s": round(created - started, 1),
        "ready_after_last_s": round(ready - created, 1),
        "peak_mb": round(peak, 1),
        "quiet_after_s": round(settled - ready, 1),
        "restart_s": round(restart, 1),
        "writes_of_restart": dict(of_restart),
        "writes_of_idle_minute": dict(writes(site) - before),
        "requests": dict(Counter(one["verb"] for one in site.plane.asked())),
    }


def quiet(site: Site) -> float:
    """When nothing but the Lease had been written for a while; counts come a minute later."""
    before, since = writes(site), time.monotonic()
    while time.monotonic() - since < 20:
        time.sleep(1)
        now = writes(site)
        if {**now, "leases": 0} != {**before, "leases": 0}:
            before, since = now, time.monotonic()
    return since


if __name__ == "__main__":
    main(*(int(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 2 else (1000, "lines"))
