"""One run of `statekeep test` over files, as pytest would show it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from statekeep.cli.colours import Colours
from statekeep.cli.scenario.backend import Backend
from statekeep.cli.scenario.files import FileError, read_file, scenario_files
from statekeep.cli.scenario.report import Failure, check, show_failure
from statekeep.cli.scenario.steps import Scenario


class Session:
    """Runs scenarios and counts."""

    def __init__(
        self,
        backend: Callable[[], Backend],
        colours: Colours,
        write: Callable[[str], object],
        *,
        verbose: bool,
    ) -> None:
        self._backend = backend
        self._colours = colours
        self._write = write
        self._verbose = verbose
        self._passed = 0
        self._failures: list[Failure] = []

    async def run(self, paths: list[Path], *, stop: bool) -> int:
        """Run every scenario under these paths; how many failed."""
        began = time.monotonic()
        files = [(path, read_file(path)) for path in scenario_files(paths)]
        if not any(scenarios for _, scenarios in files):
            raise FileError(paths[0], None, "there is no scenario here")
        for path, scenarios in files:
            await self._file(path, scenarios, stop=stop)
            if stop and self._failures:
                break
        self._summary(time.monotonic() - began)
        return len(self._failures)

    async def _file(self, path: Path, scenarios: tuple[Scenario, ...], *, stop: bool) -> None:
        if not self._verbose:
            self._write(f"{path} ")
        for scenario in scenarios:
            failure = await check(scenario, self._backend())
            if failure is None:
                self._passed += 1
            else:
                self._failures.append(failure)
            self._line(path, scenario, passed=failure is None)
            if stop and failure is not None:
                break
        if not self._verbose:
            self._write("\n")

    def _line(self, path: Path, scenario: Scenario, *, passed: bool) -> None:
        paint = self._colours.green if passed else self._colours.red
        if self._verbose:
            word = "PASSED" if passed else "FAILED"
            self._write(f"{path}::{scenario.name} {paint(word)}\n")
        else:
            self._write(paint("." if passed else "F"))

    def _summary(self, seconds: float) -> None:
        if self._failures:
            self._write("\n")
        for failure in self._failures:
            show_failure(failure, self._colours, self._write)
        failed = len(self._failures)
        counts = f"{failed} failed, {self._passed} passed" if failed else f"{self._passed} passed"
        paint = self._colours.red if failed else self._colours.green
        self._write(paint(f"{counts} in {seconds:.2f} s") + "\n")
