"""docs/http.md is run: every example against a server, in order, and every route has one."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from statekeep.web.app import OPERATIONS
from statekeep.web.problems import KINDS
from support.web_server import Bench, bootstrap_key, in_process, write_secrets

PAGE = Path(__file__).parents[3] / "docs" / "http.md"
BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Example:
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any


def examples() -> list[Example]:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [_example(*pair) for pair in zip(blocks[::2], blocks[1::2], strict=True)]


def _example(request: str, response: str) -> Example:
    head, _, body = request.partition("\n\n")
    first, *lines = head.strip().splitlines()
    method, path = first.split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines)
    status, _, answer = response.partition("\n")
    told = json.loads(answer) if answer.strip() else None
    return Example(method, path, headers, body, int(status), told)


def matches(expected: Any, found: Any, known: dict[str, str], where: str = "") -> None:
    """Insist that everything expected is found; learn the variables on the way."""
    if expected == "…":
        assert found is not None, where
    elif isinstance(expected, str) and VARIABLE.fullmatch(expected):
        assert known.setdefault(expected[1:], found) == found, where
    elif isinstance(expected, dict):
        assert isinstance(found, dict), where
        for key, value in expected.items():
            assert key in found, f"{where}/{key}"
            matches(value, found[key], known, f"{where}/{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            matches(one, other, known, f"{where}/{index}")
    else:
        assert found == expected, where


@pytest.fixture
async def bench(tmp_path: Path) -> Any:
    async with in_process(write_secrets(tmp_path)) as found:
        yield found


async def test_every_example_happens_as_it_is_written(bench: Bench) -> None:
    client = bench.with_key(None)
    known: dict[str, str] = {}
    for example in examples():
        headers = dict(example.headers)
        headers["x-api-key"] = bootstrap_key("lending", headers["x-api-key"])
        path, body = (VARIABLE.sub(lambda m: known[m[1]], t) for t in (example.path, example.body))
        answer = await client.request(example.method, path, content=body.encode(), headers=headers)
        where = f"{example.method} {example.path}"
        assert answer.status_code == example.status, f"{where}: {answer.text}"
        if example.answer is not None:
            matches(example.answer, answer.json(), known, where)


def test_every_route_has_an_example() -> None:
    shown = {(example.method, example.path.partition("?")[0]) for example in examples()}
    missing = [
        f"{operation.method} {operation.path}"
        for operation in OPERATIONS
        if not any(
            method == operation.method and _is(operation.path, path) for method, path in shown
        )
    ]
    assert missing == []


def test_the_table_of_problems_is_the_one_in_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    told = {code: (int(status), title, way) for code, status, title, way in rows}
    kinds = {c: (k.status, k.title, k.way_out) for c, k in KINDS.items()}
    assert told == kinds, "run `python tools/write_openapi.py`"


def _is(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None
