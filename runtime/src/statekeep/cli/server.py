"""What `statekeep serve` does: logs, the private store of `--embedded`, and the event loop."""

from __future__ import annotations

import secrets
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import uvloop

from statekeep import logs
from statekeep.cli.exits import CommandError
from statekeep.config import Settings
from statekeep.sealing.errors import KeyRingInvalid
from statekeep.sealing.keyring import new_key
from statekeep.service.keys import KeyFileInvalid
from statekeep.storage.embedded import EmbeddedError, EmbeddedValkey
from statekeep.storage.errors import StoreError
from statekeep.web.serving import CannotServe, open_redis, serve

TENANT = "default"
_OTHER_PORT = "take another with --port, and name it to the commands: STATEKEEP_URL, or --server"
SECRETS = "in a pod this is a mounted Secret: make it, or mend it, as docs/configuration.md says"


def serve_until_stopped(settings: Settings) -> None:
    """Serve; what prevents it ends the command with a sentence."""
    try:
        _serve(settings)
    except CannotServe as error:
        hint = _OTHER_PORT if "in use" in str(error) else "see `statekeep serve --help`"
        raise CommandError(str(error), hint=hint) from error
    except (KeyRingInvalid, KeyFileInvalid) as error:
        raise CommandError(str(error), hint=SECRETS) from error
    except (EmbeddedError, StoreError) as error:
        raise CommandError(str(error)) from error


def _serve(settings: Settings) -> None:
    logs.configure(settings.log_level)
    with ExitStack() as stack:
        if settings.embedded:
            settings = _embedded(settings, stack)
        uvloop.run(_run(settings))


async def _run(settings: Settings) -> None:
    await serve(settings, await open_redis(settings))


def _embedded(settings: Settings, stack: ExitStack) -> Settings:
    """Start the private store, and make the secrets that are not there yet."""
    home = settings.data_dir.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring, pepper, keys = home / "keys", home / "pepper", home / "api-keys"
    ring.mkdir(exist_ok=True, mode=0o700)
    if not any(ring.iterdir()):
        _write_secret(ring / "k1", new_key())
    if not pepper.exists():
        _write_secret(pepper, secrets.token_urlsafe(32))
    if not keys.exists():
        _write_secret(keys, f"{secrets.token_urlsafe(36)} {TENANT} admin\n")
    valkey = stack.enter_context(EmbeddedValkey(home / "valkey", fsync="always"))
    key = keys.read_text(encoding="utf-8").split()[0]
    print(f"API key of tenant {TENANT!r}, role admin: {key}", file=sys.stderr)
    print(f"  export STATEKEEP_API_KEY={key}", file=sys.stderr)
    where = f"at http://{settings.host}:{settings.port}" if settings.port else "on a free port"
    print(f"Serving {where}, data in {home}; Ctrl-C ends it and keeps them.", file=sys.stderr)
    sys.stderr.flush()
    return replace(
        settings,
        redis_url=settings.redis_url or valkey.url,
        key_ring=settings.key_ring or ring,
        pepper_file=settings.pepper_file or pepper,
        api_keys_file=settings.api_keys_file or keys,
    )


def _write_secret(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content, encoding="utf-8")
