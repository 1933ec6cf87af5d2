"""Calls in flight: bounded, halved when the gateway complains, and nobody waits for ever."""

import asyncio

import pytest

from payment_service.outside.call_limit import CallLimit


async def most_at_once(limit: CallLimit, calls: int) -> int:
    running = most = 0

    async def call() -> None:
        nonlocal running, most
        async with limit:
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(call() for _ in range(calls)))
    return most


async def test_no_more_run_than_allowed_and_all_get_their_turn() -> None:
    assert await most_at_once(CallLimit(16), 200) == 16


async def test_a_complaint_halves_it_down_to_one() -> None:
    limit = CallLimit(16)

    limit.slow_down()
    assert await most_at_once(limit, 50) == 8
    for _ in range(10):
        limit.slow_down()
    assert await most_at_once(limit, 50) == 1


async def test_it_recovers_by_one_a_round_and_never_beyond() -> None:
    limit = CallLimit(16)
    limit.slow_down()

    for _ in range(9):
        limit.went_well()
    assert int(limit.allowed) == 9
    for _ in range(500):
        limit.went_well()
    assert limit.allowed == 16


async def test_a_caller_that_gives_up_passes_its_turn_on() -> None:
    limit = CallLimit(1)
    entered = []

    async def wait_in_line(name: str) -> None:
        async with limit:
            entered.append(name)

    await limit.__aenter__()
    first = asyncio.create_task(wait_in_line("first"))
    second = asyncio.create_task(wait_in_line("second"))
    await asyncio.sleep(0)
    await limit.__aexit__()  # the turn goes to the first, which is cancelled before it runs
    first.cancel()

    async with asyncio.timeout(1):
        await second
    with pytest.raises(asyncio.CancelledError):
        await first
    assert entered == ["second"]
