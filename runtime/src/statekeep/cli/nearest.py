"""The nearest known word to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Imported late by the command line, so that difflib costs nobody a start."""
    import difflib  # noqa: PLC0415

    by_fold = {name.casefold(): name for name in sorted(known)}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence, empty when nothing is near."""
    found = nearest(word, known)
    return "" if found is None else f"; did you mean `{found}`?"
