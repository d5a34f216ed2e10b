"""A release of the chart on the control plane, its pods played, and people who use it."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from support.charts import CHART, Manifest, pods
from support.cluster import Desk
from support.kubelet import Kubelet, RunningPod
from support.operators import eventually
from support.parts.controlplane import ControlPlane

NAME = "statekeep"
JOB = f"{NAME}-first-secrets"
ORDER = ("valkey", "runtime", "operator")


@dataclass
class Release:
    """`helm` for one release, and the processes that play its pods."""

    plane: ControlPlane
    namespace: str
    kubelet: Kubelet
    options: tuple[str, ...] = ()
    api: str = f"{NAME}-api"

    @classmethod
    def new(cls, plane: ControlPlane, namespace: str, directory: Path, *options: str) -> Release:
        plane.kubectl("create", "namespace", namespace)
        level = "pod-security.kubernetes.io/enforce=restricted"
        plane.kubectl("label", "namespace", namespace, level)
        return cls(plane, namespace, Kubelet(plane, namespace, directory), options)

    def helm(self, *arguments: str) -> str:
        """Run helm; whatever Job it waits for is played, as its controller and a node would."""
        command = (*arguments, "--namespace", self.namespace)
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(self.plane.run, "helm", *command, check=False)
            while not running.done():
                self._play_job()
                time.sleep(0.1)
        run: subprocess.CompletedProcess[str] = running.result()
        assert run.returncode == 0, run.stderr
        return run.stdout

    def install(self, chart: Path = CHART) -> None:
        self.helm("install", NAME, str(chart), *self.options)

    def upgrade(self, chart: Path = CHART) -> None:
        """As docs/upgrade.md says."""
        self.helm("upgrade", NAME, str(chart), "--reset-then-reuse-values")

    def end(self) -> None:
        """Nothing is left, kinds and all."""
        self.kubelet.stop()
        self.plane.run("helm", "uninstall", NAME, "-n", self.namespace, check=False)
        kinds = ("workflowdefinitions.statekeep.dev", "changepoints.statekeep.dev")
        self.plane.kubectl("delete", "crd", *kinds, "--ignore-not-found")
        self.plane.kubectl("delete", "namespace", self.namespace, "--timeout=60s")

    def manifests(self) -> list[Manifest]:
        """What runs by the release now, from the API server, not from the template."""
        kinds = "deployments,statefulsets"
        items: list[Manifest] = self.plane.get(kinds, "-n", self.namespace)["items"]
        return items

    def start(self, *parts: str) -> dict[str, RunningPod]:
        """Start the pods, as a cluster does: all at once, whoever needs whom; wait for all."""
        found = {
            pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod
            for pod in pods(self.manifests())
        }
        started = {
            part: self.kubelet.start(found[part]) for part in parts or ORDER if part in found
        }
        for pod in started.values():
            pod.wait_until_ready()
        return started

    def restart(self) -> None:
        self.kubelet.stop()
        self.start()

    def secret(self, name: str) -> dict[str, str]:
        found = self.plane.find("secret", name, self.namespace)
        assert found is not None, f"there is no Secret {name}"
        data = found.get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def client(self, tenant: str) -> httpx.Client:
        """A client of the runtime, with a key that the operator's key makes."""
        address = self.kubelet.address_of({"app.kubernetes.io/component": "runtime"})
        url = f"http://{address}:8000"
        operator = self.secret(self.api)["operator-key"]
        headers = {"x-api-key": operator, "x-statekeep-tenant": tenant}
        answer = httpx.post(f"{url}/v1/keys", headers=headers, json={"roles": ["admin"]})
        assert answer.is_success, answer.text
        return httpx.Client(base_url=url, headers={"x-api-key": answer.json()["key"]}, timeout=30)

    def desk(self, tenant: str) -> Desk:
        self.plane.kubectl("create", "namespace", tenant, check=False)
        return Desk(self.plane, tenant)

    def _play_job(self) -> None:
        job = self.plane.find("job", JOB, self.namespace)
        if job is None:
            return
        if job.get("status", {}).get("succeeded") or "deletionTimestamp" in job["metadata"]:
            return
        (pod,) = pods([job])
        status = self.kubelet.start(pod).wait_until_ended()
        assert status == 0, list(self.kubelet.pods.values())[-1].said()
        self._finish(job)

    def _finish(self, job: Manifest) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        done = [
            {"type": kind, "status": "True", "lastTransitionTime": now}
            for kind in ("SuccessCriteriaMet", "Complete")
        ]
        status = {
            "startTime": now,
            "completionTime": now,
            "succeeded": 1,
            "uncountedTerminatedPods": {},
            "conditions": done,
        }
        patch = json.dumps({"status": status})
        what = ("job", job["metadata"]["name"], "--subresource=status", "--type=merge", "-p", patch)
        self.plane.kubectl("-n", self.namespace, "patch", *what, check=False)


def ready(desk: Desk, kind: str, name: str) -> Manifest:
    """Wait as people do, and answer the status."""
    desk.kubectl("wait", "--for=condition=Ready", f"{kind}/{name}", "--timeout=40s")
    status: Manifest = desk.get(kind, name)["status"]
    return status


def message(desk: Desk, kind: str, name: str, reason: str) -> str:
    """What an object says that is not ready, as soon as it gives this reason."""

    def look() -> Any:
        found = desk.get(kind, name).get("status", {}).get("conditions", ())
        told = [c["message"] for c in found if c["type"] == "Ready" and c["reason"] == reason]
        return told[0] if told else None

    return str(eventually(look, f"{name} is {reason}", 40))
