"""A problem is a code with a status, a title and a way out, and carries every fault."""

import json

from statekeep.web.problems import KINDS, Fault, Refusal, encoded, problem
from statekeep.web.wire import Problem


def test_every_code_is_written_as_one_word_and_says_what_to_do() -> None:
    for code, kind in KINDS.items():
        assert code.isidentifier(), code
        assert code[0].isupper(), code
        assert 400 <= kind.status < 600, code
        assert kind.title, code
        assert not kind.title.endswith("."), code
        assert kind.way_out.endswith("."), code


def test_a_problem_is_an_rfc_9457_object() -> None:
    fault = Fault("MissingInitial", "'initial' is missing", "/definition/states/a")
    body = json.loads(encoded(Refusal("InvalidDefinition", "1 error", (fault,)), "req-1"))
    assert body == {
        "type": "https://statekeep.dev/problems/InvalidDefinition",
        "title": "The definition is wrong",
        "status": 422,
        "code": "InvalidDefinition",
        "detail": "1 error",
        "wayOut": "See `errors`: each names a place by JSON pointer.",
        "errors": [
            {
                "code": "MissingInitial",
                "message": "'initial' is missing",
                "pointer": "/definition/states/a",
            }
        ],
        "instance": "req-1",
    }


def test_what_is_answered_can_be_read_by_a_client() -> None:
    refusal = Refusal("UnknownActor", "there is no actor 'a'")
    assert Problem.model_validate_json(encoded(refusal)) == problem(refusal)
