"""Reading the fields of a request body: each reader checks one shape and names where it failed.

Bodies are plain JSON values. A reader answers the value in the core's types or raises
`InvalidRequest` with the JSON pointer of what is wrong, what was found and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from statekeep.service.errors import InvalidRequest

Body = Mapping[str, object]
Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=str)


def pointer_to(pointer: str, key: str | int) -> str:
    """The JSON pointer one step further."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def kind_of(value: object) -> str:
    """The JSON name of what was found."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
    return type(value).__name__


def as_object(value: object, pointer: str = "") -> Body:
    """The value, if it is an object with string keys."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidRequest(f"expected an object, found {kind_of(value)}", pointer)
    return value


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of a body, with the pointer to it."""

    body: Body
    pointer: str = ""

    def only(self, known: Collection[str]) -> None:
        """Refuse fields that nobody would read."""
        for key in self.body:
            if key not in known:
                raise InvalidRequest(
                    f"unknown field '{key}'; known are {', '.join(sorted(known))}",
                    pointer_to(self.pointer, key),
                )

    def has(self, key: str) -> bool:
        return self.body.get(key) is not None

    def wrong(self, key: str, expected: str) -> InvalidRequest:
        found = kind_of(self.body.get(key))
        return InvalidRequest(
            f"'{key}' must be {expected}, found {found}", pointer_to(self.pointer, key)
        )

    def name(self, key: str) -> str:
        """A name that must be there."""
        value = self.optional_name(key)
        if value is None:
            raise InvalidRequest(f"'{key}' is missing", pointer_to(self.pointer, key))
        return value

    def optional_name(self, key: str) -> str | None:
        value = self.body.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not is_name(value):
            raise self.wrong(key, "a name: 1 to 253 printable characters without spaces around")
        return value

    def text(self, key: str, default: str = "") -> str:
        value = self.body.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.body.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def choice(self, key: str, choices: tuple[Choice, ...]) -> Choice | None:
        value = self.body.get(key)
        if value is None:
            return None
        for choice in choices:
            if value == choice:
                return choice
        raise self.wrong(key, f"one of {', '.join(choices)}")

    def names(self, key: str) -> tuple[str, ...]:
        """A list of event types; left out and null are the empty one."""
        value = self.body.get(key)
        if value is None:
            return ()
        return string_list(value, pointer_to(self.pointer, key), "a list of event types")

    def objects(self, key: str) -> tuple[Fields, ...]:
        value = self.body.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            raise self.wrong(key, "a list of objects")
        at = pointer_to(self.pointer, key)
        return tuple(
            Fields(as_object(item, pointer_to(at, index)), pointer_to(at, index))
            for index, item in enumerate(value)
        )

    def table(
        self, key: str, read: Callable[[object, str], Value]
    ) -> tuple[tuple[str, Value], ...]:
        """An object whose values are read by `read`, as sorted pairs."""
        value = self.body.get(key)
        if value is None:
            return ()
        at = pointer_to(self.pointer, key)
        pairs = as_object(value, at).items()
        return tuple((name, read(item, pointer_to(at, name))) for name, item in sorted(pairs))


def is_name(value: str) -> bool:
    """Names are shown, logged and used in paths: printable, not empty, of bounded length.

    `.` and `..` are none: every client takes them out of a path before it asks.
    """
    if value in {".", ".."}:
        return False
    return 0 < len(value) <= 253 and value.isprintable() and value.strip() == value


def string_list(value: object, pointer: str, what: str) -> tuple[str, ...]:
    """A list of strings that are not empty."""
    if not isinstance(value, list | tuple):
        raise InvalidRequest(f"expected {what}, found {kind_of(value)}", pointer)
    for index, item in enumerate(value):
        if not isinstance(item, str) or not item:
            raise InvalidRequest(
                f"expected {what}, found {kind_of(item)}; quote words that YAML reads as"
                " something else",
                pointer_to(pointer, index),
            )
        check_unicode(item, pointer_to(pointer, index))
    return tuple(value)


def check_unicode(value: str, pointer: str) -> None:
    """Refuse lone surrogates, which no UTF-8 can carry."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("the string holds half a surrogate pair", pointer) from error


def one_or_many(value: object, pointer: str) -> tuple[str, ...]:
    """A target, or a list of targets."""
    if isinstance(value, str):
        return string_list([value], pointer, "a state path")
    return string_list(value, pointer, "a state path or a list of them")
