"""What npm installs is locked, whole, and by no registry's address."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked(name: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", f"*{name}"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / path for path in listed.split("\0") if Path(path).name == name]


LOCKS = tracked("package-lock.json")


def others(lock: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a lock names, the package itself and links within the checkout aside."""
    return {
        name: entry
        for name, entry in lock["packages"].items()
        if name and not entry.get("link") and name.startswith("node_modules/")
    }


def addresses(lock: dict[str, Any]) -> list[str]:
    return [name for name, entry in lock["packages"].items() if "://" in entry.get("resolved", "")]


def test_every_package_of_ours_has_a_lock() -> None:
    assert len(LOCKS) >= 1
    asked = [path for path in tracked("package.json") if _asks(json.loads(path.read_text()))]
    assert {path.parent for path in asked} <= {path.parent for path in LOCKS}


def _asks(package: dict[str, Any]) -> bool:
    return bool({"dependencies", "devDependencies"} & set(package))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_lock_names_no_address_and_a_digest_for_everything(path: Path) -> None:
    lock = json.loads(path.read_text())

    assert lock["lockfileVersion"] == 3
    assert addresses(lock) == []
    assert [name for name, entry in others(lock).items() if "integrity" not in entry] == []


def test_the_check_finds_what_it_is_for() -> None:
    address = "https:" + "//somewhere.example/xstate.tgz"
    lock = {"packages": {"": {}, "node_modules/xstate": {"resolved": address}}}

    assert addresses(lock) == ["node_modules/xstate"]
