"""Settings: flags win over the environment, and what is wrong is named."""

from pathlib import Path

import pytest

from statekeep_operator.settings import FLAGS, SettingInvalid, read_settings

ENOUGH = {"STATEKEEP_URL": "http://runtime:8000", "STATEKEEP_API_KEY": "key"}


def test_two_settings_are_enough() -> None:
    found = read_settings([], ENOUGH)
    assert (found.runtime_url, found.api_key, found.namespaces) == (
        "http://runtime:8000",
        "key",
        (),
    )
    assert (found.workers, found.webhook, found.lease_name) == (8, None, "statekeep-operator")


def test_a_flag_wins_and_a_file_wins(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    flags = ["--runtime-url", "http://other", "--api-key-file", str(tmp_path / "key")]
    found = read_settings([*flags, "--namespaces", "b, a,"], ENOUGH)
    assert (found.runtime_url, found.api_key) == ("http://other", "from the file")
    assert found.namespaces == ("a", "b")


@pytest.mark.parametrize(
    ("flags", "environment", "said"),
    [
        ([], {}, "--runtime-url (STATEKEEP_URL) is missing"),
        ([], {"STATEKEEP_URL": "http://runtime"}, "--api-key-file (STATEKEEP_API_KEY_FILE)"),
        (["--api-key-file", "/nowhere"], ENOUGH, "/nowhere: No such file"),
        (["--workers", "many"], ENOUGH, "--workers is 'many', and must be a number"),
        (["--gate-seconds", "-1"], ENOUGH, "must not be below zero"),
        (["--webhook-names", "x", "--webhook-port", "https"], ENOUGH, "--webhook-port is 'https'"),
    ],
)
def test_what_is_wrong_is_named(flags: list[str], environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read_settings(flags, environment)
    assert said in str(caught.value)


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(["--help"], {})
    said = " ".join(capsys.readouterr().out.split())
    for variable in (
        "STATEKEEP_URL",
        "STATEKEEP_NAMESPACES",
        "STATEKEEP_SETTLE_SECONDS; default 0.5",
    ):
        assert variable in said


def test_the_page_lists_every_setting() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "operator.md").read_text()
    listed = page.partition("<!-- settings: ")[2].partition("<!-- end of settings -->")[0]
    rows = [
        f"| `--{name}` | `{variable}` | {f'`{default}`' if default else ''} | {text} |"
        for name, variable, default, text in FLAGS
    ]
    assert listed.splitlines()[3:] == rows
