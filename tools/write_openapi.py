"""Writes docs/openapi.json anew: `python tools/write_openapi.py`. A test finds it out of date."""

from __future__ import annotations

from pathlib import Path

from statekeep.web.app import openapi_json


def main() -> None:
    """Write the document beside the documents."""
    (Path(__file__).parents[1] / "docs" / "openapi.json").write_bytes(openapi_json())


if __name__ == "__main__":
    main()
