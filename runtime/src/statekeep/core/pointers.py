"""JSON pointers (RFC 6901) as text."""

from __future__ import annotations


def pointer_to(parent: str, key: object) -> str:
    """The pointer of `key` below `parent`."""
    text = str(key)
    if "~" in text or "/" in text:
        text = text.replace("~", "~0").replace("/", "~1")
    return f"{parent}/{text}"


def pointer_keys(pointer: str) -> list[str]:
    """The keys a pointer walks through, unescaped."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
