"""An operator with its webhook."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.cluster import Desk, definition
from support.operators import MemoryRuntime, OperatorProcess, Stage, eventually
from support.parts.ports import free_ports
from support.webhooks import bundle, manifests, warnings


@pytest.fixture
def hooked(
    desk: Desk, runtime: MemoryRuntime, http: httpx.Client, tmp_path: Path
) -> Iterator[Stage]:
    """An operator whose webhook the API server asks, for this namespace alone."""
    (port,) = free_ports(1)
    secret, configuration = manifests(desk.namespace, port)
    desk.plane.kubectl("apply", "-f", "-", stdin=json.dumps(secret))
    desk.plane.kubectl("apply", "-f", "-", stdin=json.dumps(configuration))
    options = {
        "webhook-names": "127.0.0.1,localhost",
        "webhook-port": str(port),
    }
    with OperatorProcess(
        desk.plane, runtime.url, tmp_path, (desk.namespace,), options=options
    ) as operator:
        stage = Stage(desk, operator, http)
        eventually(lambda: bundle(desk), "the operator applies caBundle")
        eventually(lambda: warnings(stage, definition("probe")) == [], "the webhook answers")
        yield stage
    desk.plane.kubectl("delete", "validatingwebhookconfiguration", "statekeep")
