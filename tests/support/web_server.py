"""A whole server on the store in memory: in this process, or behind a real socket.

Tests get a `Bench`: an application with a key of each role, in two tenants, and httpx clients for
them. Nothing is mocked: the services, the sealing and the keys are those of a server.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis
from starlette.routing import Router

from statekeep.config import Settings
from statekeep.sealing.keyring import new_key
from statekeep.storage.api_keys import MemoryApiKeys
from statekeep.storage.memory import MemoryStore
from statekeep.web.health import always
from statekeep.web.serving import Backend, application, open_redis, served

ROLES = ("read", "send", "deploy", "admin")
LOAN_V1: dict[str, Any] = {
    "id": "loan-v1",
    "workflow": "loan",
    "definition": {
        "initial": "draft",
        "states": {
            "draft": {"on": {"SUBMIT": "review", "CANCEL": "cancelled"}},
            "review": {"on": {"APPROVE": "approved", "REVISE": "draft"}},
            "approved": {"type": "final"},
            "cancelled": {"type": "final"},
        },
    },
}
LOAN_V2: dict[str, Any] = {
    "id": "loan-v2",
    "parentId": "loan-v1",
    "historyPath": ["SUBMIT"],
    "stateMapping": {"review": "checks"},
    "definition": {
        "initial": "draft",
        "states": {
            "draft": {"on": {"SUBMIT": "checks"}},
            "checks": {"on": {"APPROVE": "approved"}},
            "approved": {"type": "final"},
        },
    },
}


def bootstrap_key(tenant: str, role: str) -> str:
    """The key that a test server knows for a role of a tenant."""
    return f"{tenant}-{role}-".ljust(40, "x")


OPERATOR_KEY = "operator".ljust(40, "o")


def write_secrets(directory: Path) -> Settings:
    """Key ring, pepper and bootstrap keys on disk, and the settings that name them."""
    ring = directory / "keys"
    ring.mkdir()
    (ring / "k1").write_text(new_key())
    (directory / "pepper").write_text("a pepper of enough bytes")
    lines = [f"{bootstrap_key(t, r)} {t} {r}" for t in ("lending", "claims") for r in ROLES]
    (directory / "api-keys").write_text("\n".join([OPERATOR_KEY, *lines]))
    return Settings(
        port=0,
        key_ring=ring,
        pepper_file=directory / "pepper",
        api_keys_file=directory / "api-keys",
        drain_seconds=5,
    )


def memory_backend() -> Backend:
    """A store in this process."""

    async def close() -> None:
        return None

    return Backend(MemoryStore(), MemoryApiKeys(), always, close, "none: in memory")


async def on_valkey(settings: Settings) -> Backend:
    """An empty store on the server that the settings name."""
    assert settings.redis_url is not None
    async with Redis.from_url(settings.redis_url) as client:
        await client.flushall()
    return await open_redis(settings)


@dataclass
class Bench:
    """Clients of one server."""

    settings: Settings
    backend: Backend
    base_url: str = "http://statekeep"
    app: Router | None = None
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, role: str = "admin", tenant: str = "lending") -> httpx.AsyncClient:
        """An httpx client with the key of a role."""
        return self.with_key(bootstrap_key(tenant, role))

    def operator(self, tenant: str | None = "lending") -> httpx.AsyncClient:
        """An httpx client with the operator's key."""
        client = self.with_key(OPERATOR_KEY)
        if tenant is not None:
            client.headers["x-statekeep-tenant"] = tenant
        return client

    def with_key(self, key: str | None) -> httpx.AsyncClient:
        """An httpx client with this key, or with none."""
        headers = {} if key is None else {"x-api-key": key}
        transport = httpx.ASGITransport(self.app) if self.app else None
        client = httpx.AsyncClient(base_url=self.base_url, headers=headers, transport=transport)
        self.opened.append(client)
        return client


@asynccontextmanager
async def in_process(settings: Settings, backend: Backend | None = None) -> AsyncIterator[Bench]:
    """A server without a socket."""
    store = backend or memory_backend()
    bench = Bench(settings, store, app=application(settings, store))
    yield bench
    for client in bench.opened:
        await client.aclose()


@asynccontextmanager
async def behind_socket(settings: Settings, backend: Backend | None = None) -> AsyncIterator[Bench]:
    """A server with uvicorn on a free port."""
    store = backend or memory_backend()
    async with served(settings, store) as server:
        bench = Bench(settings, store, base_url=server.url)
        yield bench
        for client in bench.opened:
            await client.aclose()


async def deployed(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Deploy, and insist that it worked."""
    response = await client.post("/v1/definitions", json=body)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def spawned(client: httpx.AsyncClient, version: str, *events: str, **context: Any) -> str:
    """An actor that has taken these events."""
    body = {"definitionId": version, "initialContext": context}
    response = await client.post("/v1/actors", json=body)
    assert response.status_code == 201, response.text
    actor = str(response.json()["id"])
    for event in events:
        sent = await client.post(f"/v1/actors/{actor}/event", json={"type": event})
        assert sent.json()["accepted"], sent.text
    return actor


async def _serve_here(directory: Path) -> None:
    async with served(write_secrets(directory), memory_backend()) as server:
        print(server.url, flush=True)
        await server.stopped


if __name__ == "__main__":
    asyncio.run(_serve_here(Path(sys.argv[1])))
