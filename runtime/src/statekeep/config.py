"""Settings of `statekeep serve`: one table; each by flag, by environment, or by default.

The only place that reads the environment for the server. A flag wins over the environment, an
empty variable counts as absent. What is secret is never printed: `described` hides it, and reprs
leave it out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

ENV_PREFIX: Final = "STATEKEEP_"
UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
HIDDEN: Final = "********"
_PASSWORD: Final = re.compile(r"(?<=://).*(?=@)|(?<=[?&]password=)[^&]*")


class SettingInvalid(Exception):
    """A setting that cannot be read; the message names flag, variable and what is allowed."""


def switch(text: str) -> bool:
    """A yes or no, as people write it."""
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("true or false")


def positive(text: str) -> int:
    """A whole number above zero."""
    number = int(text)
    if number <= 0:
        raise ValueError("a whole number above zero")
    return number


def not_negative(text: str) -> int:
    """A whole number, zero included."""
    number = int(text)
    if number < 0:
        raise ValueError("a whole number, zero or more")
    return number


def duration(text: str) -> float:
    """Seconds, or a number with s, m, h or d."""
    number, unit = text.strip(), 1
    if number and number[-1] in UNITS:
        number, unit = number[:-1], UNITS[number[-1]]
    if not number.isdecimal():
        raise ValueError("a duration such as 90s, 15m, 12h or 30d")
    return float(int(number) * unit)


def port(text: str) -> int:
    """A TCP port; 0 lets the system choose."""
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError("a port, 0 to 65535")
    return number


def level(text: str) -> str:
    """A log level."""
    word = text.strip().lower()
    if word not in {"debug", "info", "warning", "error"}:
        raise ValueError("debug, info, warning or error")
    return word


@dataclass(frozen=True, slots=True)
class Setting:
    """How a setting is read, and what it says about itself."""

    parse: Callable[[str], Any]
    help: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a server is told."""

    host: Annotated[str, Setting(str, "address to listen on")] = "127.0.0.1"
    port: Annotated[int, Setting(port, "port to listen on; 0 chooses a free one")] = 8000
    redis_url: Annotated[
        str | None, Setting(str, "the store, as redis://[user:password@]host:port/db", secret=True)
    ] = field(default=None, repr=False)
    shards: Annotated[int, Setting(positive, "shards of the store; fixed at its first start")] = 16
    key_ring: Annotated[Path | None, Setting(Path, "directory of encryption keys")] = None
    api_keys_file: Annotated[Path | None, Setting(Path, "file of bootstrap API keys")] = None
    pepper_file: Annotated[Path | None, Setting(Path, "file of the pepper of API keys")] = None
    embedded: Annotated[bool, Setting(switch, "start a private Valkey, for a laptop")] = False
    data_dir: Annotated[Path, Setting(Path, "where --embedded keeps its data")] = Path(".statekeep")
    allow_no_aof: Annotated[bool, Setting(switch, "be ready without an append-only file")] = False
    max_body_bytes: Annotated[int, Setting(positive, "longest request body")] = 1_048_576
    max_bulk_bytes: Annotated[
        int, Setting(positive, "longest body of a registry that is imported")
    ] = 67_108_864
    max_context_bytes: Annotated[int, Setting(positive, "longest context, as JSON")] = 65_536
    max_depth: Annotated[int, Setting(positive, "deepest nesting of a body")] = 64
    max_batch: Annotated[int, Setting(positive, "most events in a batch")] = 1_000
    max_event_type_bytes: Annotated[int, Setting(positive, "longest event type, as UTF-8")] = 256
    max_history: Annotated[int, Setting(positive, "most accepted events of an actor")] = 100_000
    max_actors: Annotated[int, Setting(not_negative, "most actors of a tenant; 0 for no limit")] = (
        10_000_000
    )
    max_cohorts: Annotated[
        int, Setting(not_negative, "most live cohorts of a tenant; 0 for no limit")
    ] = 2_000_000
    retain_done: Annotated[
        float | None,
        Setting(duration, "how long finished actors are kept, such as 30d; empty: for ever"),
    ] = None
    open_metrics: Annotated[
        bool, Setting(switch, "name tenants and workflows at /metrics without a key")
    ] = False
    rate: Annotated[int, Setting(not_negative, "requests a second and key; 0 for no limit")] = 0
    body_seconds: Annotated[int, Setting(positive, "how long a body may take to arrive")] = 20
    drain_seconds: Annotated[
        int, Setting(positive, "how long requests may finish when stopping")
    ] = 20
    log_level: Annotated[str, Setting(level, "debug, info, warning or error")] = "info"


def settings_table() -> dict[str, Setting]:
    """Every setting by name, in the order of the table."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """One flag a setting; none has a default, so that the environment can speak."""
    for name, setting in settings_table().items():
        flag = "--" + name.replace("_", "-")
        text = f"{setting.help} [{variable(name)}]"
        if setting.parse is switch:
            parser.add_argument(flag, action="store_const", const="true", help=text)
        else:
            parser.add_argument(flag, metavar="VALUE", help=text)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return ENV_PREFIX + name.upper()


def read_settings(flags: Mapping[str, str | None], environment: Mapping[str, str]) -> Settings:
    """Settings from flags and environment, or every one that is wrong."""
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for name, setting in settings_table().items():
        text = flags.get(name) or environment.get(variable(name))
        if not text:
            continue
        try:
            found[name] = setting.parse(text)
        except ValueError as error:
            wrong.append(_complaint(name, text, error, setting.secret))
    if wrong:
        raise SettingInvalid("; ".join(wrong))
    return Settings(**found)


def described(settings: Settings) -> dict[str, str]:
    """Every setting as text, secrets hidden."""
    return {name: _shown(getattr(settings, name)) for name in settings_table()}


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return _PASSWORD.sub(HIDDEN, str(value))


def _complaint(name: str, text: str, error: ValueError, secret: bool) -> str:
    flag = "--" + name.replace("_", "-")
    shown = HIDDEN if secret else repr(text)
    told = str(error) if "invalid literal" not in str(error) else "a whole number"
    return f"{flag} ({variable(name)}) is {shown}, and must be {told}"
