"""What a database gives once more without looking: true until anybody commits, and no longer."""

from collections import Counter
from contextlib import closing

import pytest

from payment_service.kit.database import Database, open_database, sqlite_path
from payment_service.kit.recalled import MOST, Recalled
from payment_service.kit.sqlite_connection import connect
from payment_service.kit.statements import Transaction
from tests.kit.parcels import WEIGH, Parcel, find, send

looks: Counter[int] = Counter()


@pytest.fixture(autouse=True)
def _none_yet() -> None:
    looks.clear()


def weight(tx: Transaction, number: int) -> int:
    looks[number] += 1
    return find(tx, number).weight


def weigh(tx: Transaction, number: int, kilos: int) -> None:
    tx.run(WEIGH, this=number, new_weight=kilos)


async def test_what_was_committed_is_seen_at_once(database: Database, database_url: str) -> None:
    """Whoever committed it: this process, or a command beside it."""
    await database.write(send, Parcel(1))
    other = open_database(database_url)
    for kilos, writer in enumerate((database, other) * 5, 2):
        await writer.write(weigh, 1, kilos)
        assert await database.recall(weight, 1) == kilos
        assert await database.recall(weight, 1) == kilos
    await other.close()


async def test_what_was_rolled_back_is_seen_by_nobody(database: Database) -> None:
    def weigh_and_break(tx: Transaction) -> None:
        weigh(tx, 1, 9)
        raise LookupError

    await database.write(send, Parcel(1))
    assert await database.recall(weight, 1) == 1
    with pytest.raises(LookupError):
        await database.write(weigh_and_break)
    assert await database.recall(weight, 1) == 1


async def test_each_question_has_its_own_answer(database: Database) -> None:
    def label(tx: Transaction, number: int) -> str | None:
        return find(tx, number).label

    await database.write(send, Parcel(1, label="a", weight=3))
    await database.write(send, Parcel(2, label="b", weight=4))
    for _ in range(2):
        assert [await database.recall(weight, number) for number in (1, 2)] == [3, 4]
        assert [await database.recall(label, number) for number in (1, 2)] == ["a", "b"]
        assert await database.recall(weight, number=2) == 4


async def test_a_refusal_is_not_kept(database: Database) -> None:
    def weight_of(_: Transaction) -> int:
        looks[0] += 1
        raise LookupError

    for times in (1, 2):
        with pytest.raises(LookupError):
            await database.recall(weight_of)
        assert looks[0] == times


async def test_sqlite_looks_once_until_somebody_commits(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await database.write(send, Parcel(1))
    for _ in range(100):
        await database.recall(weight, 1)
    assert looks == {1: 1}
    await database.write(weigh, 1, 2)
    await database.recall(weight, 1)
    assert looks == {1: 2}
    await database.close()


def test_of_a_reader_that_stands_still_nothing_is_believed(sqlite_url: str) -> None:
    """One whose transaction could not end: it sees no commit, and so none is told."""
    with closing(connect(sqlite_path(sqlite_url))) as reader:
        recalled = Recalled(reader)
        recalled.kept()["asked"] = "answer"
        assert recalled.kept() == {"asked": "answer"}
        reader.execute("BEGIN")
        assert recalled.kept() == {}
        reader.execute("COMMIT")
        assert recalled.kept() == {"asked": "answer"}


async def test_whoever_asks_for_ever_new_things_fills_no_memory(sqlite_url: str) -> None:
    def asked(_: Transaction, number: int) -> int:
        looks[number] += 1
        return number

    database = open_database(sqlite_url)
    for number in range(MOST):
        await database.recall(asked, number)
    await database.recall(asked, MOST)  # those before it are forgotten
    await database.recall(asked, MOST - 1)
    await database.recall(asked, MOST)
    assert (looks[MOST - 1], looks[MOST]) == (2, 1)
    await database.close()
