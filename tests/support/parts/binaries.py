"""The programs of the control plane and its tools, built once from tools/go.mod and cached.

The cache is keyed by all that decides what is built, so a changed pin builds anew and an unchanged
one never does. Each program appears in the cache whole or not at all. The judge of objects' health
is a module of its own with the same pins: what it shares with the others is compiled once.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from statekeep.storage.leash import Leashed
from support.parts.cache import cache_home, locked, published, remove
from support.parts.fault import PartError, explained, run_as_program
from support.parts.go import MODULE, Go, find_go

PACKAGES: Mapping[str, str] = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "helm": "helm.sh/helm/v4/cmd/helm",
}

JUDGE = MODULE / "judge"

_RECIPE = 1
"""Part of the cache's key: count it up when the flags below change."""

_PROGRESS_SECONDS = 15.0

Say = Callable[[str], None]


def say_to_stderr(sentence: str) -> None:
    print(f"parts: {sentence}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where each program is."""

    paths: Mapping[str, Path]

    def __getitem__(self, name: str) -> Path:
        return self.paths[name]

    @property
    def search_path(self) -> str:
        """The folders, as PATH wants them."""
        return ":".join(sorted({str(path.parent) for path in self.paths.values()}))


def kubernetes_version() -> str:
    """Return the pinned version, like v1.36.3."""
    found = re.search(
        r"^\s*k8s.io/kubernetes (v\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE
    )
    assert found is not None
    return found[1]


def cache_key(module: Path = MODULE) -> str:
    machine = os.uname()
    digest = sha256(f"{_RECIPE} {machine.sysname} {machine.machine}\n".encode())
    for path in (module / "go.mod", module / "go.sum", *sorted(module.glob("*.go"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Program:
    target: Path
    package: str
    module: Path


def obtain(say: Say = say_to_stderr, *, judge: bool = False) -> Binaries:
    """Find or build every program. KUBEBUILDER_ASSETS, where set, wins for what it holds.

    Args:
        judge: build the judge too, while what it shares with the others is still at hand.
    """
    given = _given()
    home = cache_home() / f"bin-{cache_key()}"
    wanted = [
        _Program(home / name, package, MODULE)
        for name, package in PACKAGES.items()
        if name not in given
    ]
    if _missing(wanted):
        _build_all([*wanted, _judge()] if judge else wanted, home, say)
    elif judge:
        obtain_judge(say)
    return Binaries({name: given.get(name, home / name) for name in PACKAGES})


def obtain_judge(say: Say = say_to_stderr) -> Path:
    """Find or build the program that judges objects as GitOps tools do."""
    judge = _judge()
    if _missing([judge]):
        _build_all([judge], judge.target.parent, say)
    return judge.target


def _judge() -> _Program:
    return _Program(cache_home() / f"judge-{cache_key(JUDGE)}" / "judge", ".", JUDGE)


def _missing(programs: list[_Program]) -> list[_Program]:
    return [program for program in programs if not program.target.exists()]


def _given() -> dict[str, Path]:
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return {}
    if not Path(folder).is_dir():
        raise PartError(
            f"KUBEBUILDER_ASSETS names {folder}, which is no directory: mend or unset it"
        )
    return {name: Path(folder) / name for name in PACKAGES if (Path(folder) / name).is_file()}


def _build_all(programs: list[_Program], home: Path, say: Say) -> None:
    with locked(home, lambda: say("waiting for another run that builds the same programs")):
        missing = _missing(programs)
        if not missing:
            return
        go = find_go(home.with_name(f"{home.name}.work"), say)
        start = time.monotonic()
        names = ", ".join(program.target.name for program in missing)
        say(f"building {names} into {home.parent}, once; this takes some minutes")
        for program in missing:
            program.target.parent.mkdir(parents=True, exist_ok=True)
            with published(program.target) as draft:
                _build(go, program, draft, say)
        remove(go.work)
        say(f"built everything in {time.monotonic() - start:.0f} s")


def _build(go: Go, program: _Program, target: Path, say: Say) -> None:
    start, name = time.monotonic(), program.target.name
    (go.work / "temporary").mkdir(parents=True, exist_ok=True)
    log = go.work / f"{name}.log"
    log.write_bytes(b"")
    process = Leashed(
        [str(go.program), "build", *_flags(), "-o", str(target), program.package],
        log=log,
        env=go.environment(),
        cwd=program.module,
    )
    try:
        while (status := process.wait(_PROGRESS_SECONDS)) is None:
            say(f"building {name}: {time.monotonic() - start:.0f} s so far")
    finally:
        process.stop()
    if status != 0:
        raise explained(f"{name} could not be built", log.read_text(errors="replace"))
    say(f"built {name} in {time.monotonic() - start:.0f} s")


def _flags() -> list[str]:
    """Without the version stamps kubectl and Helm cannot make sense of the server."""
    version = kubernetes_version()
    major, minor = version.removeprefix("v").split(".")[:2]
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    variables = " ".join(f"-X k8s.io/component-base/version.{k}={v}" for k, v in stamps.items())
    return ["-mod=readonly", "-trimpath", "-buildvcs=false", f"-ldflags=-s -w {variables}"]


def main() -> int:
    print(obtain(judge=True).search_path)
    return 0


if __name__ == "__main__":
    run_as_program(main)
