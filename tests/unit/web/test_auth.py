"""A key opens what its roles grant, in its own tenant, and nothing else."""

import pytest

from statekeep.service.keys import KeyService
from statekeep.storage.api_keys import MemoryApiKeys
from statekeep.web.auth import Asker, Permission, admitted, permissions
from statekeep.web.problems import Refusal

P = Permission


@pytest.fixture
def keys() -> KeyService:
    return KeyService(MemoryApiKeys(), b"a pepper of enough bytes")


async def key_of(keys: KeyService, tenant: str, *roles: str) -> str:
    return (await keys.create(tenant, roles, "", "")).key


async def asker(keys: KeyService, key: str | None, tenant: str | None, needed: Permission) -> Asker:
    return admitted(await keys.caller(key), tenant, needed)


async def refused(
    keys: KeyService, key: str | None, tenant: str | None, needed: Permission
) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await asker(keys, key, tenant, needed)
    return caught.value


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        ("read", {P.READ}),
        ("send", {P.READ, P.CONTEXT, P.SEND}),
        ("deploy", {P.READ, P.DEPLOY}),
        ("admin", set(P)),
        ("operator", {P.READ, P.DEPLOY, P.OPERATE, P.KEYS}),
        ("king", set()),
    ],
)
def test_a_role_grants(role: str, granted: set[Permission]) -> None:
    assert permissions((role,)) == granted


async def test_a_key_acts_in_its_own_tenant(keys: KeyService) -> None:
    key = await key_of(keys, "lending", "send")
    assert (await asker(keys, key, None, P.SEND)).tenant == "lending"
    assert (await asker(keys, key, "lending", P.SEND)).tenant == "lending"


async def test_a_key_that_names_another_tenant_is_refused(keys: KeyService) -> None:
    key = await key_of(keys, "lending", "admin")
    assert (await refused(keys, key, "claims", P.READ)).code == "ForeignTenant"


async def test_a_missing_role_is_named(keys: KeyService) -> None:
    refusal = await refused(keys, await key_of(keys, "lending", "read"), None, P.DEPLOY)
    assert refusal.code == "RoleMissing"
    assert refusal.detail == "this needs one of the roles deploy, admin, operator"


async def test_without_a_key_the_way_to_send_one_is_said(keys: KeyService) -> None:
    refusal = await refused(keys, None, None, P.READ)
    assert (refusal.code, refusal.status) == ("KeyMissing", 401)
    assert refusal.headers == {"www-authenticate": 'ApiKey header="x-api-key"'}


@pytest.mark.parametrize(
    ("named", "code"), [(None, "TenantMissing"), ("Up", "InvalidTenant"), ("", "InvalidTenant")]
)
async def test_the_operators_key_must_name_a_tenant(
    keys: KeyService, named: str | None, code: str
) -> None:
    key = await key_of(keys, "*", "operator")
    assert (await refused(keys, key, named, P.READ)).code == code


async def test_the_operators_key_serves_the_tenant_it_names(keys: KeyService) -> None:
    key = await key_of(keys, "*", "operator")
    found = await asker(keys, key, "lending", P.DEPLOY)
    assert (found.tenant, found.is_operator) == ("lending", True)
