"""`python -m statekeep_operator`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from statekeep import logs
from statekeep_operator.running import Operator
from statekeep_operator.settings import SettingInvalid, Settings, read_settings


def main() -> int:
    """Read the settings, run, answer the exit code."""
    try:
        settings = read_settings(None, os.environ)
    except SettingInvalid as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    logs.configure(settings.log_level)
    for talkative in ("httpx", "kopf.objects", "kopf._core"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    return await Operator(settings).run()


if __name__ == "__main__":
    sys.exit(main())
