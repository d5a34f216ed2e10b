"""`python -m statekeep_operator.first_secrets`: the Secrets that an installation cannot do without.

Run by the chart's Job. It creates what is not there and leaves alone what is: it asks for nothing
but to create, so whoever runs it can be forbidden to read, change or delete any Secret. A secret is
in no argument, no log and no manifest.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import kopf

from statekeep_operator.watching import login

KEY_ID: Final = "k1"
KEY_BYTES: Final = 32
SECONDS: Final = 20.0

Content = Mapping[str, str]


class NotCreated(Exception):
    """The API server did not create a Secret; the message says why."""


def key_ring() -> Content:
    """A ring of one key; the next one is added by a person."""
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {KEY_ID: key, "primary": KEY_ID}


def api() -> Content:
    """The pepper, and the operator's key, as the server and as the operator read it."""
    operator = secrets.token_urlsafe(KEY_BYTES)
    return {
        "pepper": secrets.token_urlsafe(KEY_BYTES),
        "operator-key": operator,
        "api-keys": f"{operator}\n",
    }


def valkey() -> Content:
    """The store's password, and the line by which the store learns it."""
    password = secrets.token_hex(KEY_BYTES)
    return {"password": password, "auth.conf": f"requirepass {password}\n"}


KINDS: Final[Mapping[str, tuple[Callable[[], Content], str]]] = {
    "key-ring": (key_ring, "the key ring"),
    "api": (api, "pepper, api-keys and operator-key"),
    "valkey": (valkey, "the store's password"),
}


def manifest(name: str, namespace: str, instance: str, content: Content) -> dict[str, object]:
    """A Secret that belongs to no release, so that uninstalling leaves it."""
    labels = {"app.kubernetes.io/part-of": "statekeep", "app.kubernetes.io/instance": instance}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "stringData": dict(content),
    }


def create(info: kopf.ConnectionInfo, namespace: str, body: Mapping[str, object]) -> bool:
    """Create a Secret; whether it was not there."""
    url = f"{info.server.rstrip('/')}/api/v1/namespaces/{quote(namespace)}/secrets"
    headers = {**info.as_http_headers(), "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - https
    try:
        with urllib.request.urlopen(  # noqa: S310 - the API server's own address
            request, timeout=SECONDS, context=info.as_ssl_context()
        ):
            return True
    except urllib.error.HTTPError as error:
        with error:
            if error.code == HTTPStatus.CONFLICT:
                return False
            raise NotCreated(_complaint(error.read())) from error
    except OSError as error:
        raise NotCreated(f"the API server does not answer: {error}") from error


def _complaint(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200].decode(errors="replace")


def parser() -> argparse.ArgumentParser:
    """The command line: the names of what is wanted."""
    made = argparse.ArgumentParser(
        prog="python -m statekeep_operator.first_secrets",
        description="Creates Secrets of StateKeep that are not there yet. Never changes one.",
    )
    made.add_argument("--namespace", required=True, metavar="NAME", help="where")
    made.add_argument("--instance", required=True, metavar="NAME", help="the release, as a label")
    for kind, (_, what) in KINDS.items():
        made.add_argument(f"--{kind}", metavar="NAME", help=f"a Secret with {what}")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Create what is asked for; the exit code."""
    asked = vars(parser().parse_args(arguments))
    namespace, instance = asked["namespace"], asked["instance"]
    try:
        info = login()
        for kind, (make, _) in KINDS.items():
            name = asked[kind.replace("-", "_")]
            if name:
                body = manifest(name, namespace, instance, make())
                new = create(info, namespace, body)
                print(f"{name}: {'created' if new else 'is there, and left alone'}")  # noqa: T201
    except (NotCreated, kopf.LoginError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
