"""A cluster with nodes that somebody has given us: `E2E_KUBECONFIG`, and images that it has.

Everything goes through kubectl and helm, also the calls of people and the traffic, which are
commands in a pod: so it works on any cluster, whatever its network is.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.charts import CHART, ROOT, Manifest
from support.operators import eventually
from support.parts.binaries import Binaries

NAME = "statekeep"
RUNTIME, OPERATOR, VALKEY = f"{NAME}-runtime", f"{NAME}-operator", f"{NAME}-valkey"
PEOPLE = "people"
SCRIPTS = ROOT / "tests" / "e2e" / "traffic.py"
WAIT = "--timeout=180s"


class Failed(AssertionError):
    """A command did not do what it should; the message has what it said."""


@dataclass(frozen=True)
class Given:
    """What the environment names."""

    kubeconfig: Path
    image: str
    old_image: str
    valkey_image: str

    @classmethod
    def from_environment(cls) -> Given:
        image = os.environ["E2E_IMAGE"]
        return cls(
            Path(os.environ["E2E_KUBECONFIG"]),
            image,
            os.environ.get("E2E_OLD_IMAGE") or image,
            os.environ.get("E2E_VALKEY_IMAGE", ""),
        )

    def values(self, image: str | None = None) -> tuple[str, ...]:
        """The values that say which images there are; all others are the defaults."""
        repository, _, tag = (image or self.image).rpartition(":")
        found = [f"image.repository={repository}", f"image.tag={tag}"]
        if self.valkey_image:
            repository, _, tag = self.valkey_image.rpartition(":")
            found += [f"valkey.image.repository={repository}", f"valkey.image.tag={tag}"]
        return tuple(word for value in found for word in ("--set-string", value))


@dataclass
class Live:
    """A release of the chart in a namespace that enforces Pod Security "restricted"."""

    binaries: Binaries
    given: Given
    namespace: str
    tenant: str
    report: dict[str, str]
    key: str = field(default="", repr=False)

    # --- commands -------------------------------------------------------------------------------

    def run(self, program: str, *arguments: str, stdin: str | None = None) -> str:
        run = self._run(program, *arguments, stdin=stdin)
        if run.returncode != 0:
            raise Failed(f"{program} {' '.join(arguments)}: {run.stderr}{run.stdout}")
        return run.stdout

    def tried(self, program: str, *arguments: str) -> tuple[int, str]:
        """The exit code, and everything that was said."""
        run = self._run(program, *arguments)
        return run.returncode, run.stdout + run.stderr

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.run("kubectl", "-n", self.namespace, *arguments, stdin=stdin)

    def desk(self, *arguments: str, stdin: str | None = None) -> str:
        """kubectl where the workflows are."""
        return self.run("kubectl", "-n", self.tenant, *arguments, stdin=stdin)

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def helm(self, verb: str, *arguments: str) -> str:
        return self.run("helm", verb, NAME, *arguments, "-n", self.namespace)

    def install(self, *values: str, chart: Path = CHART, image: str | None = None) -> float:
        """Install and wait; the seconds it took."""
        start = time.monotonic()
        self.helm("install", str(chart), *self.given.values(image), *values, "--wait", WAIT)
        return time.monotonic() - start

    def upgrade(self, *values: str, chart: Path = CHART) -> float:
        start = time.monotonic()
        self.helm("upgrade", str(chart), *self.given.values(), *values, "--wait", WAIT)
        return time.monotonic() - start

    def popen(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.binaries[program]), *arguments],
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    # --- people ---------------------------------------------------------------------------------

    def bring_people(self) -> None:
        """A pod with the command line, a key of the tenant, and the traffic script."""
        text = SCRIPTS.read_text()
        config = {"metadata": {"name": PEOPLE}, "data": {"traffic.py": text}}
        self.apply({"apiVersion": "v1", "kind": "ConfigMap", **config})
        self.apply(self._people())
        self.kubectl("wait", "--for=condition=Ready", f"pod/{PEOPLE}", WAIT)
        encoded = self.get("secret", f"{NAME}-api")["data"]["operator-key"]
        operator = base64.b64decode(encoded).decode()
        make = ("keys", "create", "--role", "admin", "--tenant", self.tenant)
        self.key = self.cli(*make, key=operator).strip()

    def apply(self, manifest: Manifest) -> None:
        self.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    def cli(self, *arguments: str, key: str | None = None) -> str:
        """`statekeep …`, as people type it."""
        return self.kubectl(*self.in_people(key), "statekeep", *arguments)

    def spawn(self, version: str, *events: str) -> str:
        actor = self.cli("spawn", version).strip()
        if events:
            self.cli("send", actor, *events)
        return actor

    def place_of(self, actor: str) -> tuple[str, str]:
        found = json.loads(self.cli("get", actor, "-o", "json"))
        return found["version"], found["stateValue"]

    @contextmanager
    def traffic(self, *options: str) -> Iterator[dict[str, Any]]:
        """Traffic while the block runs; what it saw is in the dict afterwards."""
        stop = "/tmp/stop-traffic"
        self.kubectl(*self.in_people(), "rm", "-f", stop)
        command = ("python", "/e2e/traffic.py", "--stop", stop, *options)
        whole = ("-n", self.namespace, *self.in_people(), *command)
        process = self.popen("kubectl", *whole)
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.strip() == "under way", first + process.communicate()[1]
        seen: dict[str, Any] = {}
        try:
            yield seen
        finally:
            self.kubectl(*self.in_people(), "touch", stop)
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, out[-2000:] + err[-2000:]
            seen.update(json.loads(out.splitlines()[-1]))

    # --- what there is --------------------------------------------------------------------------

    def pods(self, component: str) -> list[Manifest]:
        """The pods of a part that are not about to go."""
        label = f"app.kubernetes.io/component={component}"
        items: list[Manifest] = self.get("pods", "-l", label)["items"]
        return [pod for pod in items if "deletionTimestamp" not in pod["metadata"]]

    def settled(self) -> None:
        """Every part is rolled out."""
        for what in (f"deploy/{RUNTIME}", f"deploy/{OPERATOR}", f"statefulset/{VALKEY}"):
            self.kubectl("rollout", "status", what, WAIT)

    def ready(self, name: str, seconds: int = 60) -> Manifest:
        self.desk("wait", "--for=condition=Ready", f"wd/{name}", f"--timeout={seconds}s")
        status: Manifest = json.loads(self.desk("get", "wd", name, "-o", "json"))["status"]
        return status

    def says(self, name: str, reason: str, seconds: float = 90) -> str:
        """The message of an object that is not ready for this reason."""

        def look() -> str:
            found = json.loads(self.desk("get", "wd", name, "-o", "json"))
            told = found.get("status", {}).get("conditions", ())
            return "".join(
                c["message"] for c in told if c["type"] == "Ready" and c["reason"] == reason
            )

        return str(eventually(look, f"{name} is {reason}", seconds))

    # --- how ------------------------------------------------------------------------------------

    def in_people(self, key: str | None = None) -> tuple[str, ...]:
        """What begins a command in the pod of people."""
        variable = f"STATEKEEP_API_KEY={key or self.key}"
        return ("exec", PEOPLE, "--", "env", variable)

    def _run(
        self, program: str, *arguments: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binaries[program]), *arguments],
            env=self._environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "KUBECONFIG": str(self.given.kubeconfig)}

    def _people(self) -> Manifest:
        url = f"http://{RUNTIME}.{self.namespace}.svc:8000"
        sleeps = "import signal; signal.sigwait({signal.SIGTERM})"
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": PEOPLE, "labels": {"app": PEOPLE}},
            "spec": {
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 2,
                "securityContext": {
                    "runAsNonRoot": True,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": PEOPLE,
                        "image": self.given.image,
                        "command": ["python", "-c", sleeps],
                        "env": [{"name": "STATEKEEP_URL", "value": url}],
                        "securityContext": {
                            "allowPrivilegeEscalation": False,
                            "readOnlyRootFilesystem": True,
                            "capabilities": {"drop": ["ALL"]},
                        },
                        "volumeMounts": [
                            {"name": "tmp", "mountPath": "/tmp"},
                            {"name": "scripts", "mountPath": "/e2e"},
                        ],
                    }
                ],
                "volumes": [
                    {"name": "tmp", "emptyDir": {}},
                    {"name": "scripts", "configMap": {"name": PEOPLE}},
                ],
            },
        }
