"""Plays the kubelet where there is no node: runs pods as processes, just as their manifests say.

Each pod has a loopback address of its own, so ports need no mapping. Volumes are put on disk, and
their paths, `0.0.0.0` and the names of Services are replaced in what the container is told: nothing
else is changed, so a wrong path, key, name, port or probe in a manifest shows.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import yaml

from statekeep.storage.embedded import find_server
from statekeep.storage.leash import Leashed
from support.charts import Manifest
from support.parts.controlplane import ControlPlane
from support.parts.probing import says_yes

READY_SECONDS = 60.0
LOOK = 0.05
EXPANSION = re.compile(r"\$\((\w+)\)")
ANYWHERE = ("0.0.0.0", "* -::*")


def addresses() -> Iterator[str]:
    """Loopback addresses that no other run uses at this time, likely."""
    first, second = secrets.randbelow(200) + 20, secrets.randbelow(250)
    return (f"127.{first}.{second}.{last}" for last in count(1))


@dataclass
class RunningPod:
    """One pod, as one process."""

    name: str
    manifest: Manifest
    address: str
    log: Path
    process: Leashed

    @property
    def container(self) -> Manifest:
        (found,) = self.manifest["spec"]["containers"]
        return found  # type: ignore[no-any-return]

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def passes(self, probe: str) -> bool:
        """Ask a probe once; one that is not there passes."""
        asked = self.container.get(probe)
        if asked is None:
            return True
        if "httpGet" in asked:
            return self._http(asked["httpGet"], asked.get("timeoutSeconds", 1))
        try:
            with socket.create_connection(
                (self.address, self._port(asked["tcpSocket"]["port"])), 1
            ):
                return True
        except OSError:
            return False

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Startup, then readiness, as the kubelet asks them."""
        deadline = time.monotonic() + seconds
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            while not self.passes(probe):
                assert self.process.ended() is None, f"{self.name} ended: {self.said()[-3000:]}"
                assert time.monotonic() < deadline, f"{self.name}, {probe}: {self.said()[-3000:]}"
                time.sleep(LOOK)

    def wait_until_ended(self) -> int:
        status = self.process.wait(READY_SECONDS)
        assert status is not None, f"{self.name} goes on: {self.said()[-3000:]}"
        return status

    def stop(self) -> None:
        """Within the grace that the manifest gives."""
        grace = self.manifest["spec"].get("terminationGracePeriodSeconds", 30)
        started = time.monotonic()
        self.process.stop()
        assert time.monotonic() - started < grace, f"{self.name} was killed"

    def kill(self) -> None:
        self.process.kill()

    def _http(self, asked: Manifest, seconds: float) -> bool:
        url = f"http://{self.address}:{self._port(asked['port'])}{asked['path']}"
        return says_yes(url, seconds)

    def _port(self, wanted: str | int) -> int:
        """A container's port by its name or number; a port that is not declared is a mistake."""
        ports = {p["name"]: p["containerPort"] for p in self.container["ports"]}
        return int(ports[wanted]) if isinstance(wanted, str) else wanted


@dataclass
class Kubelet:
    """The pods of one namespace."""

    plane: ControlPlane
    namespace: str
    directory: Path
    pods: dict[str, RunningPod] = field(default_factory=dict)
    _addresses: Iterator[str] = field(default_factory=addresses)

    def start(self, pod: Manifest) -> RunningPod:
        """Start a pod; its volumes are what the API server has at this moment."""
        name, spec = pod["metadata"]["name"], pod["spec"]
        number = len(self.pods)
        home = self.directory / f"{name}-{number}"
        (container,) = spec["containers"]
        address = next(self._addresses)
        moved = {
            mount["mountPath"]: home / f"root{mount['mountPath']}"
            for mount in container["volumeMounts"]
        }
        replaced = Replaced(moved, self._services(), address)
        for mount in container["volumeMounts"]:
            (volume,) = (v for v in spec["volumes"] if v["name"] == mount["name"])
            self._fill(name, volume, moved[mount["mountPath"]], replaced)
        environment = {**self._surroundings(home), **self._environment(pod, replaced)}
        if spec["automountServiceAccountToken"]:
            environment["KUBECONFIG"] = str(self._kubeconfig(home, spec["serviceAccountName"]))
        log = home / "log"
        command = [*container["command"], *container.get("args", ())]
        process = Leashed([replaced(word) for word in command], log=log, env=environment, cwd=home)
        started = RunningPod(name, pod, address, log, process)
        self.pods[f"{name}-{number}"] = started
        return started

    def stop(self) -> None:
        for pod in reversed(self.pods.values()):
            if pod.process.ended() is None:
                pod.stop()

    def address_of(self, labels: Mapping[str, str]) -> str | None:
        """A running pod that has all of these labels; the latest."""
        for pod in reversed(self.pods.values()):
            theirs = pod.manifest["metadata"]["labels"]
            if labels.items() <= theirs.items() and pod.process.ended() is None:
                return pod.address
        return None

    def _services(self) -> dict[str, str]:
        """Each Service that a running pod answers for: `name.namespace.svc:port` is where."""
        found = {}
        for service in self._all("services"):
            meta, spec = service["metadata"], service["spec"]
            for pod in self.pods.values():
                selected = spec["selector"].items() <= pod.manifest["metadata"]["labels"].items()
                if selected and pod.process.ended() is None:
                    for port in spec["ports"]:
                        to = f"{pod.address}:{pod._port(port['targetPort'])}"
                        found[f"{meta['name']}.{meta['namespace']}.svc:{port['port']}"] = to
        return found

    def _all(self, kind: str) -> list[Manifest]:
        found = self.plane.find(kind, "", self.namespace)
        assert found is not None
        return found["items"]  # type: ignore[no-any-return]

    def _surroundings(self, home: Path) -> dict[str, str]:
        """What an image brings: programs, and a place for temporary files."""
        programs = home / "bin"
        programs.mkdir(parents=True)
        (programs / "valkey-server").symlink_to(find_server())
        own = Path(sys.executable).parent
        return {
            "PATH": f"{programs}:{own}:/usr/bin:/bin",
            "HOME": str(home),
            "PYTHONSAFEPATH": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "default",
            **({"LD_LIBRARY_PATH": path} if (path := os.environ.get("LD_LIBRARY_PATH")) else {}),
        }

    def _environment(self, pod: Manifest, replaced: Replaced) -> dict[str, str]:
        found: dict[str, str] = {}
        for entry in pod["spec"]["containers"][0].get("env", ()):
            value = self._value(pod, entry)
            if value is not None:
                expanded = EXPANSION.sub(lambda m: found.get(m[1], m[0]), value)
                found[entry["name"]] = expanded
        return {name: replaced(value) for name, value in found.items()}

    def _value(self, pod: Manifest, entry: Manifest) -> str | None:
        if "valueFrom" not in entry:
            return str(entry.get("value", ""))
        if "fieldRef" in entry["valueFrom"]:
            assert entry["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
            return f"{pod['metadata']['name']}-{len(self.pods)}"
        wanted = entry["valueFrom"]["secretKeyRef"]
        data = self._data("secret", wanted["name"], optional=wanted.get("optional", False))
        if wanted["key"] not in data:
            assert wanted.get("optional"), f"no key {wanted['key']} in Secret {wanted['name']}"
            return None
        return data[wanted["key"]].decode()

    def _fill(self, pod: str, volume: Manifest, place: Path, replaced: Replaced) -> None:
        if "persistentVolumeClaim" in volume or volume["name"] == "data":
            # One that outlives the pod, like the claim that a StatefulSet makes.
            kept = self.directory / "volumes" / pod
            kept.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(kept)
            return
        place.mkdir(parents=True)
        if "secret" in volume:
            source = volume["secret"]
            data = self._data(
                "secret", source["secretName"], optional=source.get("optional", False)
            )
        elif "configMap" in volume:
            source = volume["configMap"]
            found = self._data("configmap", source["name"], optional=False)
            data = {name: replaced(value.decode()).encode() for name, value in found.items()}
        else:
            assert "emptyDir" in volume, volume
            return
        items = source.get("items") or [{"key": name, "path": name} for name in data]
        for item in items:
            if item["key"] in data:
                (place / item["path"]).write_bytes(data[item["key"]])
            else:
                assert source.get("optional"), f"{source} has no key {item['key']}"

    def _data(self, kind: str, name: str, *, optional: bool) -> dict[str, bytes]:
        found = self.plane.find(kind, name, self.namespace)
        if found is None:
            assert optional, f"there is no {kind} {name}"
            return {}
        data = found.get("data") or {}
        if kind == "configmap":
            return {key: value.encode() for key, value in data.items()}
        return {key: base64.b64decode(value) for key, value in data.items()}

    def _kubeconfig(self, home: Path, account: str) -> Path:
        """What the service account may, and nothing more."""
        token = self.plane.kubectl("-n", self.namespace, "create", "token", account).stdout.strip()
        file = home / "kubeconfig"
        file.write_text(token_kubeconfig(self.plane, token))
        return file


def token_kubeconfig(plane: ControlPlane, token: str) -> str:
    """A configuration that speaks with a token."""
    authority = base64.b64encode(plane.authority.read_bytes()).decode()
    cluster = {"server": plane.server, "certificate-authority-data": authority}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "account", "user": {"token": token}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "account"}}],
            "current-context": "tests",
        }
    )


@dataclass(frozen=True)
class Replaced:
    """What is different for a process on this machine."""

    paths: Mapping[str, Path]
    services: Mapping[str, str]
    address: str

    def __call__(self, text: str) -> str:
        """In one pass: what has been put in is not looked at again."""
        words = {path: str(to) for path, to in self.paths.items()}
        words.update(self.services)
        words.update(dict.fromkeys(ANYWHERE, self.address))
        longest_first = sorted(words, key=len, reverse=True)
        either = "|".join(re.escape(word) for word in longest_first)
        return re.sub(rf"(?<![\w.])(?:{either})(?![\w.-])", lambda found: words[found[0]], text)
