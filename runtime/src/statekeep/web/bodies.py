"""Request bodies: from bytes to a model, or to a problem that names the place.

The fast way is pydantic's own JSON parser. It is lenient in three things that must not be
silent, so they are looked for in the bytes first: nesting, numbers that JSON does not have, and,
where a statechart is inside, keys that stand twice.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from statekeep.web.problems import Fault, Refusal

Model = TypeVar("Model", bound=BaseModel)

ODD_NUMBER: Final = re.compile(
    rb"[NI0-9](?:(?<=N)aN|(?<=I)nfinity"
    rb"|(?<=[:\[,\s-][0-9])(?:[0-9.]{199}|[0-9.]*[eE]\+?[0-9]{3}))"
)
"""What may be no number of JSON's, or one out of range: as long, or with such an exponent. (An id
of an actor has digits and an e too, but behind a quotation mark.) It begins with a set, so that the
search goes from one such character to the next."""
STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
NO_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
UNEXPECTED: Final = "Extra inputs are not permitted"


def read_body(model: type[Model], raw: bytes, max_depth: int) -> Model:
    """The model in a body."""
    check_depth(raw, max_depth)
    if ODD_NUMBER.search(raw):
        _check_numbers(strict_json(raw))
    try:
        read: Model = model.__pydantic_validator__.validate_json(raw)
    except ValidationError as error:
        raise _refusal(raw, error) from error
    return read


def read_mapping(model: type[Model], raw: bytes, max_depth: int) -> dict[str, Any]:
    """The body as it was written, its shape checked by the model."""
    check_depth(raw, max_depth)
    body = strict_json(raw, twice=_refuse_twice)
    _check_numbers(body)
    check_shape(model, body)
    if not isinstance(body, dict):
        raise Refusal("InvalidRequest", "the body must be an object")
    return body


def check_shape(model: type[Model], body: Any) -> Model:
    """The model in a value that was parsed already."""
    try:
        read: Model = model.__pydantic_validator__.validate_python(body)
    except ValidationError as error:
        raise shape_refusal(body, error) from error
    return read


def strict_json(
    raw: bytes, twice: Callable[[list[tuple[str, Any]]], dict[str, Any]] | None = None
) -> Any:
    """Parse as RFC 8259 says: UTF-8, no lone surrogates, no NaN."""
    try:
        # As text: json.loads would guess UTF-16 and UTF-32 from bytes.
        value = json.loads(raw.decode(), parse_constant=_no_constant, object_pairs_hook=twice)
    except UnicodeDecodeError as error:
        raise Refusal("InvalidJson", f"the body is no UTF-8, at byte {error.start}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal("InvalidJson", f"{error.msg} at {where}") from error
    except (RecursionError, ValueError) as error:
        raise Refusal("InvalidJson", f"the body cannot be read: {error}") from error
    if SURROGATE.search(raw):
        _check_surrogates(value)
    return value


def check_depth(raw: bytes, limit: int) -> None:
    """Refuse bodies nested deeper than the limit, before anything recursive sees them."""
    if len(raw) <= limit or raw.count(b"{") + raw.count(b"[") <= limit:
        return
    depth = _depth(raw)
    if depth > limit:
        raise Refusal("TooDeep", f"the body is nested {depth} deep, the limit is {limit}")


def shape_refusal(body: Any, error: ValidationError) -> Refusal:
    """A problem with every fault of a value, each with its place."""
    faults = tuple(
        Fault(found["type"], _told(found), pointer(body, found["loc"], found["type"]))
        for found in error.errors(include_url=False, include_context=False)
    )
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    code = "InvalidEventType" if first.pointer.endswith("/type") else "InvalidRequest"
    return Refusal(code, f"{first.pointer or '/'}: {first.message}{more}", faults)


def pointer(body: Any, location: Sequence[int | str], kind: str) -> str:
    """The JSON pointer of a place; pydantic's names for the branches of a union are left out."""
    steps: list[str] = []
    here = body
    for part in location:
        inside = _inside(here, part)
        if inside is None and not (kind == "missing" and isinstance(here, Mapping)):
            break
        steps.append("/" + str(part).replace("~", "~0").replace("/", "~1"))
        here = None if inside is None else inside[0]
    return "".join(steps)


def _refusal(raw: bytes, error: ValidationError) -> Refusal:
    body = strict_json(raw)
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return Refusal("InvalidJson", str(first["msg"]))
    return shape_refusal(body, error)


def _told(found: Any) -> str:
    message = str(found["msg"])
    if message == UNEXPECTED:
        return "there is no such member"
    return message.removeprefix("Value error, ")


def _inside(here: Any, part: int | str) -> tuple[Any] | None:
    if isinstance(here, Mapping) and part in here:
        return (here[part],)
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return (here[part],)
    return None


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for byte in STRING.sub(b"", raw).translate(None, NO_BRACKETS):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refusal("InvalidJson", f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise Refusal("InvalidNumber", f"{name} is no JSON")


def _check_numbers(value: Any, where: str = "") -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Refusal("InvalidNumber", f"{where or '/'}: the number is out of range")
    for name, inner in _members(value):
        _check_numbers(inner, f"{where}/{name}")


def _check_surrogates(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    for name, inner in _members(value):
        _check_text(str(name))
        _check_surrogates(inner)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        shown = text[max(0, error.start - 20) : error.start].encode("ascii", "replace").decode()
        raise Refusal("LoneSurrogate", f"after {shown!r} stands half a character") from error


def _members(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    return []
