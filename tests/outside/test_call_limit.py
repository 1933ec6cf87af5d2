"""What a gateway project is asked at once and how soon, by several processes on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from payment_service.kit.clock import Clock, SystemClock
from payment_service.kit.database import Database, open_database
from payment_service.kit.statements import Transaction
from payment_service.outside.call_limit import CallLimit, NoTurn
from payment_service.outside.call_pace import BELIEVED, HELD_SLOTS, LEASE, PACE_LOCKED, Kind, Turn
from tests.clocks import HandClock

NAME = "https://gateway.example toko"
SHORT = timedelta(seconds=0.3)
PATIENCE = 5
"""Seconds for who must get in, on a machine that is busy with other things."""


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """The same database, as another process has it open."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


def limit_of(db: Database, clock: Clock, **figures: int | timedelta | None) -> CallLimit:
    return CallLimit(db, clock, NAME, **figures)  # type: ignore[arg-type] # by name


async def held(db: Database, clock: Clock) -> list[int]:
    def query(tx: Transaction) -> list[int]:
        now = clock.now()
        return tx.all(HELD_SLOTS, key=NAME, now=now, believed=now + BELIEVED)

    return await db.read(query)


async def allowed(db: Database) -> int:
    def unit(tx: Transaction) -> int:
        pace = tx.one(PACE_LOCKED, key=NAME)
        return pace.allowed if pace else 0

    return await db.write(unit)


async def gets_in(limit: CallLimit, kind: Kind = "other", seconds: float = 0.15) -> bool:
    with suppress(NoTurn):
        await limit.enter(kind, seconds)
        return True
    return False


async def test_two_processes_together_never_have_more_in_flight(
    database: Database, other: Database
) -> None:
    limits = [limit_of(db, SystemClock(), most=4) for db in (database, other)]
    running = most = 0

    async def call(limit: CallLimit) -> None:
        nonlocal running, most
        turn = await limit.enter("other", 10)
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        limit.leave(turn, "well")

    await asyncio.gather(*(call(limits[n % 2]) for n in range(60)))
    await asyncio.gather(*(limit.all_left() for limit in limits))

    assert most == 4
    assert await held(database, SystemClock()) == []


@pytest.mark.parametrize("kind", ["create", "cancel"])
async def test_two_processes_together_start_two_in_any_window(
    database: Database, other: Database, kind: Kind
) -> None:
    limits = [limit_of(db, SystemClock(), window=SHORT) for db in (database, other)]
    started = []

    async def call(limit: CallLimit) -> None:
        turn = await limit.enter(kind, 10)
        assert SystemClock().now() >= turn.at
        started.append(turn.at)
        limit.leave(turn, "well")

    await asyncio.gather(*(call(limits[n % 2]) for n in range(6)))
    await asyncio.gather(*(limit.all_left() for limit in limits))

    started.sort()
    gaps = [third - first for first, third in zip(started, started[2:], strict=False)]
    assert min(gaps) >= SHORT


async def test_a_slot_counts_as_held_by_a_clock_that_was_read_before_it_was_taken(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock, most=1)
    clock.advance(timedelta(seconds=5))
    await limit.enter("other", 1)
    clock.advance(timedelta(seconds=-5))

    assert not await gets_in(limit)


async def test_what_is_not_paced_goes_at_once_beside_creates_that_wait(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock, most=3)
    waiting = [asyncio.create_task(limit.enter("create", 9)) for _ in range(9)]
    async with asyncio.timeout(8):
        while sum(task.done() for task in waiting) < 2:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)

    assert await gets_in(limit, seconds=2)  # the ninth would wait for four
    assert len(await held(database, clock)) == 3  # two creates and this one; seven hold nothing
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_the_third_create_waits_and_one_too_many_is_told_when_to_come_back(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock)
    loop = asyncio.get_running_loop()
    for _ in range(2):
        await limit.enter("create", 8)

    started = loop.time()
    with pytest.raises(NoTurn) as error:
        await limit.enter("create", 1)
    assert (error.value.fault, error.value.retry) == ("busy", True)
    assert error.value.retry_after == pytest.approx(1.1)

    await limit.enter("create", 8)  # the clock stands still, and the wait ends all the same
    assert 1 <= loop.time() - started < 8


async def test_reservations_are_first_come_first_served(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock, window=SHORT)
    came = []

    async def create(number: int) -> None:
        turn = await limit.enter("create", 8)
        came.append(number)
        limit.leave(turn, "well")

    tasks = []
    for number in range(8):
        tasks.append(asyncio.create_task(create(number)))
        await asyncio.sleep(0.1)
    await asyncio.gather(*tasks)

    pairs = [set(came[place : place + 2]) for place in range(0, 8, 2)]
    assert pairs == [{0, 1}, {2, 3}, {4, 5}, {6, 7}]


async def test_slots_are_first_come_first_served(database: Database, clock: HandClock) -> None:
    limit = limit_of(database, clock, most=1)
    first = await limit.enter("other", 5)
    came = []

    async def call(number: int) -> None:
        turn = await limit.enter("other", 5)
        came.append(number)
        limit.leave(turn, "well")

    tasks = []
    for number in range(5):
        tasks.append(asyncio.create_task(call(number)))
        await asyncio.sleep(0.1)
    limit.leave(first, "well")
    await asyncio.gather(*tasks)

    assert came == [0, 1, 2, 3, 4]


async def test_a_complaint_to_one_process_halves_it_for_all_down_to_one(
    database: Database, other: Database, clock: HandClock
) -> None:
    mine, theirs = limit_of(database, clock, most=4), limit_of(other, clock, most=4)

    mine.leave(await mine.enter("other", 1), "too_much")
    await mine.all_left()
    turns = [await theirs.enter("other", 1) for _ in range(2)]
    assert not await gets_in(theirs)
    assert not await gets_in(mine)

    for turn in turns:
        theirs.leave(turn, "too_much")
    await theirs.all_left()
    assert await allowed(database) == 1
    assert await gets_in(mine, seconds=PATIENCE)
    assert not await gets_in(mine)


async def test_it_recovers_by_one_a_round_and_never_beyond(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock, most=4)
    limit.leave(await limit.enter("other", 1), "too_much")
    await limit.all_left()

    grown = []
    for _ in range(9):
        limit.leave(await limit.enter("other", 1), "well")
        await limit.all_left()
        grown.append(await allowed(database))

    assert grown == [2, 3, 3, 3, 4, 4, 4, 4, 4]


async def test_the_slot_of_a_process_that_died_is_free_after_its_lease(
    database: Database, other: Database, clock: HandClock
) -> None:
    died, lives = limit_of(database, clock, most=1), limit_of(other, clock, most=1)
    late = await died.enter("other", 1)

    clock.advance(LEASE - timedelta(seconds=1))
    assert not await gets_in(lives)
    clock.advance(timedelta(seconds=1))
    assert await gets_in(lives, seconds=PATIENCE)

    died.leave(late, "nothing")  # it was only slow, and must not free what is another's by then
    await died.all_left()
    assert await held(database, clock) == [0]


async def test_callers_that_give_up_leak_no_slot(
    database: Database, other: Database, clock: HandClock
) -> None:
    limits = [limit_of(db, clock, most=2) for db in (database, other)]
    turns = [await limits[0].enter("other", 5) for _ in range(2)]
    waiting = [asyncio.create_task(limits[n % 2].enter("other", 5)) for n in range(20)]
    for task in waiting[::2]:
        await asyncio.sleep(0.01)
        task.cancel()
    for turn in turns:
        limits[0].leave(turn, "well")
    for task in waiting[1::2]:
        await asyncio.sleep(0)
        task.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    for number, turn_or_not in enumerate(done):
        if isinstance(turn_or_not, Turn):
            limits[number % 2].leave(turn_or_not, "well")

    await asyncio.gather(*(limit.all_left() for limit in limits))
    assert await held(database, clock) == []
    assert await gets_in(limits[1], seconds=PATIENCE)


async def test_a_caller_cancelled_while_its_slot_is_written_leaks_nothing(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock)
    for _ in range(10):
        task = asyncio.create_task(limit.enter("create", 5))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await limit.all_left()
    assert await held(database, clock) == []


async def test_a_clock_that_was_put_back_locks_nobody_out(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock, most=2)
    for _ in range(2):
        await limit.enter("create", 1)

    clock.advance(timedelta(hours=-1))

    assert await gets_in(limit, "create")


async def test_without_a_pace_as_many_codes_as_one_likes_are_made_at_one_instant(
    database: Database, clock: HandClock
) -> None:
    limit = limit_of(database, clock, window=None)

    for _ in range(40):
        limit.leave(await limit.enter("create", 1), "well")
    await limit.all_left()


async def test_a_database_that_is_gone_is_told_as_no_turn(
    database_url: str, clock: HandClock
) -> None:
    gone = open_database(database_url)
    limit = limit_of(gone, clock)
    turn = await limit.enter("other", 1)
    await gone.close()

    with pytest.raises(NoTurn):
        await limit.enter("other", 1)
    limit.leave(turn, "well")
    await limit.all_left()


async def test_a_call_costs_two_transactions(database: Database, clock: HandClock) -> None:
    counted = Counted(database)
    limit = limit_of(counted, clock)

    kinds: tuple[Kind, ...] = ("create", "other", "cancel")
    for kind in kinds:
        limit.leave(await limit.enter(kind, 1), "well")
        await limit.all_left()

    assert counted.writes == 6


class Counted:
    """A database that counts what is written to it."""

    def __init__(self, db: Database) -> None:
        self.dialect = db.dialect
        self.read = db.read
        self.recall, self.examine = db.recall, db.examine
        self.close = db.close
        self._db = db
        self.writes = 0

    def write(self, unit: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.writes += 1
        return self._db.write(unit, *args, **kwargs)

    write_between = write
