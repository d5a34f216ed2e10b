"""What the image is made of, read from its recipe: what needs no builder to be seen."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "Dockerfile").read_text()
STAGES = RECIPE.split("\nFROM ")[1:]
BUILD, FINAL = STAGES


def test_both_stages_are_the_base_that_an_argument_names() -> None:
    assert [stage.split()[0] for stage in STAGES] == ["${PYTHON_IMAGE}", "${PYTHON_IMAGE}"]
    assert re.search(r"^ARG PYTHON_IMAGE=python:\S+$", RECIPE, re.MULTILINE)


def test_the_final_stage_runs_nothing_and_copies_one_folder() -> None:
    """So no compiler, no pip's cache and no shell's leavings can be in what we add."""
    assert "\nRUN " not in FINAL
    assert re.findall(r"^COPY (.*)$", FINAL, re.MULTILINE) == [
        "--from=build /opt/statekeep /opt/statekeep"
    ]


def test_it_runs_as_a_number_with_a_safe_path_and_says_what_it_is() -> None:
    assert re.search(r"^USER \d+:\d+$", FINAL, re.MULTILINE)
    assert "PYTHONSAFEPATH=1" in FINAL
    for label in ("title", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{label}=" in FINAL


def test_libraries_come_locked_by_hash_and_are_installed_without_an_index() -> None:
    installs = re.findall(r"bin/pip .*?(?:install|download|wheel) [^&\n]*", BUILD)
    assert len(installs) == 4
    for command in installs:
        known = ("--require-hashes", "--no-build-isolation", "--no-index")
        assert any(word in command for word in known), command


def test_the_build_sees_only_what_it_names() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", RECIPE, re.MULTILINE)
    for source in {word for words in copied for word in words.split()}:
        assert f"!{source}" in rules, source
        assert (ROOT / source).exists()
