"""The client builds requests as data, tries again when that helps, and explains what it got."""

import inspect
import json
from collections.abc import Callable

import httpx
import pytest

from statekeep.client import (
    AnswerUnreadable,
    AsyncClient,
    Client,
    NoServer,
    ProblemAnswer,
    requests,
)
from statekeep.client.errors import ClientError
from statekeep.client.exchange import Retries, wait_after
from statekeep.web.problems import Refusal, encoded

Handler = Callable[[httpx.Request], httpx.Response]
EVENT = {
    "actorId": "a",
    "version": "loan-v1",
    "stateValue": "open",
    "status": "active",
    "accepted": True,
    "revision": 2,
}


def client(handler: Handler, tries: int = 3) -> Client:
    retries = Retries(tries=tries, chance=lambda: 0.0)
    transport = httpx.MockTransport(handler)
    return Client("http://here", "the-key", retries=retries, transport=transport)


def test_a_request_carries_the_key_and_an_idempotency_key() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=EVENT)

    answer = client(handler).send("a/b", "SUBMIT", {"n": 1}, if_match='"2.1"')
    assert answer.accepted is True
    (request,) = seen
    assert request.url.raw_path == b"/v1/actors/a%2Fb/event"
    assert request.headers["x-api-key"] == "the-key"
    assert request.headers["if-match"] == '"2.1"'
    assert len(request.headers["idempotency-key"]) == 36
    assert json.loads(request.content) == {"type": "SUBMIT", "context": {"n": 1}}


def test_a_retry_repeats_the_idempotency_key() -> None:
    keys: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ReadError("cut", request=request)
        if len(keys) == 2:
            return httpx.Response(503, content=encoded(Refusal("Unavailable")))
        return httpx.Response(200, json=EVENT)

    assert client(handler).send("a", "SUBMIT").revision == 2
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_what_a_second_try_finds_gone_the_first_has_removed() -> None:
    tries: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        tries.append(request.method)
        if len(tries) == 1:
            raise httpx.ReadError("cut", request=request)
        return httpx.Response(404, content=encoded(Refusal("UnknownActor", "no actor 'a'")))

    client(handler).delete("a")
    assert tries == ["DELETE", "DELETE"]
    with pytest.raises(ProblemAnswer):
        client(handler).delete("a")


@pytest.mark.parametrize(
    ("fault", "tries"), [(httpx.ReadError("cut"), 1), (httpx.ConnectError("refused"), 3)]
)
def test_a_key_is_asked_for_again_only_where_the_first_try_never_arrived(
    fault: httpx.TransportError, tries: int
) -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        raise fault

    with pytest.raises(NoServer):
        client(handler).create_key(["read"])
    assert seen == ["/v1/keys"] * tries


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_be_another_address_is_refused(name: str) -> None:
    with pytest.raises(ClientError, match="cannot be a name"):
        requests.actor(name)


def test_every_event_of_a_batch_has_a_key_of_its_own() -> None:
    call = requests.send_many(
        [{"actorId": "a", "type": "X"}, {"actorId": "b", "type": "X", "idempotencyKey": "mine"}]
    )
    assert call.body is not None
    first, second = call.body["events"]
    assert len(first["idempotencyKey"]) == 36
    assert second["idempotencyKey"] == "mine"


def test_a_refusal_is_raised_with_its_code_and_not_tried_again() -> None:
    tries: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        tries.append(1)
        return httpx.Response(404, content=encoded(Refusal("UnknownActor", "no actor 'a'")))

    with pytest.raises(ProblemAnswer) as caught:
        client(handler).actor("a")
    assert (caught.value.code, caught.value.status, len(tries)) == ("UnknownActor", 404, 1)
    assert str(caught.value) == ("UnknownActor: no actor 'a'\nLook for it with GET /v1/actors.")


def test_a_server_that_is_not_there_is_named_after_all_tries() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(NoServer) as caught:
        client(handler).actor("a")
    expected = "http://here/v1/actors/a does not answer (tried 3 times): refused"
    assert str(caught.value) == expected
    assert "the-key" not in str(caught.value)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"hello": 1}),
        httpx.Response(404, text="not found"),
    ],
    ids=["a page", "another API", "a proxy"],
)
def test_what_is_no_statekeep_server_is_said_to_be_none(response: httpx.Response) -> None:
    with pytest.raises(AnswerUnreadable):
        client(lambda _: response).actor("a")


def test_a_body_that_is_no_json_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ClientError, match="cannot be written as JSON"):
        client(lambda _: httpx.Response(500)).spawn("v", {"n": float("nan")})


def test_a_list_is_read_page_by_page() -> None:
    cursors: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        cursors.append(request.url.params.get("cursor"))
        item = {"type": f"E{len(cursors)}"}
        following = "two" if len(cursors) == 1 else None
        return httpx.Response(200, json={"items": [item], "next": following})

    assert [item.type for item in client(handler).history("a")] == ["E1", "E2"]
    assert cursors == [None, "two"]


@pytest.mark.parametrize(
    ("status", "after", "wait"),
    [(429, "2", 2.0), (503, None, 0.0), (503, "3600", None), (500, None, None), (409, "1", None)],
)
def test_the_server_may_say_how_long_to_wait(
    status: int, after: str | None, wait: float | None
) -> None:
    headers = {} if after is None else {"Retry-After": after}
    response = httpx.Response(status, headers=headers)
    assert wait_after(requests.keys(), Retries(chance=lambda: 0.0), 1, response) == wait


def test_waits_double_up_to_a_ceiling_under_full_jitter() -> None:
    retries = Retries(chance=lambda: 1.0)
    waits = [retries.wait(attempt) for attempt in range(1, 9)]
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


async def test_the_asynchronous_client_does_the_same() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("history"):
            return httpx.Response(200, json={"items": [{"type": "E"}], "next": None})
        return httpx.Response(200, json=EVENT)

    transport = httpx.MockTransport(handler)
    async with AsyncClient("http://here", "k", transport=transport) as there:
        assert (await there.send("a", "X")).accepted is True
        assert [item.type async for item in there.history("a")] == ["E"]


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    def shape(kind: type) -> dict[str, list[str]]:
        methods = inspect.getmembers(kind, inspect.isfunction)
        shared = [
            (n, f) for n, f in methods if not n.startswith("_") and n not in {"shut", "aclose"}
        ]
        return {name: list(inspect.signature(function).parameters) for name, function in shared}

    assert shape(Client) == shape(AsyncClient)
