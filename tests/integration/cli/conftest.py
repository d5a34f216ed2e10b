"""A server as people start it on a laptop, known to the command line by its environment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.serving import embedded_key, serving


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    home = tmp_path / "home"
    with serving("--embedded", "--data-dir", str(home)) as serving_it:
        monkeypatch.setenv("STATEKEEP_URL", serving_it.url)
        monkeypatch.setenv("STATEKEEP_API_KEY", embedded_key(home))
        yield serving_it.url
