"""A wait that takes too long ends; all others, and cancellations from outside, are left alone."""

import asyncio

import pytest

from statekeep.web.patience import Patience


async def test_what_comes_in_time_is_given() -> None:
    with Patience(1.0):
        assert await asyncio.sleep(0, "body") == "body"


async def test_a_long_wait_ends_for_itself_only() -> None:
    patience = Patience(0.05)
    never, soon = asyncio.Event(), asyncio.Event()

    async def waits(event: asyncio.Event) -> str:
        try:
            with patience:
                await event.wait()
        except TimeoutError:
            return "ended"
        return "came"

    first = asyncio.create_task(waits(never))
    assert await first == "ended"
    second, third = asyncio.create_task(waits(never)), asyncio.create_task(waits(soon))
    await asyncio.sleep(0)
    soon.set()
    assert [await third, await second] == ["came", "ended"]
    assert (second.cancelling(), third.cancelling()) == (0, 0)


async def test_a_cancellation_from_outside_is_one() -> None:
    patience = Patience(5.0)

    async def waits() -> None:
        with patience:
            await asyncio.Event().wait()

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_what_is_waited_for_is_its_own() -> None:
    with pytest.raises(LookupError), Patience(1.0):
        raise LookupError
