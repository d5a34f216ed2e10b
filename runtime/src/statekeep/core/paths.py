r"""Dotted paths of states, written as XState writes them.

A path is the keys from the root joined by dots; a dot or a backslash inside a key is escaped by a
backslash.  The root's path is the empty string, which no other state has: keys are never empty.
"""

from __future__ import annotations


def split_path(text: str) -> tuple[str, ...]:
    """The keys of a dotted path; a backslash takes the next character literally."""
    if not text:
        return ()
    if "\\" not in text:
        return tuple(text.split("."))
    keys: list[str] = []
    key: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == "\\":
            key.append(next(characters, "\\"))
        elif character == ".":
            keys.append("".join(key))
            key = []
        else:
            key.append(character)
    keys.append("".join(key))
    return tuple(keys)


def join_path(path: tuple[str, ...]) -> str:
    """The dotted path of `path`; `split_path` takes it apart again."""
    return ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in path)
