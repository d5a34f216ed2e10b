"""The file of contexts: which servers there are, and where the key of each is to be had.

Holds references to keys and never a key. A file that others may write is not read, because it can
name a command; a key file that others may read is refused. The key of a context goes to the
context's own server only: that is `connection`'s business, and this module gives both together.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from statekeep.cli.exits import CommandError
from statekeep.cli.nearest import did_you_mean

VARIABLE: Final = "STATEKEEP_CONFIG"
_MEMBERS: Final = ("server", "apiKeyFile", "apiKeyCommand", "tenant")
_OTHERS_MAY_WRITE: Final = 0o022
_OTHERS_MAY_READ: Final = 0o077
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Context:
    """One server, and how its key is found."""

    server: str
    api_key_file: str | None = None
    api_key_command: tuple[str, ...] = ()
    tenant: str | None = None

    def to_json(self) -> dict[str, Any]:
        written = {
            "server": self.server,
            "apiKeyFile": self.api_key_file,
            "apiKeyCommand": list(self.api_key_command) or None,
            "tenant": self.tenant,
        }
        return {name: value for name, value in written.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Config:
    """All contexts by name, and the one in use."""

    path: Path
    current: str | None = None
    contexts: Mapping[str, Context] = field(default_factory=dict)

    def named(self, name: str) -> Context:
        found = self.contexts.get(name)
        if found is None:
            hint = "`statekeep config get-contexts` lists them"
            near = did_you_mean(name, self.contexts)
            raise CommandError(f"{self.path}: no context `{name}`{near}", hint=hint)
        return found

    def with_context(self, name: str, context: Context, *, use: bool) -> Config:
        contexts = {**self.contexts, name: context}
        return replace(self, contexts=contexts, current=name if use else self.current)

    def without(self, name: str) -> Config:
        self.named(name)
        contexts = {known: one for known, one in self.contexts.items() if known != name}
        return replace(
            self, contexts=contexts, current=None if self.current == name else self.current
        )

    def to_json(self) -> dict[str, Any]:
        listed = {name: self.contexts[name].to_json() for name in sorted(self.contexts)}
        current = {} if self.current is None else {"current": self.current}
        return {**current, "contexts": listed}


def config_path() -> Path:
    """STATEKEEP_CONFIG, else `statekeep/config` in XDG_CONFIG_HOME or ~/.config."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "statekeep" / "config"


def load_config(path: Path | None = None) -> Config:
    """What the file says; a file that is not there says nothing. Raises CommandError."""
    path = path or config_path()
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Config(path)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None
    if path.is_file() and mode & _OTHERS_MAY_WRITE:
        hint = f"chmod 600 {shlex.quote(str(path))}"
        raise CommandError(f"{path}: others may write it, and it can name a command", hint=hint)
    return _read(path)


def save_config(config: Config) -> None:
    """Write the file whole, readable by its owner only."""
    from statekeep.cli.yaml_out import to_yaml  # noqa: PLC0415 - costs PyYAML

    folder = config.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as file:
            file.write(to_yaml(config.to_json()))
        Path(file.name).replace(config.path)
    except OSError as error:
        raise CommandError(f"{config.path}: {error.strerror or error}") from None


def key_of(context: Context, config: Config) -> str | None:
    """The key that a context refers to. Raises CommandError."""
    if context.api_key_file is not None:
        return _key_in(config.path.parent / Path(context.api_key_file).expanduser())
    if context.api_key_command:
        return _key_by(context.api_key_command)
    return None


def _key_in(file: Path) -> str:
    """The first word of a file that nobody else may read."""
    try:
        if file.stat().st_mode & _OTHERS_MAY_READ:
            hint = f"chmod 600 {shlex.quote(str(file))}"
            raise CommandError(f"{file}: others may read this API key", hint=hint)
        words = file.read_text(encoding="utf-8").split(maxsplit=1)
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "no text"
        raise CommandError(f"{file}: {said}: it is the context's apiKeyFile") from None
    if not words:
        raise CommandError(f"{file}: empty: it is the context's apiKeyFile")
    return words[0]


def _key_by(command: tuple[str, ...]) -> str:
    """What a command prints; what it says on stderr is the user's to see."""
    shown = shlex.join(command)
    try:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=_PATIENCE, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        said = error.strerror if isinstance(error, OSError) else f"no end after {_PATIENCE:g} s"
        raise CommandError(f"`{shown}`: {said}: it is the context's apiKeyCommand") from None
    key = ended.stdout.strip()
    if ended.returncode or not key:
        raise CommandError(f"`{shown}` ended with {ended.returncode} and printed no API key")
    return key


def _read(path: Path) -> Config:
    from statekeep.cli.sources import read_text  # noqa: PLC0415
    from statekeep.cli.text.tree import TextError  # noqa: PLC0415 - costs PyYAML
    from statekeep.cli.yaml12 import load  # noqa: PLC0415

    try:
        loaded = load(read_text(str(path)))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None
    except TextError as error:
        place = f"{path}:{error.mark.line}:{error.mark.column}"
        raise CommandError(f"{place}: {error.message} [{error.code}]") from None
    if loaded is None:
        return Config(path)

    def refuse(pointer: str, message: str) -> CommandError:
        mark = loaded.mark(pointer)
        return CommandError(f"{path}:{mark.line}:{mark.column}: {message} [{pointer or '/'}]")

    return _checked(path, loaded.value, refuse)


def _checked(path: Path, value: object, refuse: Any) -> Config:
    if not isinstance(value, dict):
        raise refuse("", "an object with `contexts` is expected")
    for name in value:
        if name not in ("current", "contexts"):
            raise refuse(f"/{name}", f"no member `{name}`; there are current and contexts")
    written = value.get("contexts") or {}
    if not isinstance(written, dict):
        raise refuse("/contexts", "an object is expected: a name, and the context below it")
    contexts = {name: _context(name, one, refuse) for name, one in written.items()}
    current = value.get("current")
    if current is not None and current not in contexts:
        raise refuse("/current", f"no context `{current}` stands below")
    return Config(path, current, contexts)


def _context(name: str, value: object, refuse: Any) -> Context:
    pointer = f"/contexts/{name.replace('~', '~0').replace('/', '~1')}"
    if not isinstance(value, dict) or not isinstance(value.get("server"), str):
        raise refuse(pointer, "an object with a `server` is expected")
    for member, inner in value.items():
        if member == "apiKey":
            raise refuse(
                f"{pointer}/apiKey", "a key does not belong here; name a file in apiKeyFile"
            )
        if member not in _MEMBERS:
            near = did_you_mean(member, _MEMBERS)
            raise refuse(f"{pointer}/{member}", f"no member `{member}` of a context{near}")
        if not _is_well_formed(member, inner):
            raise refuse(f"{pointer}/{member}", "a text is expected")
    if "apiKeyFile" in value and "apiKeyCommand" in value:
        raise refuse(pointer, "either apiKeyFile or apiKeyCommand, not both")
    return Context(
        value["server"],
        value.get("apiKeyFile"),
        words_of(value.get("apiKeyCommand", ())),
        value.get("tenant"),
    )


def _is_well_formed(member: str, value: object) -> bool:
    if member == "apiKeyCommand" and isinstance(value, list):
        return bool(value) and all(isinstance(word, str) for word in value)
    return isinstance(value, str) and bool(value)


def words_of(command: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """A command as it is run, without a shell; a text is split as a shell would."""
    return tuple(shlex.split(command)) if isinstance(command, str) else tuple(command)
