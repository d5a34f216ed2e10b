"""What a person sees on a terminal: it fits, and colours are only there; bars and --watch."""

import json
from pathlib import Path

import pytest

from support.command_line import spoken, statekeep
from support.terminals import ESCAPES, STATEKEEP, on_terminal

pytestmark = pytest.mark.valkey

LOAN = Path(__file__).parents[3] / "examples" / "loan"
V2 = (
    str(LOAN / "loan-v2.json"), "--id", "loan-v2", "--parent", "loan-v1",
    "--history", "SUBMIT_INFO,PAY_FEE",
)  # fmt: skip
V3 = (str(LOAN / "loan-v3.json"), "--id", "loan-v3", "--parent", "loan-v2")


def alice_and_bob() -> tuple[str, str]:
    spoken("deploy", str(LOAN / "loan-v1.json"), "--id", "loan-v1", "--workflow", "loan")
    alice, bob = spoken("spawn", "loan-v1", "--count", "2").split()
    spoken("send", alice, "SUBMIT_INFO", "PAY_FEE")
    spoken("send", bob, "SUBMIT_INFO", "WAIVE_FEE")
    return alice, bob


def screen(*arguments: str, columns: int, code: int = 0, **variables: str) -> str:
    """What a command shows on a terminal, escapes included."""
    with on_terminal((*STATEKEEP, *arguments), columns, **variables) as terminal:
        assert terminal.end() == code, terminal.text
        return terminal.raw


def lines_of(raw: str) -> list[str]:
    return ESCAPES.sub("", raw).replace("\r\n", "\n").rstrip("\n").split("\n")


def test_screens_fit_80_and_120_columns_with_and_without_colour(server: str) -> None:
    alice, _ = alice_and_bob()
    _fits(("preview", *V2), 0, "→ income_verify")
    spoken("deploy", *V2)
    _fits(("preview", *V3), 0, "--map income_verify=TARGET")
    spoken("deploy", *V3)
    _fits(("stranded", "loan"), 1, "StateRemoved")
    _fits(("why", alice), 0, "and needs a rescue")
    _fits(("change-point", "list"), 0, "SUBMIT_INFO PAY_FEE")
    _fits(("deployment", "loan-v2"), 0, "AnchorNotMatched")


def _fits(command: tuple[str, ...], code: int, words: str) -> None:
    narrow = screen(*command, columns=80, code=code)
    for raw, columns in ((narrow, 80), (screen(*command, columns=120, code=code), 120)):
        assert max(map(len, lines_of(raw))) <= columns
        assert words in " ".join(ESCAPES.sub("", raw).split())
    plain = screen(*command, columns=80, code=code, NO_COLOR="1")
    assert "\x1b" not in plain
    assert lines_of(narrow) == lines_of(plain)


def test_a_pipe_gets_no_colour_no_bar_and_whole_lines(server: str) -> None:
    alice, _ = alice_and_bob()
    spoken("deploy", *V2)
    ended = statekeep("why", alice)
    assert "\x1b" not in ended.out + ended.err
    assert max(map(len, ended.out.splitlines())) > 80
    many = statekeep("spawn", "loan-v1", "--count", "3")
    assert (len(many.out.split()), many.err) == (3, "")


def test_a_bar_is_shown_on_a_terminal_and_gone_when_it_is_over(server: str) -> None:
    spoken("deploy", str(LOAN / "loan-v1.json"), "--id", "loan-v1", "--workflow", "loan")
    raw = screen("spawn", "loan-v1", "--count", "600", columns=80)
    assert "of 600" in raw
    ids = [line.rpartition("\r")[2] for line in lines_of(raw)]
    assert len({one for one in ids if one and "of 600" not in one}) == 600
    raw = screen("send", "--all", "SUBMIT_INFO", columns=80)
    assert "600 events accepted, 0 not accepted, 0 queued, 0 failed." in raw
    assert "█" not in lines_of(raw)[-1].rpartition("\r")[2]


def test_stranded_is_watched_until_the_keyboard_ends_it(server: str) -> None:
    alice, _ = alice_and_bob()
    spoken("deploy", *V2, "--landing", "MappingOnly")
    with on_terminal((*STATEKEEP, "stranded", "loan", "--watch")) as terminal:
        terminal.until("1 actor in need of a rescue")
        spoken("rescue", alice, "--to", "loan-v2", "--state", "income_verify", "--reason", "me")
        terminal.until("Nobody is stranded in loan.")
        terminal.interrupt()
        assert terminal.end() == 130
    ended = statekeep("deployment", "loan-v2", "--watch")
    assert (ended.code, "0 actors migrated, 1 stayed, 1 stranded." in ended.out) == (0, True)


def test_events_come_from_a_file_or_go_to_all_of_a_state(server: str, tmp_path: Path) -> None:
    spoken("deploy", str(LOAN / "loan-v1.json"), "--id", "loan-v1", "--workflow", "loan")
    ids = spoken("spawn", "loan-v1", "--count", "4").split()
    file = tmp_path / "events.jsonl"
    events = [{"actorId": actor, "type": "SUBMIT_INFO"} for actor in ids]
    events += [{"actorId": "nobody", "type": "PAY_FEE"}, {"actorId": ids[0], "type": "NOPE"}]
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    told = spoken("send", "--file", str(file), code=1)
    assert "4 events accepted, 1 not accepted, 0 queued, 1 failed." in told
    assert "nobody PAY_FEE: UnknownActor" in told
    paying = ("send", "--all", "PAY_FEE", "--state", "fee_due", "-o", "json")
    accepted = [json.loads(spoken(*paying, *more))["accepted"] for more in (("--limit", "3"), ())]
    assert accepted == [3, 1]

    for text, says in (("{", "events.jsonl:1: no JSON"), ('{"type": "A"}', "[/actorId]")):
        file.write_text(f"{text}\n")
        ended = statekeep("send", "--file", str(file))
        assert (ended.code, says in ended.err) == (2, True), ended.err


def test_change_points_are_previewed_deployed_listed_and_closed(
    server: str, tmp_path: Path
) -> None:
    _, bob = alice_and_bob()
    spoken("deploy", *V2)
    file = tmp_path / "late.yaml"
    file.write_text("name: late\nfrom: loan-v1\nto: loan-v2\nhistoryPath: [SUBMIT_INFO]\n")
    seen = spoken("change-point", "preview", str(file), "--landing", "Same", "--check")
    assert "1 actor would migrate, 0 would stay, 0 would strand." in seen
    told = spoken("change-point", "deploy", str(file), "--landing", "Same", "--max-stranded", "0")
    assert "late is registered in workflow loan, at clock 3.\n1 actor migrated" in told
    assert json.loads(spoken("get", bob, "-o", "json"))["version"] == "loan-v2"
    rows = json.loads(spoken("change-point", "list", "-o", "json"))["items"]
    assert [row["name"] for row in rows] == ["late", "loan-v2.loan-v1"]
    assert "late is closed" in spoken("change-point", "close", "late")
    shown = spoken("change-point", "get", "late")
    assert "For:          SUBMIT_INFO" in shown
    assert "Closed:       yes" in shown
    hotfix = ("--refines", "loan-v2.loan-v1", "--to", "loan-v2", "--landing", "Same")
    told = spoken("change-point", "deploy", "fix", *hotfix)
    assert "fix is registered" in told
    ended = statekeep("change-point", "deploy", "lost", "--from", "loan-v1")
    assert (ended.code, "--to VERSION" in ended.err) == (2, True)
