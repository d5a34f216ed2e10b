"""A bar beside a registration that is being applied, from what `GET /v1/deployments` says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from statekeep.cli.connection import target_of
from statekeep.cli.progress import Bar, beside

_EVERY = 0.3


@contextmanager
def following(args: argparse.Namespace, name: str) -> Iterator[None]:
    """While the block registers `name`: how many shards are done, where somebody looks."""
    if not sys.stderr.isatty():
        yield
        return
    from statekeep.client import Client, ClientError  # noqa: PLC0415 - 0.3 s
    from statekeep.client.exchange import Retries  # noqa: PLC0415

    target = target_of(args)
    drawn: list[Bar] = []
    with Client(target.url, target.key, tenant=target.tenant, retries=Retries(1)) as client:

        def look() -> None:
            try:
                now = client.deployment(name)
            except ClientError:
                return
            if now.state == "applying" and now.shards:
                drawn.append(drawn[0] if drawn else Bar(f"applying {name}", now.shards))
                drawn[0].at(now.applied)

        try:
            with beside(look, _EVERY):
                yield
        finally:
            for one in drawn[:1]:
                one.over()
