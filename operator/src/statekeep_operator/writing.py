"""The only writer to the API server: statuses that have changed, Events, projections.

A status is compared with the one that stands there before anything is sent; an object that is gone
meanwhile, or was made anew, is nobody's fault.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from statekeep_operator import projections
from statekeep_operator.facts import Wish, owner_of
from statekeep_operator.kube import CONFLICT, MANAGER, NOT_FOUND, Kube, KubeError
from statekeep_operator.objects import Group, Objects
from statekeep_operator.projections import API
from statekeep_operator.status import Status, merge_patch
from statekeep_operator.transitions import Transition, transitions

log = logging.getLogger(__name__)

FORBIDDEN: Final = 403
GONE: Final = frozenset({NOT_FOUND, CONFLICT})
EVENT_MESSAGE: Final = 1024


class Writer:
    """Writes for all workflows."""

    def __init__(self, kube: Kube, objects: Objects, wall: Callable[[], datetime]) -> None:
        self._kube = kube
        self._objects = objects
        self._wall = wall

    async def status(self, namespace: str, wish: Wish, status: Status) -> bool:
        """Write a status if it has changed; whether it was written."""
        patch = merge_patch(wish.status, status)
        if not patch:
            return False
        try:
            with self._objects.written(wish.key.kind, namespace, wish.name):
                body = await self._kube.patch_status(
                    wish.key.kind, namespace, wish.name, wish.uid, patch
                )
                self._objects.seen({**body, "kind": wish.key.kind})
        except KubeError as error:
            if error.status in GONE:
                return False
            raise
        return True

    async def events(self, namespace: str, wish: Wish, after: Mapping[str, Any]) -> None:
        """Tell people what has changed; that they cannot be told stops nothing."""
        for transition in transitions(wish.status, after):
            try:
                await self._kube.create_event(self._event(namespace, wish, transition))
            except KubeError as error:
                log.warning("an Event was not posted: %s", error)

    async def project(self, group: Group, wish: Wish) -> None:
        """Let a definition's migrations be seen as ChangePoints, and nothing that is none."""
        wanted = projections.projections(wish)
        for name, spec in wanted.items():
            found = self._objects.projection(group.namespace, name)
            if found is not None and owner_of(found) != wish.name:
                continue
            if found is None or _differs(found, wish, spec):
                await self._apply(projections.manifest(wish, group.namespace, name, spec))
        for name, body in self._objects.projections_of(group.namespace, wish.name).items():
            if name not in wanted:
                uid = body["metadata"]["uid"]
                await self._kube.delete("ChangePoint", group.namespace, name, uid)

    async def _apply(self, manifest: Mapping[str, Any]) -> None:
        meta = manifest["metadata"]
        try:
            with self._objects.written("ChangePoint", meta["namespace"], meta["name"]):
                body = await self._kube.apply(dict(manifest))
                self._objects.seen({**body, "kind": "ChangePoint"})
        except KubeError as error:
            # A namespace that is going takes no new objects.
            if error.status not in (*GONE, FORBIDDEN):
                raise
            log.info("a projection was not applied: %s", error)

    def _event(self, namespace: str, wish: Wish, told: Transition) -> dict[str, Any]:
        """Named by what it says, so that it is there once however often it is told."""
        now = self._wall().strftime("%Y-%m-%dT%H:%M:%SZ")
        identity = f"{wish.uid}\n{wish.generation}\n{told.reason}\n{told.message}"
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{wish.name}.{sha256(identity.encode()).hexdigest()[:16]}",
                "namespace": namespace,
            },
            "involvedObject": {
                "apiVersion": API,
                "kind": wish.key.kind,
                "name": wish.name,
                "namespace": namespace,
                "uid": wish.uid,
            },
            "type": told.type,
            "reason": told.reason,
            "message": told.message[:EVENT_MESSAGE],
            "source": {"component": MANAGER},
            "reportingComponent": MANAGER,
            "reportingInstance": MANAGER,
            "action": "Reconcile",
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }


def _differs(found: Mapping[str, Any], wish: Wish, spec: Mapping[str, Any]) -> bool:
    owners = found["metadata"]["ownerReferences"]
    return found["spec"] != spec or not any(owner["uid"] == wish.uid for owner in owners)
