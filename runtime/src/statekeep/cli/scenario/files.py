"""Scenario files: YAML 1.2, several documents a file, and `$file` for what stands elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from statekeep.cli.scenario.backend import StepError
from statekeep.cli.scenario.steps import Scenario, read_scenario
from statekeep.cli.text.tree import TextError
from statekeep.cli.yaml12 import Loaded, load, load_all

SUFFIXES = (".yaml", ".yml")
DEEPEST = 500


class FileError(Exception):
    """A file that cannot be read as scenarios: where, and what to do."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        at = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{at}: {message}")


def scenario_files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and in directories those that hold scenarios, sorted."""
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
            yield from (file for file in found if _holds_scenarios(file))
        else:
            yield path


def read_file(path: Path) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises FileError."""
    try:
        documents = load_all(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(path, None, str(error)) from error
    except TextError as error:
        raise FileError(path, error.mark.line, error.message) from error
    return tuple(
        _scenario(path, index, loaded)
        for index, loaded in enumerate(documents)
        if loaded.value is not None
    )


def resolved(value: object, folder: Path, depth: int = 0) -> object:
    """The value with every `{$file: path}` replaced by what the file holds."""
    if depth > DEEPEST:
        raise StepError("InvalidScenario", f"nested deeper than {DEEPEST} levels")
    if isinstance(value, Mapping):
        if set(value) == {"$file"}:
            return _included(folder, value["$file"], depth)
        return {key: resolved(item, folder, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, folder, depth + 1) for item in value]
    return value


def _included(folder: Path, name: object, depth: int) -> object:
    if not isinstance(name, str):
        raise StepError("InvalidScenario", "'$file' takes the path of a file")
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix in SUFFIXES:
            loaded = load(text)
            value = loaded.value if loaded is not None else None
        else:
            value = json.loads(text)
    except (OSError, UnicodeDecodeError, ValueError, TextError) as error:
        raise StepError("InvalidScenario", f"'$file: {name}' cannot be read: {error}") from error
    return resolved(value, path.parent, depth + 1)


def _scenario(path: Path, index: int, loaded: Loaded) -> Scenario:
    default = path.stem if index == 0 else f"{path.stem} {index + 1}"
    try:
        scenario = read_scenario(resolved(loaded.value, path.parent), default)
    except StepError as error:
        raise FileError(path, loaded.mark("").line, error.message) from error
    lines = (loaded.mark(f"/steps/{step}").line for step in range(len(scenario.steps)))
    where = tuple(f"{path}:{line}" for line in lines)
    return Scenario(scenario.name, scenario.steps, where)


def _holds_scenarios(path: Path) -> bool:
    """Whether a file found in a directory is meant: a mapping with steps."""
    try:
        documents = load_all(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TextError):
        return "steps:" in path.read_text(encoding="utf-8", errors="replace")
    return any(isinstance(d.value, Mapping) and "steps" in d.value for d in documents)
