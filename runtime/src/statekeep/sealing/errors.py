"""What can go wrong with sealed data, each with what an on-call person needs to act."""

from __future__ import annotations

from typing import ClassVar


class SealingError(Exception):
    """Sealed data cannot be read or written."""

    code: ClassVar[str] = "Internal"


class KeyUnavailable(SealingError):
    """The ring has no key of that id (now). Retry helps when the key is mounted."""

    code: ClassVar[str] = "KeyUnavailable"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key ring has no key {key_id!r}")
        self.key_id = key_id


class Tampered(SealingError):
    """A part of an envelope is not what was sealed, or does not belong where it was found."""

    code: ClassVar[str] = "Tampered"

    def __init__(self, part: str, where: str) -> None:
        super().__init__(f"the {part} of {where} is not what was sealed")
        self.part = part
        self.where = where


class KeyRingInvalid(SealingError):
    """The key ring's directory cannot be used; the message says what is wrong, and no secret."""

    code: ClassVar[str] = "KeyUnavailable"
