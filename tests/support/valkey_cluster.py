"""A real cluster of three servers on loopback, without replicas."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import redis

from statekeep.storage.embedded import EmbeddedValkey

NODES = 3
SLOTS = 16_384
SECONDS = 20.0


@contextmanager
def cluster(directory: Path) -> Iterator[str]:
    """Start a cluster and hand out the address of its first node."""
    buses = [_free_port() for _ in range(NODES)]
    with ExitStack() as stack:
        servers = [
            stack.enter_context(EmbeddedValkey(directory / f"node-{bus}", settings=_settings(bus)))
            for bus in buses
        ]
        clients = [stack.enter_context(redis.Redis.from_url(s.url)) for s in servers]
        password = urlsplit(servers[0].url).password or ""
        for client in clients:
            client.config_set("requirepass", password)
            client.config_set("masterauth", password)
        nodes = [stack.enter_context(_client(server.url, password)) for server in servers]
        for number, node in enumerate(nodes):
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        port = urlsplit(servers[0].url).port
        for node in nodes[1:]:
            node.execute_command("CLUSTER", "MEET", "127.0.0.1", port, buses[0])
        _await_whole(nodes)
        yield f"redis+cluster://:{password}@127.0.0.1:{port}"


def _client(url: str, password: str) -> redis.Redis:
    port = urlsplit(url).port
    return redis.Redis(host="127.0.0.1", port=port or 0, password=password)


def _await_whole(nodes: list[redis.Redis]) -> None:
    """Until every node sees the whole cluster; a cluster offers no event to wait for."""
    end = time.monotonic() + SECONDS
    while not all(_is_whole(node) for node in nodes):
        if time.monotonic() > end:
            raise TimeoutError("the cluster did not come together")
        time.sleep(0.05)


def _is_whole(node: redis.Redis) -> bool:
    info = node.cluster("INFO")
    return info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) == NODES


def _settings(bus: int) -> tuple[str, ...]:
    return ("cluster-enabled yes", "cluster-node-timeout 2000", f"cluster-port {bus}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
