"""Settings come from flags, then the environment, then defaults; secrets are never shown."""

import argparse
from pathlib import Path

import pytest

from statekeep.config import (
    SettingInvalid,
    Settings,
    add_flags,
    described,
    read_settings,
    settings_table,
    variable,
)


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    settings = read_settings(
        {"port": "1"}, {"STATEKEEP_PORT": "2", "STATEKEEP_HOST": "::1", "STATEKEEP_RATE": ""}
    )
    assert (settings.port, settings.host, settings.rate) == (1, "::1", 0)


def test_every_setting_has_a_flag_that_is_read() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    args = vars(parser.parse_args(["--embedded", "--data-dir", "/data", "--log-level", "DEBUG"]))
    assert set(args) == set(settings_table())
    settings = read_settings(args, {})
    assert (settings.embedded, settings.data_dir) == (True, Path("/data"))
    assert settings.log_level == "debug"


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingInvalid) as caught:
        read_settings({"port": "99999"}, {"STATEKEEP_RATE": "x", "STATEKEEP_EMBEDDED": "maybe"})
    assert str(caught.value).split("; ") == [
        "--port (STATEKEEP_PORT) is '99999', and must be a port, 0 to 65535",
        "--embedded (STATEKEEP_EMBEDDED) is 'maybe', and must be true or false",
        "--rate (STATEKEEP_RATE) is 'x', and must be a whole number",
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rediss://user:hunter2@store:6380/1", "rediss://********@store:6380/1"),
        ("redis://:hunter2@x/hunter2@store", "redis://********@store"),
        ("redis://store?password=hunter2&db=3", "redis://store?password=********&db=3"),
        ("redis+sentinel://u:hunter2@a:1,b:2/m", "redis+sentinel://********@a:1,b:2/m"),
        ("redis://store:6380/1", "redis://store:6380/1"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    settings = read_settings({}, {"STATEKEEP_REDIS_URL": url})
    assert settings.redis_url == url
    assert described(settings)["redis_url"] == shown
    assert "hunter2" not in repr(settings) + str(described(settings))


def test_the_description_names_every_setting() -> None:
    assert list(described(Settings())) == list(settings_table())


def test_the_page_of_the_configuration_lists_every_setting() -> None:
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    defaults = described(Settings())
    for name, setting in settings_table().items():
        flag = "--" + name.replace("_", "-")
        row = f"| `{flag}` | `{variable(name)}` | {defaults[name]} | {setting.help} |"
        assert row in page, "run `python tools/write_openapi.py`"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0.0), ("90", 90.0), ("15m", 900.0), ("12h", 43_200.0), ("30d", 2_592_000.0)],
)
def test_how_long_finished_actors_are_kept_is_a_duration(text: str, seconds: float) -> None:
    assert read_settings({"retain_done": text}, {}).retain_done == seconds


@pytest.mark.parametrize("text", ["soon", "-1s", "1.5h", "d", "3w"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(SettingInvalid, match="a duration such as 90s, 15m, 12h or 30d"):
        read_settings({"retain_done": text}, {})
