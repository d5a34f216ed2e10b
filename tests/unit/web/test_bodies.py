"""Bodies are read strictly, and what is wrong with one is named with its place."""

import json
import random

import pytest

from statekeep.web import wire
from statekeep.web.bodies import ODD_NUMBER, read_body, read_mapping
from statekeep.web.problems import Refusal

DEPTH = 16


def refused(model: type[wire.Sent], raw: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_body(model, raw, DEPTH)
    return caught.value


def test_a_body_becomes_its_model() -> None:
    raw = '{"definitionId":"loan-v1","initialContext":{"größe":1e3}}'.encode()
    body = read_body(wire.SpawnBody, raw, DEPTH)
    assert (body.definition_id, body.initial_context) == ("loan-v1", {"größe": 1000.0})


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "InvalidJson"),
        (b"no json", "InvalidJson"),
        (b'{"definitionId":"v"} x', "InvalidJson"),
        (b'{"definitionId":"\xff"}', "InvalidJson"),
        (b'{"definitionId":"v","initialContext":{"a":"\\ud800"}}', "LoneSurrogate"),
        (b'{"definitionId":"v","initialContext":{"\\udc00":1}}', "LoneSurrogate"),
        (b'{"definitionId":"v","initialContext":{"a":NaN}}', "InvalidNumber"),
        (b'{"definitionId":"v","initialContext":{"a":-Infinity}}', "InvalidNumber"),
        (b'{"definitionId":"v","initialContext":{"a":[1e999]}}', "InvalidNumber"),
        (b'{"definitionId":"v","initialContext":{"a": -1E+0400}}', "InvalidNumber"),
        (b'{"definitionId":"v","initialContext":{"a":1' + b"0" * 400 + b".0}}", "InvalidNumber"),
        (b'{"definitionId":"v","initialContext":{"a":' + b"9" * 5_000 + b"}}", "InvalidJson"),
        (b'{"definitionId":"v","initialContext":{"a":' + b"[" * 16 + b"]" * 16 + b"}}", "TooDeep"),
        (b"[" * 100_000, "TooDeep"),
        ('{"definitionId":"v"}'.encode("utf-16"), "InvalidJson"),
        ('{"definitionId":"v"}'.encode("utf-16-le"), "InvalidJson"),
        ('{"definitionId":"v"}'.encode("utf-8-sig"), "InvalidJson"),
        (b"[]", "InvalidRequest"),
        (b"null", "InvalidRequest"),
        (b"{}", "InvalidRequest"),
        (b'{"definitionId":1}', "InvalidRequest"),
        (b'{"definitionId":"v","definitionid":"v"}', "InvalidRequest"),
    ],
)
def test_a_bad_body_is_refused_as(raw: bytes, code: str) -> None:
    assert refused(wire.SpawnBody, raw).code == code


def test_every_number_out_of_range_is_noticed() -> None:
    rng = random.Random(1)

    def digits(most: int) -> str:
        return "".join(rng.choices("0123456789", k=rng.randint(1, most)))

    def number() -> str:
        whole = digits(rng.choice((1, 20, 330))).lstrip("0") or "0"
        fraction = rng.choice(("", f".{digits(rng.choice((1, 330)))}"))
        exponent = rng.choice(("", "e", "E", "e+", "e-", "e00"))
        return rng.choice(("", "-")) + whole + fraction + (exponent and exponent + digits(4))

    found = [number() for _ in range(5_000)]
    endless = [text for text in found if abs(float(text)) == float("inf")]
    odd = [text for text in found if ODD_NUMBER.search(f'{{"data":{text}}}'.encode())]
    assert set(endless) <= set(odd)
    assert len(endless) > 500


def test_an_id_is_no_odd_number() -> None:
    assert ODD_NUMBER.search(b'{"actorId":"3e999q8ysj2m0","type":"A"}') is None


def test_a_surrogate_pair_is_one_character() -> None:
    raw = b'{"definitionId":"v","initialContext":{"a":"\\ud83d\\ude00"}}'
    assert read_body(wire.SpawnBody, raw, DEPTH).initial_context == {"a": "😀"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "utf-8-sig"])
def test_a_statechart_in_another_encoding_is_no_json(encoding: str) -> None:
    raw = '{"id":"v","definition":{"states":{"\\ud800":{}}}}'.encode(encoding)
    with pytest.raises(Refusal) as caught:
        read_mapping(wire.DeploymentBody, raw, DEPTH)
    assert caught.value.code == "InvalidJson"


def test_brackets_in_strings_are_no_depth() -> None:
    raw = json.dumps({"definitionId": "v", "initialContext": {"a": '[{"\\' * 100}}).encode()
    assert read_body(wire.SpawnBody, raw, DEPTH).definition_id == "v"


@pytest.mark.parametrize("raw", [b'{"type":1}', b'{"type":""}', b"{}", b'{"type":null}'])
def test_an_event_type_of_the_wrong_shape_has_a_problem_of_its_own(raw: bytes) -> None:
    assert refused(wire.EventBody, raw).code == "InvalidEventType"


def test_every_fault_is_named_by_its_pointer() -> None:
    raw = json.dumps(
        {
            "id": "v",
            "definition": {},
            "stateMapping": {"a/b": 7},
            "migrations": [{"form": "x"}],
            "extra": True,
        }
    ).encode()
    faults = refused(wire.DeploymentBody, raw).faults
    assert sorted({fault.pointer for fault in faults}) == [
        "/extra",
        "/migrations/0/form",
        "/migrations/0/from",
        "/stateMapping/a~1b",
    ]


def test_a_mapping_keeps_the_order_of_keys() -> None:
    raw = b'{"id":"v","definition":{"states":{"b":{},"a":{}}}}'
    body = read_mapping(wire.DeploymentBody, raw, DEPTH)
    assert list(body["definition"]["states"]) == ["b", "a"]


def test_a_key_that_stands_twice_is_refused_where_states_could_be_lost() -> None:
    raw = b'{"id":"v","definition":{"states":{"a":{},"a":{}}}}'
    with pytest.raises(Refusal, match="the key 'a' stands twice"):
        read_mapping(wire.DeploymentBody, raw, DEPTH)
