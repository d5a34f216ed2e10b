"""What an operation of the API is: one value from which its route and its OpenAPI both come.

Owns the vocabulary between HTTP and the services: what was asked, what is replied. Handlers see
no ASGI and write no bytes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from statekeep.web import wire
from statekeep.web.auth import Asker, Permission
from statekeep.web.problems import Refusal

S = TypeVar("S")
Method = Literal["GET", "POST", "DELETE"]
IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
MAX_PAGE: Final = 1_000


class NoQuery(wire.Sent):
    """For operations without query parameters."""


class PageQuery(wire.Sent):
    """Which page of a list."""

    cursor: wire.Cursor | None = None
    limit: wire.PageSize = 100


class Asked(NamedTuple):
    """One request, after everything that can be checked without a service."""

    asker: Asker
    path: Mapping[str, str]
    query: Any
    body: Any
    raw: Mapping[str, Any] | None
    """The body as it was written, where the order of its keys means something."""
    headers: Mapping[bytes, str]

    @property
    def tenant(self) -> str:
        return self.asker.tenant

    @property
    def idempotency_key(self) -> str | None:
        key = self.headers.get(b"idempotency-key")
        if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
            raise Refusal("InvalidIdempotencyKey")
        return key


class Reply(NamedTuple):
    """An answer (or its bytes, where building a model would cost too much), status, headers."""

    answer: wire.Answer | bytes | None
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[S]):
    """One method of one path."""

    name: str
    method: Method
    path: str
    summary: str
    permission: Permission
    answer: type[wire.Answer] | None
    handle: Callable[[S, Asked], Awaitable[Reply]]
    body: type[BaseModel] | None = None
    ordered: bool = False
    """Whether the order of the body's keys matters, so that it is handed over as written."""
    query: type[BaseModel] = NoQuery
    status: int = 200
    others: tuple[int, ...] = ()
    """Further statuses with the same answer."""
    codes: tuple[str, ...] = ()
    """The problems that are this operation's own."""
    keyed: bool = False
    """Whether Idempotency-Key means something here."""
    matched: bool = False
    """Whether If-Match means something here."""
    conditional: bool = False
    """Whether If-None-Match means something here: 304 where nothing has changed."""
    bulky: bool = False
    """Whether its body may be larger and deeper than others: it holds many that were sent here."""
    audited: bool = False
    """Whether a log line says who did it: for what people do seldom and ask about later."""
