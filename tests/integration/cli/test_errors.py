"""What goes wrong is said in a sentence, with the place and the way out, and no trace of Python."""

from pathlib import Path

import pytest

from support.command_line import spoken, statekeep

pytestmark = pytest.mark.valkey

LOAN = Path(__file__).parents[3] / "examples" / "loan"
NOWHERE = ("--server", "http://127.0.0.1:9")
MACHINE = """{
  "initial": "draught",
  "states": {
    "draft": {"on": {"GO": "nowhere"}}
  }
}
"""
BODY = """id: bad-v1
historyPaht: []
definition: {initial: a, states: {a: {}}}
"""
INNER = MACHINE.strip().replace("\n", "\n  ")
FILES = {
    "syntax.json": '{\n  "initial": "a"\n  "states": {}\n}\n',
    "machine.json": MACHINE,
    "body.yaml": BODY,
    "inner.yaml": f"id: bad-v1\ndefinition:\n  {INNER}\n",
    "point.yaml": "name: p\nfrom: loan-v1\nto: loan-v1\nlandin: Same\n",
    "list.json": "[]",
}
TABLE: list[tuple[tuple[str, ...], int, tuple[str, ...]]] = [
    # no server
    (("get", "a", *NOWHERE), 3, ("does not answer", "statekeep serve --embedded")),
    (("deploy", "machine.json", "--id", "x", *NOWHERE), 3, ("does not answer",)),
    (("get", "a", "--server", "nonsense"), 3, ("nonsense",)),
    # a wrong key, or none
    (("get", "a", "--api-key", "wrong"), 4, ("KeyUnknown", "`statekeep keys create` makes one")),
    (("versions", "--api-key", "wrong"), 4, ("KeyUnknown",)),
    # what is not there
    *(((command, "nobody"), 4, ("UnknownActor", "Look for it with")) for command in
      ("get", "why", "decisions")),
    (("send", "nobody", "E"), 4, ("UnknownActor",)),
    (("rescue", "nobody", "--to", "loan-v1", "--state", "x", "--reason", "r"), 4,
     ("UnknownActor",)),
    (("spawn", "nothing"), 4, ("UnknownVersion",)),
    (("diagram", "nothing"), 4, ("UnknownVersion",)),
    (("stranded", "laon"), 4, ("no workflow `laon`; did you mean `loan`?",)),
    (("deployment", "nothing"), 4, ("UnknownDeployment",)),
    (("change-point", "get", "nothing"), 4, ("UnknownChangePoint",)),
    # typing
    (("deplyo",), 2, ("no command `deplyo`; did you mean `deploy`?", "--help` lists")),
    (("spawn", "loan-v1", "--cuont", "3"), 2, ("no option `--cuont`; did you mean `--count`?",)),
    (("change-point", "lst"), 2, ("invalid choice: 'lst'",)),
    (("spawn", "loan-v1", "--count", "many"), 2, ("invalid int value: 'many'",)),
    (("spawn", "loan-v1", "--context", "{"), 2, ("--context: no JSON",)),
    (("send", "a"), 2, ("an actor and at least one event", "--all EVENT…")),
    # broken files: line, column and pointer
    (("deploy", "syntax.json", "--id", "x"), 2, ("syntax.json:3:3: ", "[InvalidJSON]")),
    (("deploy", "machine.json", "--id", "x"), 4,
     ("machine.json:2:3: `draught` is no child", 'did you mean "draft"? [/initial]',
      "machine.json:4:22: the target `nowhere`", "[/states/draft/on/GO]")),
    (("preview", "inner.yaml"), 4, ("inner.yaml:4:5: `draught`", "[/initial]")),
    (("deploy", "body.yaml"), 4, ("body.yaml:2:1: there is no such member [/historyPaht]",)),
    (("change-point", "deploy", "point.yaml"), 4, ("point.yaml:4:1: ", "[/landin]")),
    (("deploy", "list.json"), 2, ("list.json: an object is expected",)),
    (("deploy", "gone.json"), 2, ("gone.json: No such file or directory",)),
    (("replay", "machine.json"), 2, ("machine.json:2:3: `draught`", "[WrongInitial /initial]")),
    (("diagram", "machine.json"), 2, ("machine.json:2:3: `draught`",)),
    (("lint", "machine.json"), 1, ()),
    # what the server refuses
    (("deploy", "v1", "--id", "loan-v1", "--workflow", "other"), 4, ("DefinitionExists",)),
    (("deploy", "v1", "--id", "v", "--parent", "nothing"), 4, ("UnknownVersion",)),
    (("deploy", "v1", "--id", "v2", "--parent", "loan-v1", "--map", "nope=applied"), 4,
     ("MappingUnknownSource",)),
]  # fmt: skip


def test_every_error_says_what_where_and_what_to_do(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    spoken("deploy", str(LOAN / "loan-v1.json"), "--id", "loan-v1", "--workflow", "loan")
    for arguments, code, says in TABLE:
        given = [str(LOAN / "loan-v1.json") if word == "v1" else word for word in arguments]
        ended = statekeep(*given)
        said = f"{arguments}: {ended.code}\n{ended.err}"
        assert ended.code == code, said
        assert all(words in ended.err for words in says), said
        assert "Traceback" not in ended.err
        assert "Error(" not in ended.err
