"""The validating webhook's server: AdmissionReview in, AdmissionReview out, over TLS.

Every replica serves it, whether it acts or stands by. The certificate can be renewed without a
restart.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import web

from statekeep_operator.admission import Verdict, judge
from statekeep_operator.certificates import Certificates
from statekeep_operator.kube import KubeError
from statekeep_operator.mounted import Mounted
from statekeep_operator.renewal import Renewal
from statekeep_operator.runtime import Runtimes

log = logging.getLogger(__name__)

PATH: Final = "/validate"
LOOK_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 2.0
FORBIDDEN: Final = 403


@asynccontextmanager
async def served(
    runtimes: Runtimes, host: str, port: int, renewal: Renewal | Mounted
) -> AsyncIterator[None]:
    """Serve while the block runs, as soon as there is a certificate."""

    async def validate(request: web.Request) -> web.Response:
        review = await request.json()
        verdict = await judge(runtimes, review["request"])
        return web.json_response(_answer(review["request"]["uid"], verdict))

    application = web.Application(client_max_size=4 * 1024 * 1024)
    application.router.add_post(PATH, validate)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    serving = asyncio.create_task(_serve(runner, host, port, renewal))
    try:
        yield
    finally:
        serving.cancel()
        await runner.cleanup()


async def _serve(runner: web.AppRunner, host: str, port: int, renewal: Renewal | Mounted) -> None:
    """Connections that come after a renewal get the new certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    known: Certificates | None = None
    while True:
        try:
            found = await renewal.look()
        except KubeError as error:
            log.warning("the webhook's certificates cannot be looked at: %s", error)
            await asyncio.sleep(AGAIN_SECONDS if known is None else LOOK_SECONDS)
            continue
        if found != known:
            _load(context, found)
            if known is None:
                await web.TCPSite(runner, host, port, ssl_context=context).start()
            known = found
        await asyncio.sleep(LOOK_SECONDS)


def _load(context: ssl.SSLContext, found: Certificates) -> None:
    """OpenSSL reads files only: they are there for this moment, and readable by nobody else."""
    with TemporaryDirectory(prefix="statekeep-webhook-") as directory:
        chain = Path(directory, "tls.pem")
        chain.write_bytes(found.serving_key + found.serving)
        context.load_cert_chain(chain)


def _answer(uid: str, verdict: Verdict) -> dict[str, object]:
    response: dict[str, object] = {"uid": uid, "allowed": verdict.allowed}
    if verdict.warnings:
        response["warnings"] = list(verdict.warnings)
    if not verdict.allowed:
        response["status"] = {"code": FORBIDDEN, "message": verdict.message}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
