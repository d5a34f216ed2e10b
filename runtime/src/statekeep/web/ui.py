"""The dashboard under `/ui`: its files, and nothing else.

It holds no session and knows no key: the page asks for one, keeps it in memory and sends it with
each request to `/v1`, as any other client. Every address in it is relative, so it works behind any
path prefix. Nothing is fetched from elsewhere, and the policy below says so to the browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.routing import BaseRoute, Route

from statekeep.web.endpoint import Receive, Scope, Send, problem_response
from statekeep.web.problems import Refusal
from statekeep.web.ui_files import INDEX, BuiltFile, built

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NOT_BUILT: Final = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>StateKeep: no dashboard here</title></head>
<body><h1>The dashboard was not built</h1>
<p>This server works; only its dashboard is missing, because the package was made without it.</p>
<p>In a checkout, <code>make dashboard</code> builds it (it needs the npm registry once); then
restart the server. The released image and wheel carry it.</p></body></html>
"""
FOR_EVER: Final = b"public, max-age=31536000, immutable"
ASK_AGAIN: Final = b"no-cache"


def ui_routes() -> list[BaseRoute]:
    """The routes of the dashboard."""
    return [Route("/ui", _Way()), Route("/ui/{path:path}", _Files())]


class _Way:
    """From `/ui` to `/ui/`, relative to wherever that is behind a proxy."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if await _reads(scope, send):
            await _respond(scope, send, 308, [(b"location", b"ui/")], b"")


class _Files:
    """The files. The page itself is at the empty path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if not await _reads(scope, send):
            return
        # Reading and compressing them takes a while, once.
        files = await asyncio.to_thread(built)
        path = scope["path_params"]["path"] or INDEX
        if not files and path == INDEX:
            kind = (b"content-type", b"text/html; charset=utf-8")
            await _respond(scope, send, 503, [kind, (b"cache-control", b"no-store")], NOT_BUILT)
        elif path not in files:
            await problem_response(send, Refusal("UnknownRoute"))
        else:
            await _give(scope, send, files[path])


async def _reads(scope: Scope, send: Send) -> bool:
    if scope["method"] in ("GET", "HEAD"):
        return True
    await problem_response(send, Refusal("MethodNotAllowed", headers={"allow": "GET, HEAD"}))
    return False


async def _give(scope: Scope, send: Send, file: BuiltFile) -> None:
    asked = _headers(scope)
    headers = [
        (b"etag", file.etag.encode()),
        (b"cache-control", FOR_EVER if file.lasting else ASK_AGAIN),
        (b"vary", b"accept-encoding"),
    ]
    if file.etag in asked.get(b"if-none-match", ""):
        await _respond(scope, send, 304, headers, b"")
        return
    headers.append((b"content-type", file.kind.encode()))
    if "gzip" not in asked.get(b"accept-encoding", ""):
        await _respond(scope, send, 200, headers, file.plain)
        return
    headers.append((b"content-encoding", b"gzip"))
    await _respond(scope, send, 200, headers, file.zipped)


def _headers(scope: Scope) -> Mapping[bytes, str]:
    return {name: value.decode("latin-1") for name, value in scope["headers"]}


async def _respond(
    scope: Scope, send: Send, status: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    length = [] if status == 304 else [(b"content-length", str(len(content)).encode())]
    start = {"type": "http.response.start", "status": status}
    await send({**start, "headers": [*headers, *length, *GUARDS]})
    body = b"" if scope["method"] == "HEAD" else content
    await send({"type": "http.response.body", "body": body})
