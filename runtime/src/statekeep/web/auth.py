"""Who may do what: from an API key to a caller, a tenant and permissions.

One table says what a role may do. Rule: a key of one tenant learns nothing of another, not even
whether a name is there; the operator's key serves every tenant, and names the one it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from statekeep.service.keys import EVERY_TENANT, TENANT, Caller, Denial
from statekeep.web.problems import Refusal

CHALLENGE: Final = {"www-authenticate": 'ApiKey header="x-api-key"'}


class Permission(StrEnum):
    """What an operation asks for."""

    READ = "read"
    CONTEXT = "context"
    SEND = "send"
    DEPLOY = "deploy"
    OPERATE = "operate"
    KEYS = "keys"


P = Permission
GRANTS: Final[Mapping[str, frozenset[Permission]]] = {
    "read": frozenset({P.READ}),
    "send": frozenset({P.READ, P.CONTEXT, P.SEND}),
    "deploy": frozenset({P.READ, P.DEPLOY}),
    "admin": frozenset(P),
    "operator": frozenset({P.READ, P.DEPLOY, P.OPERATE, P.KEYS}),
}


class Asker(NamedTuple):
    """A caller, and the tenant that this request is about."""

    key_id: str
    tenant: str
    roles: tuple[str, ...]
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_operator(self) -> bool:
        return "operator" in self.roles


@lru_cache(maxsize=64)
def permissions(roles: tuple[str, ...]) -> frozenset[Permission]:
    """Everything that any of the roles may do."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


def admitted(caller: Caller | Denial, tenant: str | None, needed: Permission) -> Asker:
    """Who asks for what, or a refusal."""
    if isinstance(caller, str):
        raise Refusal(caller, headers=CHALLENGE)
    held = permissions(caller.roles)
    if needed not in held:
        raise Refusal("RoleMissing", f"this needs one of the roles {_roles_with(needed)}")
    return Asker(caller.key_id, _tenant(caller, tenant), caller.roles, held)


def _tenant(caller: Caller, named: str | None) -> str:
    if caller.tenant != EVERY_TENANT:
        if named is not None and named != caller.tenant:
            raise Refusal("ForeignTenant")
        return caller.tenant
    if named is None:
        raise Refusal("TenantMissing")
    if not TENANT.fullmatch(named):
        raise Refusal("InvalidTenant")
    return named


def _roles_with(needed: Permission) -> str:
    return ", ".join(role for role, granted in GRANTS.items() if needed in granted)
