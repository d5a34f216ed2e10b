"""The validating webhook's server: AdmissionReview in, AdmissionReview out, over TLS.

Every replica serves it, whether it acts or stands by. It writes nothing anywhere. The certificate
is read again when its file changes, so that it can be renewed without a restart.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from statekeep_operator.admission import Verdict, judge
from statekeep_operator.runtime import Runtimes

PATH: Final = "/validate"
RELOAD_SECONDS: Final = 30.0
FORBIDDEN: Final = 403


@asynccontextmanager
async def served(
    runtimes: Runtimes, host: str, port: int, certificate: Path, key: Path
) -> AsyncIterator[None]:
    """Serve while the block runs."""

    async def validate(request: web.Request) -> web.Response:
        review = await request.json()
        verdict = await judge(runtimes, review["request"])
        return web.json_response(_answer(review["request"]["uid"], verdict))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    application = web.Application(client_max_size=4 * 1024 * 1024)
    application.router.add_post(PATH, validate)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    renewing = asyncio.create_task(_renewed(context, certificate, key))
    try:
        await web.TCPSite(runner, host, port, ssl_context=context).start()
        yield
    finally:
        renewing.cancel()
        await runner.cleanup()


async def _renewed(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Connections that come later get the new certificate."""
    known = _changed_at(certificate)
    while True:
        await asyncio.sleep(RELOAD_SECONDS)
        now = _changed_at(certificate)
        if now != known:
            context.load_cert_chain(certificate, key)
            known = now


def _changed_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _answer(uid: str, verdict: Verdict) -> dict[str, object]:
    response: dict[str, object] = {"uid": uid, "allowed": verdict.allowed}
    if verdict.warnings:
        response["warnings"] = list(verdict.warnings)
    if not verdict.allowed:
        response["status"] = {"code": FORBIDDEN, "message": verdict.message}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
