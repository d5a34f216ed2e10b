"""Where the product's answer to a scenario differs from the model's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    where: str
    model: Any
    product: Any

    @property
    def kind(self) -> str:
        """What differs, without saying at which step or for whom: what a shrunk case must keep."""
        return self.where.rsplit("/", 1)[-1]

    def __str__(self) -> str:
        return f"{self.where}\n  model:   {self.model!r}\n  product: {self.product!r}"


def differences(model: dict[str, Any], product: dict[str, Any]) -> list[Difference]:
    found = list(_of_steps(model["steps"], product["steps"]))
    mine, theirs = model["actors"], product["actors"]
    if sorted(mine) != sorted(theirs):
        return [*found, Difference("actors", sorted(mine), sorted(theirs))]
    for name in sorted(mine):
        for key, value in mine[name].items():
            if theirs[name].get(key) != value:
                found.append(Difference(f"actors/{name}/{key}", value, theirs[name].get(key)))
    return found


def _of_steps(model: list[dict[str, Any]], product: list[dict[str, Any]]) -> Iterator[Difference]:
    if len(model) != len(product):
        yield Difference("steps", len(model), len(product))
        return
    for index, (mine, theirs) in enumerate(zip(model, product, strict=True)):
        yield from _of_step(f"steps/{index}", mine, theirs)


def _of_step(where: str, mine: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    """The product may answer any one of the codes that apply, and more than the model does."""
    if "error" in mine or "error" in theirs:
        codes = mine.get("error", {}).get("codes", [])
        code = theirs.get("error", {}).get("code")
        if code not in codes:
            yield Difference(f"{where}/error", codes or mine, code or theirs)
        return
    for key, value in mine.items():
        if theirs.get(key) != value:
            yield Difference(f"{where}/{key}", value, theirs.get(key))
