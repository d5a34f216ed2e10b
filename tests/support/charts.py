"""The chart as Helm renders it, without a cluster, and what stands in it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.parts.binaries import Binaries

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "statekeep"
SETS = sorted(path.stem for path in (CHART / "ci").glob("*.yaml"))
"""The sets of values that are tested, `default` among them."""

Manifest = dict[str, Any]
WORKLOADS = ("Deployment", "StatefulSet", "Job", "Pod")

_RENDERED: dict[tuple[str, ...], str] = {}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart in a folder, or packed, as one release of one namespace."""

    binaries: Binaries
    namespace: str = "statekeep-system"
    release: str = "statekeep"
    path: Path = CHART

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Helm; it finds no cluster and no settings of anybody's."""
        return subprocess.run(
            [str(self.binaries["helm"]), *arguments],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/nonexistent",
                "KUBECONFIG": "/nonexistent",
                "GOGC": "400",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def text(self, *options: str) -> str:
        """What `helm template` prints; `options` are values."""
        run = self._template(options)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def refusal(self, *options: str) -> str:
        """What `helm template` says to values that it must not take."""
        run = self._template(options)
        assert run.returncode != 0, "it was rendered"
        return run.stderr

    def manifests(self, *options: str) -> list[Manifest]:
        """The objects, anew each time; rendered once, since two renders are equal."""
        key = (str(self.path), self.namespace, self.release, *options)
        if key not in _RENDERED:
            _RENDERED[key] = self.text(*options)
        return [found for found in yaml.load_all(_RENDERED[key], _Loader) if found]

    def _template(self, options: Iterable[str]) -> subprocess.CompletedProcess[str]:
        named = ("template", self.release, str(self.path), "--namespace", self.namespace)
        return self.run(*named, *options)


def values(name: str) -> tuple[str, ...]:
    """The options of a tested set of values."""
    return ("--values", str(CHART / "ci" / f"{name}.yaml"))


def of_kind(manifests: Iterable[Manifest], *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def the(manifests: Iterable[Manifest], kind: str, name: str) -> Manifest:
    """The one object of this kind and name."""
    (found,) = (m for m in of_kind(manifests, kind) if m["metadata"]["name"] == name)
    return found


def pods(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """A Pod for each workload, as its controller would make it; claims become plain volumes."""
    for manifest in of_kind(manifests, *WORKLOADS):
        if manifest["kind"] == "Pod":
            yield manifest
            continue
        template = manifest["spec"]["template"]
        claims = [
            {"name": claim["metadata"]["name"], "emptyDir": {}}
            for claim in manifest["spec"].get("volumeClaimTemplates", ())
        ]
        spec = {**template["spec"], "volumes": [*template["spec"].get("volumes", ()), *claims]}
        if manifest["kind"] != "Job":
            spec.setdefault("restartPolicy", "Always")
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": manifest["metadata"]["name"],
                "namespace": manifest["metadata"]["namespace"],
                "labels": template["metadata"]["labels"],
            },
            "spec": spec,
        }
