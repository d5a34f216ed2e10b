"""The shared connection: answers in order, errors by kind, and no end that nobody hears of."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import (
    AuthenticationError,
    NoScriptError,
    OutOfMemoryError,
    ResponseError,
)
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as NoAnswer

from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.redis_line import Line

pytestmark = pytest.mark.valkey


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as running:
        yield running


@pytest.fixture
async def line(server: EmbeddedValkey) -> AsyncIterator[Line]:
    client = Redis.from_url(server.url)
    shared = Line(client, silence=1.0)
    yield shared
    await shared.close()
    await client.aclose()


async def test_many_questions_at_once_each_get_their_own_answer(line: Line) -> None:
    answers = await asyncio.gather(*[line.ask(("ECHO", str(n))) for n in range(2_000)])
    assert answers == [str(n).encode() for n in range(2_000)]


async def test_a_batch_is_answered_in_its_order_with_errors_in_their_places(line: Line) -> None:
    await line.ask(("SET", "text", "x"))
    first, second, third = await line.ask_all(
        [("ECHO", "1"), ("INCR", "text"), ("EVAL", "return {1, 'a', {2}}", 0)]
    )
    assert (first, third) == (b"1", [1, b"a", [2]])
    assert isinstance(second, ResponseError)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("EVALSHA", "0" * 40, 0), NoScriptError),
        (("EVAL", "return redis.error_reply('OOM too much')", 0), OutOfMemoryError),
        (("NONSENSE",), ResponseError),
    ],
)
async def test_an_error_of_the_server_is_of_its_kind(
    line: Line, words: tuple[str | int, ...], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        await line.ask(words)
    assert await line.ask(("PING",)) in (b"PONG", "PONG")


async def test_a_question_given_up_leaves_the_others_their_answers(line: Line) -> None:
    await line.ask(("PING",))
    given_up = asyncio.ensure_future(line.ask(("ECHO", "a")))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await line.ask(("ECHO", "b")) == b"b"


async def test_a_lost_connection_is_told_to_all_and_opened_again(
    server: EmbeddedValkey, line: Line
) -> None:
    own = await line.ask(("CLIENT", "ID"))
    waiting = [asyncio.ensure_future(line.ask(("BLPOP", "nothing", 0))) for _ in range(3)]
    await asyncio.sleep(0)
    async with Redis.from_url(server.url) as other:
        assert await other.client_kill_filter(_id=own) == 1
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(end) for end in ends] == [Disconnected] * 3
    assert await line.ask(("ECHO", "again")) == b"again"


async def test_a_silent_server_is_given_up(server: EmbeddedValkey, line: Line) -> None:
    await line.ask(("PING",))
    server.pause()
    try:
        with pytest.raises(NoAnswer, match="no answer within 1 seconds"):
            await line.ask(("PING",))
    finally:
        server.resume()
    assert await line.ask(("ECHO", "again")) == b"again"


async def test_long_answers_and_long_questions_pass(line: Line) -> None:
    long = b"x" * 5_000_000
    await line.ask(("SET", "long", long))
    first, second = await line.ask_all([("GET", "long"), ("ECHO", "after")])
    assert (first, second) == (long, b"after")


async def test_a_wrong_password_is_said_and_nothing_is_left_open(server: EmbeddedValkey) -> None:
    port = server.url.rpartition(":")[2]
    client = Redis.from_url(f"redis://:wrong@127.0.0.1:{port}")
    line = Line(client)
    with pytest.raises(AuthenticationError):
        await line.ask(("PING",))
    await line.close()
    await client.aclose()


async def test_who_asks_after_the_end_is_answered_by_a_new_connection(line: Line) -> None:
    await line.ask(("PING",))
    await line.close()
    assert await line.ask(("ECHO", "x")) == b"x"
