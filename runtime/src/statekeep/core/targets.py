"""Finding the state that a target names, exactly as XState v5 reads it.

`"x.y"` starts at the siblings of the source, `".x"` at the source itself, `"#id.x"` at the state
with that id.  An empty segment ends the walk, and a segment that starts with `#` is an id again.
Never raises: None means that nothing of that name is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from statekeep.core.paths import split_path
from statekeep.core.states import State


class Names:
    """The ids and keys of one definition."""

    __slots__ = ("ids", "states")

    def __init__(self, states: Sequence[State], ids: Mapping[str, int]) -> None:
        self.states = states
        self.ids = ids

    def target(self, source: int, text: str) -> int | None:
        """XState's resolveTarget."""
        state = self.states[source]
        if text.isidentifier() and state.parent >= 0:
            return self.states[state.parent].by_key.get(text)
        if text.startswith("#"):
            return self.by_id(text)
        if state.parent < 0:
            return self.walk(source, split_path(text[1:])) if text.startswith(".") else None
        if text.startswith("."):
            # XState puts the bare key in front, so a dot in the source's own key is read as one.
            text = state.key + text
        return self.from_parent(state.parent, text)

    def from_parent(self, parent: int, text: str) -> int | None:
        """A path below `parent`, or `#id`: how the default of a history state is read."""
        return self.by_id(text) if text.startswith("#") else self.walk(parent, split_path(text))

    def by_id(self, text: str) -> int | None:
        """XState's getStateNodeById."""
        first, *rest = split_path(text)
        start = self.ids.get(first.removeprefix("#"))
        return None if start is None else self.walk(start, rest)

    def walk(self, start: int, keys: Sequence[str]) -> int | None:
        """XState's getStateNodeByPath."""
        found: int | None = start
        for key in keys:
            if not key:
                break
            if key.startswith("#"):
                found = self.by_id(key)
            else:
                found = self.states[found or 0].by_key.get(key)
            if found is None:
                return None
        return found

    def advice(self, source: int, text: str) -> str:
        """A sentence that helps whoever wrote a target that leads nowhere."""
        state = self.states[source]
        bare = text.lstrip(".#")
        if not bare:
            return "name a state"
        if not text.startswith((".", "#")) and self.walk(source, split_path(text)) is not None:
            return f'did you mean ".{text}", the state below?'
        siblings = self.states[state.parent].by_key if state.parent >= 0 else {}
        if text.startswith("#"):
            whole = self.ids.get(text[1:])
            if whole is not None:
                escaped = text[1:].replace(".", "\\.")
                return f"an id with dots is written with backslashes: `#{escaped}`"
            return nearest("#", bare, list(self.ids)) or "no state has that id"
        known = state.by_key if text.startswith(".") else siblings
        prefix = "." if text.startswith(".") else ""
        return nearest(prefix, bare, list(known)) or self._elsewhere(bare)

    def _elsewhere(self, key: str) -> str:
        found = [state for state in self.states if state.key == key and state.parent >= 0]
        if len(found) == 1:
            return f'a target starts at the siblings; the state elsewhere is "#{found[0].id}"'
        return "a target is a sibling, `.child` or `#id`"


def nearest(prefix: str, text: str, known: list[str]) -> str:
    near = get_close_matches(text[:64], known[:1000], 1)
    return f'did you mean "{prefix}{near[0]}"?' if near else ""
