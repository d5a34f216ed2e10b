"""The SDK's own tests (sdk/typescript/tests, by node:test) against a real server."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support.parts.sdk import FOLDER

pytestmark = pytest.mark.valkey

FILES = sorted(path.stem for path in (FOLDER / "tests").glob("*.test.ts"))
OPTIONS = ["--test-reporter=tap", "--experimental-vm-modules", "--no-warnings"]


@pytest.mark.parametrize("name", FILES)
def test_the_sdk_s_own_tests(name: str, sdk: Path, node: Callable[..., str]) -> None:
    said = node(sdk, *OPTIONS, f"build/tests/{name}.js")
    lines = re.findall(r"^# (\w+) (\d+)$", said, re.MULTILINE)
    counts = {word: int(count) for word, count in lines}

    assert counts["pass"] >= 1
    assert (counts["fail"], counts["skipped"], counts["todo"]) == (0, 0, 0)
