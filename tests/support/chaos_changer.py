"""A process that deploys one version after another, until somebody kills it.

`python -m support.chaos_changer URL TENANT SHARDS`
"""

from __future__ import annotations

import asyncio
import sys

from statekeep.service import Services, Wiring
from statekeep.storage.errors import StoreError
from support.stores import opened

FENCE_SECONDS = 1.0


def version(number: int) -> dict[str, object]:
    """Every version takes GO for ever; from the second on there is a way from the one before."""
    states = {"a": {"on": {"GO": "b"}}, "b": {"on": {"GO": "a"}}, f"only-{number}": {}}
    body: dict[str, object] = {
        "id": f"w-{number}",
        "workflow": "w",
        "definition": {"initial": "a", "states": states},
    }
    return body if number == 1 else {**body, "parentId": f"w-{number - 1}"}


async def change(url: str, tenant: str, shards: int) -> None:
    async with opened(url, shards) as store:
        services = Services(Wiring(store, fence_seconds=FENCE_SECONDS))
        view = await services.deployments.view(tenant, "w")
        number = len(view.registry.versions)
        while True:
            number += 1
            await services.deployments.deploy(tenant, version(number))
            print(number, flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(change(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    except StoreError:
        sys.exit(3)
