"""Units of work on both databases: what is answered is durable, what fails fails alone."""

import asyncio
import threading
from contextlib import suppress

import pytest

from payment_service.kit.database import Database, open_database, sqlite_path
from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.kit.statements import Duplicate, Transaction
from tests.counts import times
from tests.kit.parcels import ADD_ONE, WEIGH, Parcel, find, ids, send


class Broken(Exception):
    """What a unit of these tests raises."""


def send_then_break(tx: Transaction, parcel: Parcel) -> None:
    send(tx, parcel)
    raise Broken(parcel.id)


def send_twice(tx: Transaction, parcel: Parcel) -> None:
    send(tx, parcel)
    send(tx, parcel)


def send_weightless(tx: Transaction, parcel: Parcel) -> None:
    send(tx, Parcel(-parcel.id))
    send(tx, Parcel(parcel.id, weight=-1))


def send_then_run_out(tx: Transaction, parcel: Parcel) -> None:
    send(tx, parcel)
    next(iter([]))


async def test_a_result_comes_after_its_commit(database: Database, database_url: str) -> None:
    assert await database.write(send, Parcel(1)) == 1
    other = open_database(database_url)
    assert await other.read(ids) == [1]
    await other.close()


async def test_failing_units_roll_back_alone_and_their_neighbours_commit(
    database: Database,
) -> None:
    ways = [send, send, send, send, send_then_break, send_twice, send_weightless, send, send,
            send_then_run_out]  # fmt: skip
    numbers = range(1, times(600, 20_000) + 1)
    outcomes = await asyncio.gather(
        *(database.write(ways[n % 10], Parcel(n)) for n in numbers), return_exceptions=True
    )
    good = [n for n in numbers if ways[n % 10] is send]
    assert await database.read(ids) == good
    for n, outcome in enumerate(outcomes, 1):
        way = ways[n % 10]
        if way is send:
            assert outcome == n
        elif way is send_then_break:
            assert isinstance(outcome, Broken)
        elif way is send_twice:
            assert isinstance(outcome, Duplicate)
        elif way is send_weightless:
            assert type(outcome).__name__ in ("IntegrityError", "CheckViolation")
        else:
            assert isinstance(outcome, RuntimeError)


async def test_a_unique_violation_is_a_duplicate(database: Database) -> None:
    await database.write(send, Parcel(1, label="to Bandung"))
    with pytest.raises(Duplicate):
        await database.write(send, Parcel(1))
    with pytest.raises(Duplicate):
        await database.write(send, Parcel(2, label="to Bandung"))


async def test_a_query_that_runs_out_is_answered(database: Database) -> None:
    def run_out(_tx: Transaction) -> None:
        next(iter([]))

    with pytest.raises(RuntimeError):
        await database.read(run_out)


async def test_readers_never_see_uncommitted_data(database: Database) -> None:
    stored, looked = threading.Event(), threading.Event()

    def send_and_wait(tx: Transaction) -> None:
        send(tx, Parcel(1))
        stored.set()
        assert looked.wait(5)

    writing = asyncio.ensure_future(database.write(send_and_wait))
    assert await asyncio.to_thread(stored.wait, 5)
    assert await database.read(ids) == []
    looked.set()
    await writing
    assert await database.read(ids) == [1]


async def test_a_reader_sees_one_state_throughout(database: Database) -> None:
    await database.write(send, Parcel(1, weight=1))
    first_look, changed = threading.Event(), threading.Event()

    def look_twice(tx: Transaction) -> tuple[int, int]:
        before = find(tx, 1).weight
        first_look.set()
        if database.dialect == "postgresql":  # on SQLite a read holds the event loop meanwhile
            assert changed.wait(5)
        return before, find(tx, 1).weight

    async def change() -> None:
        if database.dialect == "postgresql":
            await asyncio.to_thread(first_look.wait, 5)
        await database.write(lambda tx: tx.run(WEIGH, this=1, new_weight=2))
        changed.set()

    (seen, _) = await asyncio.gather(database.read(look_twice), change())
    assert seen in [(1, 1), (2, 2)]


async def test_a_query_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        await database.read(send, Parcel(1))
    assert await database.read(ids) == []
    await database.write(send, Parcel(2))


async def test_what_looks_long_reads_beside_all_else_and_cannot_write(database: Database) -> None:
    await database.write(send, Parcel(1))
    looking, ended = threading.Event(), threading.Event()

    def look(tx: Transaction, name: str) -> tuple[str, list[int]]:
        looking.set()
        assert ended.wait(10)
        return name, ids(tx)

    long = asyncio.ensure_future(database.examine(look, name="all"))
    await asyncio.to_thread(looking.wait, 10)
    await database.write(send, Parcel(2))
    ended.set()
    name, seen = await long
    assert (name, 1 in seen) == ("all", True)
    with pytest.raises(Exception, match=r"read-?only"):
        await database.examine(send, Parcel(3))
    assert await database.read(ids) == [1, 2]


async def test_a_cancelled_caller_does_not_disturb_its_neighbours(database: Database) -> None:
    tasks = [asyncio.ensure_future(database.write(send, Parcel(n))) for n in range(1, 201)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    answered = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert len(answered) >= 133
    assert set(answered) <= set(await database.read(ids))


async def test_closing_finishes_what_was_asked(database_url: str) -> None:
    database = open_database(database_url)
    asked = [asyncio.ensure_future(database.write(send, Parcel(n))) for n in range(1, 101)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*asked) == list(range(1, 101))
    with pytest.raises(Unavailable, match="shutting_down"):
        await database.write(send, Parcel(101))
    await database.close()
    again = open_database(database_url)
    assert await again.read(ids) == list(range(1, 101))
    await again.close()


async def test_a_unit_that_goes_on_after_an_error_is_never_half_acknowledged(
    database: Database,
) -> None:
    def swallow(tx: Transaction) -> str:
        send(tx, Parcel(1))
        with suppress(Exception):
            send(tx, Parcel(1))
        return "stored"

    try:
        answer = await database.write(swallow)
    except RuntimeError:
        answer = "refused"
    assert await database.read(ids) == ([1] if answer == "stored" else [])


async def test_one_row_counts_to_the_number_of_its_writers(database: Database) -> None:
    await database.write(send, Parcel(1, weight=0))

    def add_one(tx: Transaction) -> None:
        tx.run(ADD_ONE, this=1)

    await asyncio.gather(*(database.write(add_one) for _ in range(200)))
    assert (await database.read(find, 1)).weight == 200


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://localhost/shop", "must begin with"),
        ("shop.sqlite3", "must begin with"),
        ("sqlite://shop.sqlite3", "must name a file"),
        ("sqlite:///", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_a_url_that_names_no_database_is_refused(url: str, says: str) -> None:
    with pytest.raises(CannotStart, match=says):
        open_database(url)


def test_three_slashes_are_relative_and_four_absolute() -> None:
    assert sqlite_path("sqlite:///data/x.sqlite3") == "data/x.sqlite3"
    assert sqlite_path("sqlite:////srv/x.sqlite3") == "/srv/x.sqlite3"
