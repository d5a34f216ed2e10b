"""A real Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager.

There are no nodes: objects are stored, validated, admitted, watched and garbage-collected, and
nothing is scheduled. RBAC is on, admission is the default set, policies and webhooks are served.
The controller manager runs the garbage collector and the namespace controller only.
"""

import json
import os
import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from statekeep.storage.leash import Leashed, LeashError
from support.parts.asking import ApiServer, path_of
from support.parts.binaries import Binaries
from support.parts.fault import PartError, explained
from support.parts.pki import Authority, kubeconfig, signing_key, write_secret
from support.parts.ports import free_ports
from support.parts.probing import says_yes

_START_SECONDS = 60.0
_START_TRIES = 3
_STOP_SECONDS = 5.0
_SERVICE_RANGE = "10.0.0.0/24"
_LAZY_SERVERS = {"GOGC": "200"}
_LAZY_TOOLS = {"GOGC": "400"}
"""Go may let garbage lie for a while: a third of what a kubectl does is collecting it."""
AUDITED = "statekeep:audited"
"""The group whose requests are audited; nobody else's are."""
_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": [AUDITED]}, {"level": "None"}],
}
_SERVER_NAMES = ("127.0.0.1", "localhost", "kubernetes", "kubernetes.default.svc", "10.0.0.1")


@dataclass(frozen=True, slots=True)
class _Ports:
    etcd: int
    peer: int
    api: int


class ControlPlane:
    """The three processes, on one directory. A part that was killed starts again on its data."""

    def __init__(
        self,
        binaries: Binaries,
        directory: Path,
        *,
        watch: int | None = None,
        pick_ports: Callable[[int], list[int]] = free_ports,
    ) -> None:
        """Describe it; nothing runs before `start`.

        Args:
            watch: the process whose end ends the parts, and removes the directory; this one
                unless named.
            pick_ports: chooses the ports, again where somebody was faster and has taken one.
        """
        self.binaries = binaries
        self.directory = directory
        self.kubeconfig = directory / "kubeconfig"
        self._watch = watch
        self._pick_ports = pick_ports
        self._authority = Authority("statekeep-tests")
        self._ports: _Ports | None = None
        self._running: dict[str, Leashed] = {}
        self._api: ApiServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ports(self) -> _Ports:
        if self._ports is None:
            raise PartError("the control plane has not been started")
        return self._ports

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.ports.api}"

    @property
    def authority(self) -> Path:
        return self.directory / "ca.crt"

    @property
    def part_names(self) -> tuple[str, ...]:
        return ("etcd", "kube-apiserver", "kube-controller-manager")

    @property
    def running(self) -> tuple[str, ...]:
        return tuple(name for name, part in self._running.items() if part.ended() is None)

    def start(self) -> None:
        """Start everything and wait until the API server is ready to serve."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for attempt in range(_START_TRIES):
            self._ports = _Ports(*self._pick_ports(3))
            self._write_identities()
            try:
                self._start_once()
            except PartError as error:
                if "port is taken" not in str(error) or attempt == _START_TRIES - 1:
                    raise
            else:
                return

    def _start_once(self) -> None:
        try:
            for name in self.part_names:
                self.start_part(name)
            self.await_ready()
            here = self.directory
            self._api = ApiServer(
                self.server, self.authority, here / "admin.crt", here / "admin.key"
            )
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every part, what depends on others first."""
        if self._api is not None:
            self._api.close()
            self._api = None
        for name in reversed(self.part_names):
            if name in self._running:
                self._running.pop(name).stop()

    def start_part(self, name: str) -> None:
        """Start one part (again), on the ports and the data that it had."""
        known = self._running.get(name)
        if known is not None and known.ended() is None:
            return
        command = [str(self.binaries[name]), *self._arguments(name)]
        # etcd writes most of the directory, so its leash is the one that tidies up.
        remove = self.directory if name == "etcd" else None
        try:
            self._running[name] = Leashed(
                command,
                log=self.log(name),
                env={**_LAZY_SERVERS, **os.environ},
                cwd=self.directory,
                watch=self._watch,
                remove=remove,
                grace=_STOP_SECONDS,
            )
        except LeashError as error:
            raise PartError(f"{error}: is the cached program for this machine?") from error

    def kill_part(self, name: str) -> None:
        """Kill one part as a crash would."""
        self._running[name].kill()

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def ended(self, name: str) -> bool:
        return self._running[name].ended() is not None

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def await_ready(self) -> None:
        """Wait until the API server answers /readyz, or say why it never will."""
        ask = self._readiness_request()
        deadline = time.monotonic() + _START_SECONDS
        while not ask():
            for name in self.part_names:
                if self.ended(name):
                    raise explained(f"{name} ended", self._last_words(name))
            if time.monotonic() > deadline:
                raise explained("kube-apiserver is not ready", self._last_words("kube-apiserver"))
            time.sleep(0.05)

    def _last_words(self, name: str) -> str:
        return self.log(name).read_text(errors="replace")[-4000:]

    def _readiness_request(self) -> Callable[[], bool]:
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(self.directory / "admin.crt", self.directory / "admin.key")
        return lambda: says_yes(f"{self.server}/readyz", 2.0, context)

    def kubeconfig_for(self, user: str, *groups: str) -> Path:
        """Write a configuration for another user; RBAC says what that user may."""
        path = self.directory / f"kubeconfig-{user.replace(':', '-')}-{secrets.token_hex(4)}"
        pair = self._authority.client(user, *groups)
        text = kubeconfig(self.server, self._authority.certificate, user, pair)
        write_secret(path, text.encode())
        return path

    def environment(self) -> dict[str, str]:
        """What kubectl and helm need to reach this control plane, and to write nowhere else."""
        return {
            **_LAZY_TOOLS,
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "KUBECACHEDIR": str(self.directory / "kube-cache"),
            "HELM_CACHE_HOME": str(self.directory / "helm"),
            "HELM_CONFIG_HOME": str(self.directory / "helm"),
            "HELM_DATA_HOME": str(self.directory / "helm"),
            "PATH": f"{self.binaries.search_path}:{os.environ.get('PATH', '')}",
        }

    def kubectl(
        self, *arguments: str, stdin: str | None = None, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Run the real kubectl as administrator."""
        return self.run("kubectl", *arguments, stdin=stdin, check=check)

    def run(
        self, program: str, *arguments: str, stdin: str | None = None, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Run one of the built programs against this control plane."""
        run = subprocess.run(
            [str(self.binaries[program]), *arguments],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and run.returncode != 0:
            raise PartError(f"{program} {' '.join(arguments)}: {run.stderr.strip()}")
        return run

    def get(self, *arguments: str) -> Any:
        """Return what `kubectl get … -o json` answers."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json").stdout)

    def find(self, kind: str, name: str, namespace: str = "") -> Any | None:
        """An object, or None; without starting a kubectl where that can be, for who waits."""
        path = path_of(kind, name, namespace)
        if self._api is not None and path is not None:
            return self._api.read(path)
        place = ("-n", namespace) if namespace else ()
        what = (kind, name) if name else (kind,)
        options = ("-o", "json", "--ignore-not-found")
        found = self.kubectl("get", *place, *what, *options).stdout
        return json.loads(found) if found else None

    def make_namespaces(self, *names: str) -> None:
        for name in names:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            if self._api is None:
                self.kubectl("create", "-f", "-", stdin=json.dumps(body))
            else:
                self._api.send("POST", "/api/v1/namespaces", body)

    def drop_namespaces(self, *names: str) -> None:
        """Ask for their end, and do not wait for it."""
        for name in names:
            if self._api is None:
                self.kubectl("delete", "namespace", "--wait=false", name)
            else:
                self._api.send("DELETE", f"/api/v1/namespaces/{name}")

    def asked(self) -> list[Any]:
        """Every audited request so far, as the API server wrote it down when it had answered."""
        lines = self._audit_log.read_text().splitlines() if self._audit_log.exists() else []
        found = (json.loads(line) for line in lines if line.endswith("}"))
        return [one for one in found if one["stage"] in ("ResponseComplete", "ResponseStarted")]

    @property
    def _audit_log(self) -> Path:
        return self.directory / "audit.log"

    def _write_identities(self) -> None:
        (self.directory / "audit-policy.json").write_text(json.dumps(_AUDIT))
        authority = self._authority
        self.authority.write_bytes(authority.certificate)
        write_secret(self.directory / "tokens.key", signing_key())
        serving = authority.server(*_SERVER_NAMES)
        admin = authority.client("admin", "system:masters")
        for name, pair in (("serving", serving), ("admin", admin)):
            (self.directory / f"{name}.crt").write_bytes(pair.certificate)
            write_secret(self.directory / f"{name}.key", pair.key)
        manager = authority.client("system:kube-controller-manager")
        for user, path, pair in (
            ("admin", self.kubeconfig, admin),
            ("manager", self.directory / "kubeconfig-manager", manager),
        ):
            text = kubeconfig(self.server, authority.certificate, user, pair)
            write_secret(path, text.encode())

    def _arguments(self, name: str) -> Sequence[str]:
        ports, here = self.ports, self.directory
        etcd, peer = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.peer}"
        if name == "etcd":
            return (
                f"--data-dir={here / 'etcd'}",
                f"--listen-client-urls={etcd}",
                f"--advertise-client-urls={etcd}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster=default={peer}",
                # The data is thrown away: only a crash of the machine could lose it.
                "--unsafe-no-fsync",
                "--log-level=warn",
            )
        if name == "kube-apiserver":
            return (
                f"--etcd-servers={etcd}",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                f"--secure-port={ports.api}",
                f"--cert-dir={here}",
                f"--tls-cert-file={here / 'serving.crt'}",
                f"--tls-private-key-file={here / 'serving.key'}",
                f"--client-ca-file={self.authority}",
                "--authorization-mode=RBAC",
                "--allow-privileged=true",
                f"--audit-policy-file={here / 'audit-policy.json'}",
                f"--audit-log-path={self._audit_log}",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={here / 'tokens.key'}",
                f"--service-account-signing-key-file={here / 'tokens.key'}",
                f"--service-cluster-ip-range={_SERVICE_RANGE}",
                # A loopback address is no endpoint for the kubernetes Service.
                "--endpoint-reconciler-type=none",
            )
        return (
            f"--kubeconfig={here / 'kubeconfig-manager'}",
            "--controllers=garbage-collector-controller,namespace-controller",
            "--leader-elect=false",
            "--secure-port=0",
            "--use-service-account-credentials=true",
        )
