"""The runtime's answers as the operator takes them: values, refusals, and that nobody is there."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from statekeep_operator.plan import Obstacle
from statekeep_operator.runtime import RuntimeAway, Runtimes

BODY = {"id": "loan-v1"}


def answering(status: int, body: Any, headers: dict[str, str] | None = None) -> Runtimes:
    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["x-statekeep-tenant"] == "lending"
        assert request.headers["x-api-key"] == "key"
        text = body if isinstance(body, str) else json.dumps(body)
        return httpx.Response(status, text=text, headers=headers)

    return over(handle)


def over(handle: Callable[[httpx.Request], httpx.Response]) -> Runtimes:
    return Runtimes("http://runtime", "key", transport=httpx.MockTransport(handle))


def problem(code: str, status: int, *errors: tuple[str, str], **more: str) -> dict[str, Any]:
    listed = [{"code": code, "pointer": pointer, "message": said} for pointer, said in errors]
    return {
        "type": "t",
        "title": "A title",
        "status": status,
        "code": code,
        "errors": listed,
        **more,
    }


async def test_a_refusal_is_a_value() -> None:
    body = problem("InvalidDefinition", 422, ("/initial", "no such child"), ("/states", "empty"))
    found = await answering(422, body).register_version("lending", BODY)
    assert found == Obstacle("InvalidDefinition", "/initial: no such child; /states: empty")


async def test_a_refusal_without_errors_says_the_way_out() -> None:
    body = problem("Frozen", 409, detail="loan is frozen: incident 7", wayOut="Unfreeze it.")
    found = await answering(409, body).register_version("lending", BODY)
    assert found == Obstacle("Frozen", "loan is frozen: incident 7. Unfreeze it.")


async def test_many_errors_are_cut() -> None:
    errors = [(f"/states/{number}", "wrong") for number in range(12)]
    found = await answering(422, problem("InvalidDefinition", 422, *errors)).register_version(
        "lending", BODY
    )
    assert isinstance(found, Obstacle)
    assert found.message.endswith("/states/7: wrong; and 4 more")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "Busy"),
        (401, "KeyUnknown"),
        (403, "RoleMissing"),
        (500, "Internal"),
        (500, "NewFault"),
    ],
)
async def test_what_says_nothing_of_the_object_is_waited_for(status: int, code: str) -> None:
    with pytest.raises(RuntimeAway) as caught:
        await answering(status, problem(code, status, detail="so")).register_version(
            "lending", BODY
        )
    assert caught.value.reason == "RuntimeUnavailable"


async def test_a_runtime_that_lacks_a_route_is_too_old() -> None:
    with pytest.raises(RuntimeAway) as caught:
        await answering(404, problem("UnknownRoute", 404)).workflow("lending", "loan")
    assert caught.value.reason == "RuntimeTooOld"
    assert "upgrade the runtime first" in str(caught.value)


async def test_something_else_that_answers_is_no_runtime() -> None:
    with pytest.raises(RuntimeAway) as caught:
        await answering(200, "<html>").workflow("lending", "loan")
    assert caught.value.reason == "RuntimeTooOld"


async def test_nobody_answers() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    with pytest.raises(RuntimeAway) as caught:
        await over(refused).workflow("lending", "loan")
    assert caught.value.reason == "RuntimeUnavailable"
    assert "http://runtime/v1/workflows/loan does not answer" in str(caught.value)
