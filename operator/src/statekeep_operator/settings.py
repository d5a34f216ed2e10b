"""What the operator is told, by flags and by the environment; a flag wins."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from statekeep_operator.reconcile import Pace

POD_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the webhook listens, and where its certificates are kept."""

    host: str
    port: int
    names: tuple[str, ...]
    secret: str
    configuration: str
    directory: Path | None = None
    """Certificates that somebody else makes; then Secret and configuration are left alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the operator is told."""

    runtime_url: str
    api_key: str
    namespaces: tuple[str, ...]
    """Empty: all of the cluster."""
    lease_namespace: str
    lease_name: str
    identity: str
    health_host: str
    health_port: int
    webhook: Webhook | None
    workers: int
    settle: float
    pace: Pace
    log_level: str


class SettingInvalid(Exception):
    """A setting is missing or wrong; the message names it."""


_HOOK: Final = "statekeep-operator-webhook"
FLAGS: Final = (
    ("runtime-url", "STATEKEEP_URL", "", "where the runtime is, as http://host:port"),
    ("api-key-file", "STATEKEEP_API_KEY_FILE", "", "file with the operator's API key"),
    ("namespaces", "STATEKEEP_NAMESPACES", "", "namespaces, with commas; none: the whole cluster"),
    ("lease-namespace", "STATEKEEP_LEASE_NAMESPACE", "", "where the Lease is; default: the pod's"),
    ("lease-name", "STATEKEEP_LEASE_NAME", "statekeep-operator", "name of the Lease"),
    ("identity", "STATEKEEP_IDENTITY", "", "this replica's name; default: host name and process"),
    ("health-host", "STATEKEEP_HEALTH_HOST", "127.0.0.1", "address of /healthz and /readyz"),
    ("health-port", "STATEKEEP_HEALTH_PORT", "8081", "their port"),
    (
        "webhook-names",
        "STATEKEEP_WEBHOOK_NAMES",
        "",
        "its host names, with commas; none: no webhook",
    ),
    (
        "webhook-secret",
        "STATEKEEP_WEBHOOK_SECRET",
        _HOOK,
        "Secret of its certificates, by the Lease",
    ),
    ("webhook-configuration", "STATEKEEP_WEBHOOK_CONFIGURATION", "statekeep", "gets its caBundle"),
    (
        "webhook-directory",
        "STATEKEEP_WEBHOOK_DIRECTORY",
        "",
        "tls.crt and tls.key of somebody else's making; none: its own",
    ),
    ("webhook-host", "STATEKEEP_WEBHOOK_HOST", "127.0.0.1", "address of the webhook"),
    ("webhook-port", "STATEKEEP_WEBHOOK_PORT", "9443", "its port"),
    ("workers", "STATEKEEP_WORKERS", "8", "workflows looked at side by side"),
    ("settle-seconds", "STATEKEEP_SETTLE_SECONDS", "0.5", "quiet time after a change to objects"),
    ("resync-seconds", "STATEKEEP_RESYNC_SECONDS", "15", "how often counts are asked"),
    ("gate-seconds", "STATEKEEP_GATE_SECONDS", "15", "how often a shut gate is tried"),
    ("log-level", "STATEKEEP_LOG_LEVEL", "info", "debug, info, warning or error"),
)


def parser() -> argparse.ArgumentParser:
    """The command line; no flag has a default, so that the environment can speak."""
    made = argparse.ArgumentParser(
        prog="python -m statekeep_operator",
        description="Reconciles WorkflowDefinitions and ChangePoints with a StateKeep runtime.",
        epilog="example: python -m statekeep_operator --runtime-url http://statekeep:8000 "
        "--api-key-file /etc/statekeep/operator-key --namespaces lending,claims",
    )
    for name, variable, default, text in FLAGS:
        shown = f"; default {default}" if default else ""
        made.add_argument(f"--{name}", metavar="VALUE", help=f"{text} [{variable}{shown}]")
    return made


def read_settings(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Settings:
    """Settings from flags and environment."""
    flags = vars(parser().parse_args(arguments))
    found = {
        name: flags[name.replace("-", "_")] or environment.get(variable) or default
        for name, variable, default, _ in FLAGS
    }
    if not found["runtime-url"]:
        raise SettingInvalid("--runtime-url (STATEKEEP_URL) is missing: where is the runtime?")
    return Settings(
        runtime_url=found["runtime-url"],
        api_key=_api_key(found["api-key-file"], environment),
        namespaces=tuple(sorted(_listed(found["namespaces"]))),
        lease_namespace=found["lease-namespace"] or _pod_namespace(),
        lease_name=found["lease-name"],
        identity=found["identity"] or f"{socket.gethostname()}_{os.getpid()}",
        health_host=found["health-host"],
        health_port=int(_number(found, "health-port")),
        webhook=_webhook(found),
        workers=max(1, int(_number(found, "workers"))),
        settle=_number(found, "settle-seconds"),
        pace=Pace(_number(found, "resync-seconds"), _number(found, "gate-seconds")),
        log_level=found["log-level"],
    )


def _webhook(found: Mapping[str, str]) -> Webhook | None:
    names = _listed(found["webhook-names"])
    if not names:
        return None
    return Webhook(
        host=found["webhook-host"],
        port=int(_number(found, "webhook-port")),
        names=names,
        secret=found["webhook-secret"],
        configuration=found["webhook-configuration"],
        directory=Path(found["webhook-directory"]) if found["webhook-directory"] else None,
    )


def _listed(written: str) -> tuple[str, ...]:
    return tuple(filter(None, written.replace(" ", "").split(",")))


def _api_key(path: str, environment: Mapping[str, str]) -> str:
    key = environment.get("STATEKEEP_API_KEY", "")
    if path:
        try:
            key = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"--api-key-file (STATEKEEP_API_KEY_FILE): {path}: {error.strerror}"
            raise SettingInvalid(message) from error
    if not key:
        raise SettingInvalid(
            "--api-key-file (STATEKEEP_API_KEY_FILE) is missing: the operator's key"
        )
    return key


def _number(found: Mapping[str, str], name: str) -> float:
    try:
        number = float(found[name])
    except ValueError as error:
        raise SettingInvalid(f"--{name} is {found[name]!r}, and must be a number") from error
    if number < 0:
        raise SettingInvalid(f"--{name} is {found[name]!r}, and must not be below zero")
    return number


def _pod_namespace() -> str:
    if POD_NAMESPACE.exists():
        return POD_NAMESPACE.read_text(encoding="utf-8").strip()
    return "default"
