"""Whose turn it is to write: all who wait together, and long work between them."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import copy_context
from typing import NamedTuple

import pytest

from payment_service.kit.answers import Waiting
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.sqlite import SQLiteDatabase
from payment_service.kit.statements import Transaction
from payment_service.kit.write_line import BATCH, MOST_PASSED, WriteLine
from payment_service.kit.write_metrics import BATCHES
from tests.kit.parcels import Parcel, ids, send


class Waits(NamedTuple):
    """Somebody in a line, by a name."""

    itself: WriteLine
    loop: asyncio.AbstractEventLoop

    def joins(self, *names: str) -> None:
        """Those whose name begins with a dash let others pass."""
        for name in names:
            answer = self.loop.create_future()
            lets_pass = name.startswith("-")
            self.itself.join(Waiting(print, (name,), {}, answer, copy_context(), lets_pass))

    def turn(self) -> list[str]:
        return [one.args[0] for one in self.itself.next()]


@pytest.fixture
def line() -> Iterator[Waits]:
    with closing(asyncio.new_event_loop()) as loop:
        yield Waits(WriteLine(), loop)


def test_all_who_wait_go_together_and_no_more_than_a_batch_holds(line: Waits) -> None:
    line.joins(*map(str, range(BATCH + 1)))
    assert line.turn() == [*map(str, range(BATCH))]
    assert line.turn() == [str(BATCH)]


def test_who_lets_others_pass_goes_alone_when_nobody_else_waits(line: Waits) -> None:
    line.joins("-first", "a", "-second", "b")
    assert line.turn() == ["a", "b"]
    line.joins("c")
    assert line.turn() == ["c"]
    assert line.turn() == ["-first"]
    line.joins("d")
    assert line.turn() == ["d"]
    assert line.turn() == ["-second"]


def test_there_is_time_for_company_unless_long_work_stands_aside_or_the_batch_is_full(
    line: Waits,
) -> None:
    line.joins("a", "-long work", "b")
    assert line.itself.has_time
    assert line.turn() == ["a", "b"]
    assert not line.itself.has_time
    assert line.turn() == ["-long work"]
    line.joins(*map(str, range(BATCH - 1)))
    assert line.itself.has_time
    line.joins("the last")
    assert not line.itself.has_time


def test_however_many_pass_its_turn_comes(line: Waits) -> None:
    line.joins("-long work")
    for number in range(MOST_PASSED):
        line.joins(str(number))
        assert line.turn() == [str(number)]
    line.joins("one more")
    assert line.turn() == ["-long work"]
    assert line.turn() == ["one more"]


def test_at_the_end_everybody_who_waits_has_had_a_turn(line: Waits) -> None:
    line.joins("-first", "a", "-second")
    line.itself.end()
    assert len(line.itself) == 4
    assert [line.turn() for _ in range(4)] == [["a"], ["-first"], ["-second"], []]


async def test_whoever_asks_while_long_work_is_done_is_answered_before_its_next_part(
    sqlite_url: str,
) -> None:
    database = open_database(sqlite_url)
    is_under_way, may_end = asyncio.Event(), threading.Event()
    loop, done = asyncio.get_running_loop(), list[int]()

    def part(tx: Transaction, number: int) -> None:
        loop.call_soon_threadsafe(is_under_way.set)
        assert may_end.wait(10)
        done.append(send(tx, Parcel(number)))

    def asked(tx: Transaction, number: int) -> None:
        done.append(send(tx, Parcel(number)))

    first = asyncio.ensure_future(database.write_between(part, 1))
    await is_under_way.wait()
    others = asyncio.gather(
        database.write_between(part, 2), database.write(asked, 3), database.write(asked, 4)
    )
    await asyncio.sleep(0)  # now they wait
    may_end.set()
    await first
    await others
    assert done == [1, 3, 4, 2]
    assert await database.read(ids) == [1, 2, 3, 4]
    await database.close()


async def test_who_comes_while_another_is_served_is_served_together_with_it(
    sqlite_url: str,
) -> None:
    """Else they would take turns for ever, and twice as many commits do."""
    database = SQLiteDatabase(sqlite_path(sqlite_url), pytest.fail, company_seconds=60)
    runs, may_end = threading.Event(), threading.Event()

    def held(tx: Transaction, parcel: Parcel) -> None:
        runs.set()
        assert may_end.wait(60)
        send(tx, parcel)

    async def asks_again_and_again(caller: int, first: Callable[..., object] = send) -> None:
        for number in range(10):
            await database.write(send if number else first, Parcel(10 * caller + number))

    before = BATCHES.count()
    one = asyncio.create_task(asks_again_and_again(0, held))
    await asyncio.to_thread(runs.wait, 60)
    others = [asyncio.create_task(asks_again_and_again(caller)) for caller in range(1, 20)]
    await asyncio.sleep(0)  # now they wait
    may_end.set()
    await asyncio.gather(one, *others)
    assert BATCHES.count() - before < 15
    assert len(await database.read(ids)) == 200
    await database.close()


async def test_closing_does_what_lets_others_pass_too(database_url: str) -> None:
    database = open_database(database_url)
    parts = asyncio.gather(*(database.write_between(send, Parcel(one)) for one in range(5)))
    await asyncio.sleep(0)
    await database.close()
    assert await parts == [0, 1, 2, 3, 4]
