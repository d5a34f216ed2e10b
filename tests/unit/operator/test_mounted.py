"""The webhook's certificate as files of somebody else's making."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from statekeep_operator.certificates import issued
from statekeep_operator.kube import KubeError
from statekeep_operator.mounted import Mounted
from statekeep_operator.settings import read_settings

ENOUGH = {"STATEKEEP_URL": "http://runtime:8000", "STATEKEEP_API_KEY": "key"}


async def test_what_is_mounted_is_served_and_read_again(tmp_path: Path) -> None:
    mounted = Mounted(tmp_path)
    for _ in range(2):
        made = issued(["hook.svc"], datetime.now(UTC), None)
        (tmp_path / "tls.crt").write_bytes(made.serving)
        (tmp_path / "tls.key").write_bytes(made.serving_key)
        found = await mounted.look()
        assert (found.serving, found.serving_key) == (made.serving, made.serving_key)


async def test_what_is_missing_or_half_exchanged_is_said(tmp_path: Path) -> None:
    mounted = Mounted(tmp_path)
    with pytest.raises(KubeError, match=r"tls\.crt: No such file"):
        await mounted.look()
    one, other = (issued(["hook.svc"], datetime.now(UTC), None) for _ in range(2))
    (tmp_path / "tls.crt").write_bytes(one.serving)
    (tmp_path / "tls.key").write_bytes(other.serving_key)
    with pytest.raises(KubeError, match="do not belong together"):
        await mounted.look()
    (tmp_path / "tls.key").write_text("no key at all")
    with pytest.raises(KubeError, match="do not belong together"):
        await mounted.look()


def test_a_directory_is_asked_for_by_the_settings() -> None:
    flags = ["--webhook-names", "hook.svc", "--webhook-directory", "/certificates"]
    webhook = read_settings(flags, ENOUGH).webhook
    assert webhook is not None
    assert webhook.directory == Path("/certificates")
