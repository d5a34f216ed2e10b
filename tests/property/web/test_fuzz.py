"""Random headers, bodies, ids and queries: every answer is of the API, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statekeep.web.app import OPERATIONS
from statekeep.web.problems import KINDS
from support.web_server import LOAN_V1, bootstrap_key, deployed, in_process, spawned, write_secrets

EXAMPLES = int(os.environ.get("STATEKEEP_FUZZ_EXAMPLES", "400"))
OURS = [b"x-statekeep-tenant", b"idempotency-key", b"if-match", b"x-request-id", b"content-length"]
PATHS = sorted({operation.path for operation in OPERATIONS})
names = st.text(max_size=40) | st.sampled_from(["loan-v1", "loan", "..", "%", "\x00", "😀"])
headers = st.lists(
    st.tuples(st.sampled_from(OURS), st.binary(max_size=60).map(lambda b: b.replace(b"\n", b""))),
    max_size=4,
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
WORDS = """
    id workflow definition definitionJSON parentId historyPath regions stateMapping landing
    migrations maxStranded expectPlan accept owner type context data definitionId initialContext
    events to stateValue reason name from refines roles guards journal keyOrder gate
"""
members = st.sampled_from(WORDS.split())
bodies = st.binary(max_size=200) | st.dictionaries(members, values, max_size=6).map(
    lambda body: json.dumps(body).encode()
)
queries = st.binary(max_size=40) | st.lists(
    st.tuples(
        st.sampled_from(["cursor", "limit", "state", "status", "verdict", "workflow"]), names
    ),
    max_size=3,
).map(lambda pairs: "&".join(f"{k}={v}" for k, v in pairs).encode("utf-8", "replace"))


@dataclass(frozen=True)
class Fuzzed:
    """An application, its loop, and an actor that is there."""

    app: Any
    loop: asyncio.AbstractEventLoop
    actor: str

    def ask(
        self, method: str, path: str, query: bytes, sent: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        """One request, below any HTTP client that would mend it."""
        return self.loop.run_until_complete(self._ask(method, path, query, sent, body))

    async def _ask(
        self, method: str, path: str, query: bytes, sent: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        key = (b"x-api-key", bootstrap_key("lending", "admin").encode())
        scope = {
            "type": "http", "method": method, "path": path, "root_path": "", "scheme": "http",
            "query_string": query, "headers": [key, *sent], "http_version": "1.1",
        }  # fmt: skip
        await self.app(scope, receive, send)
        return told[0]["status"], dict(told[0]["headers"]), told[1]["body"]


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fuzzed]:
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as directory:
        served = in_process(write_secrets(Path(directory)))
        bench = loop.run_until_complete(served.__aenter__())

        async def prepared() -> str:
            await deployed(bench.client(), LOAN_V1)
            return await spawned(bench.client(), "loan-v1")

        yield Fuzzed(bench.app, loop, loop.run_until_complete(prepared()))
        loop.run_until_complete(served.__aexit__(None, None, None))
    loop.close()


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", "X"]),
    template=st.sampled_from(PATHS),
    name=names | st.just("$actor"),
    query=queries,
    sent=headers,
    body=bodies,
)
def test_whatever_comes_is_answered_by_the_contract(
    fuzzed: Fuzzed,
    method: str,
    template: str,
    name: str,
    query: bytes,
    sent: list[tuple[bytes, bytes]],
    body: bytes,
) -> None:
    path = template.replace("{id}", fuzzed.actor if name == "$actor" else name)
    if method == "DELETE" and name == "$actor":
        method = "POST"
    status, head, content = fuzzed.ask(method, path, query, sent, body)
    assert status < 500, content
    if status >= 400:
        problem = json.loads(content)
        kind = KINDS[problem["code"]]
        assert (problem["status"], problem["title"]) == (status, kind.title)
        assert head[b"content-type"] == b"application/problem+json"
    elif content:
        json.loads(content)
