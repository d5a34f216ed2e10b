"""The file of contexts: what it says, what wins, and whose key goes where."""

from argparse import Namespace
from pathlib import Path

import pytest

from statekeep.cli.connection import Target, target_of
from statekeep.cli.exits import CommandError
from support.command_line import spoken, statekeep

FILE = """\
current: laptop
contexts:
  laptop: {server: http://127.0.0.1:8000, apiKeyFile: laptop.key}
  prod: {server: https://sk.example.org, apiKeyCommand: echo of-prod, tenant: lending}
  open: {server: https://me:secret@open.example.org}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of contexts with its key, and no other setting."""
    for name in ("STATEKEEP_URL", "STATEKEEP_API_KEY", "STATEKEEP_TENANT"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "config"
    file.write_text(FILE)
    file.chmod(0o600)
    (tmp_path / "laptop.key").write_text("of-laptop default admin\n")
    (tmp_path / "laptop.key").chmod(0o600)
    monkeypatch.setenv("STATEKEEP_CONFIG", str(file))
    return file


LAPTOP = Target("http://127.0.0.1:8000", "of-laptop", None)
PROD = Target("https://sk.example.org", "of-prod", "lending")
WINS: list[tuple[dict[str, str], dict[str, str], Target]] = [
    ({}, {}, LAPTOP),
    ({"place": "prod"}, {}, PROD),
    ({"place": "prod"}, {"STATEKEEP_URL": "http://env"}, PROD),
    ({"place": "prod", "api_key": "mine"}, {}, Target(PROD.url, "mine", "lending")),
    ({"place": "prod", "tenant": "claims"}, {}, Target(PROD.url, "of-prod", "claims")),
    ({"place": "open"}, {"STATEKEEP_API_KEY": "env"},
     Target("https://me:secret@open.example.org", "env", None)),
    ({}, {"STATEKEEP_URL": "http://env"}, Target("http://env", None, None)),
    ({"server": "http://flag"}, {}, Target("http://flag", None, None)),
    ({"server": "http://flag", "place": "prod"}, {}, Target("http://flag", None, None)),
    ({"server": "http://flag"}, {"STATEKEEP_API_KEY": "env"}, Target("http://flag", "env", None)),
]  # fmt: skip


@pytest.mark.parametrize(("flags", "variables", "expected"), WINS)
def test_flags_win_over_contexts_by_name_over_the_environment_over_the_one_in_use(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: dict[str, str],
    variables: dict[str, str],
    expected: Target,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    given = {"server": None, "api_key": None, "tenant": None, "place": None, **flags}
    assert target_of(Namespace(**given)) == expected


def test_contexts_are_set_used_listed_and_forgotten(tmp_path: Path, config: Path) -> None:
    config.unlink()
    (tmp_path / "k").write_text("key")
    said = spoken("config", "set-context", "a", "--server", "http://a", "--api-key-file", "~/k")
    assert said == "a is set and in use.\n"
    assert config.stat().st_mode & 0o777 == 0o600
    spoken("config", "set-context", "b", "--server", "http://b", "--api-key-command", "pass 'b c'")
    spoken("config", "set-context", "a", "--tenant", "lending")
    assert spoken("config", "current-context") == "a\n"
    spoken("config", "use-context", "b")
    assert spoken("config", "get-contexts").splitlines() == [
        "IN USE  NAME  SERVER    KEY       TENANT",
        "no      a     http://a  ~/k       lending",
        "yes     b     http://b  pass b c  -",
    ]
    spoken("config", "delete-context", "b")
    assert spoken("config", "view").splitlines() == [
        "contexts:",
        "  a:",
        "    server: http://a",
        "    apiKeyFile: ~/k",
        "    tenant: lending",
    ]
    assert spoken("config", "current-context") == "(none)\n"


def test_passwords_are_hidden_in_what_is_shown(config: Path) -> None:
    for action in ("view", "get-contexts"):
        shown = spoken("config", action)
        assert "secret" not in shown
        assert "https://********@open.example.org" in shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("contexts: {a: {server: x, apiKey: hunter2}}", "1:27: a key does not belong here"),
        ("contexts:\n  a: {serve: x}", "2:3: an object with a `server` is expected"),
        ("contexts:\n  a: {server: x, tenat: y}", "2:18: no member `tenat` of a context; did you"),
        ("contexts: {a: {server: x, apiKeyCommand: []}}", "a text is expected"),
        ("contexts: {a: {server: x, apiKeyFile: f, apiKeyCommand: c}}", "not both"),
        ("current: b\ncontexts: {a: {server: x}}", "1:1: no context `b` stands below"),
        ("context: {}", "1:1: no member `context`; there are current and contexts"),
        ("- a", "1:1: an object with `contexts` is expected"),
        ("a: [", "[InvalidYAML]"),
    ],
)
def test_a_broken_file_is_told_by_line_and_pointer(config: Path, text: str, says: str) -> None:
    config.write_text(text)
    ended = statekeep("config", "view")
    assert ended.code == 2
    assert f"{config}:" in ended.err
    assert says in ended.err
    assert "hunter2" not in ended.err


def test_what_others_may_write_or_read_is_refused(config: Path) -> None:
    (config.parent / "laptop.key").chmod(0o640)
    ended = statekeep("get", "a")
    assert (ended.code, "others may read this API key" in ended.err) == (2, True)
    assert "chmod 600" in ended.err
    config.chmod(0o620)
    ended = statekeep("get", "a")
    assert (ended.code, "others may write it" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--context", "prd"), "no context `prd`; did you mean `prod`?"),
        (("--context", "gone"), "gone.key: No such file or directory"),
        (("--context", "silent"), "`false` ended with 1 and printed no API key"),
        (("--context", "missing"), "`no-such-command`: No such file or directory"),
    ],
)
def test_what_stands_in_the_way_of_a_key_is_said(
    config: Path, arguments: tuple[str, ...], says: str
) -> None:
    with config.open("a") as file:
        file.write("  gone: {server: http://g, apiKeyFile: gone.key}\n")
        file.write("  silent: {server: http://s, apiKeyCommand: 'false'}\n")
        file.write("  missing: {server: http://m, apiKeyCommand: no-such-command}\n")
    ended = statekeep("get", "a", *arguments)
    assert (ended.code, says in ended.err) == (2, True), ended.err


def test_an_actor_s_context_and_a_server_s_are_not_mixed_up(config: Path) -> None:
    ended = statekeep("spawn", "v1", "--context", "{}", "--server-context", "nowhere")
    assert "no context `nowhere`" in ended.err
    ended = statekeep("spawn", "v1", "--context", "prod")
    assert "--context: no JSON" in ended.err


def test_no_file_is_no_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATEKEEP_CONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("STATEKEEP_URL", raising=False)
    given = Namespace(server=None, api_key="k", tenant=None, place=None)
    assert target_of(given) == Target("http://127.0.0.1:8000", "k", None)
    given.place = "prod"
    with pytest.raises(CommandError, match="no context `prod`"):
        target_of(given)
