"""PostgreSQL where transactions collide or connections break: never a false answer."""

import asyncio
import threading

import psycopg
import pytest
from sqlalchemy import text

from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.kit.postgres import SETTINGS, PostgresDatabase
from payment_service.kit.statements import Transaction, command, value
from tests.kit.parcels import WEIGH, Parcel, find, ids, send

OWN_PID = value(text("SELECT pg_backend_pid()"), int)
OWN_END = command(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def cut(url: str, pid: int) -> None:
    """End another connection's server process, and wait until it is gone."""
    with psycopg.connect(url, autocommit=True) as beside:
        beside.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


async def test_two_units_that_lock_crosswise_both_succeed(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, on_fatal=pytest.fail)
    await database.write(send, Parcel(1, weight=0))
    await database.write(send, Parcel(2, weight=0))
    both_hold_one = threading.Barrier(2)
    runs: list[tuple[int, int]] = []

    def weigh(tx: Transaction, first: int, second: int) -> None:
        runs.append((first, second))
        tx.run(WEIGH, this=first, new_weight=first)
        if len(runs) <= 2:
            both_hold_one.wait(5)
        tx.run(WEIGH, this=second, new_weight=first)

    await asyncio.gather(database.write(weigh, 1, 2), database.write(weigh, 2, 1))
    weights = [(await database.read(find, number)).weight for number in (1, 2)]
    await database.close()
    assert len(runs) >= 3
    assert weights in ([1, 1], [2, 2])


async def test_a_unit_that_always_collides_is_told_to_come_again(postgres_url: str) -> None:
    runs = 0

    def collide(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        tx.run(command(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")))

    database = PostgresDatabase(postgres_url, on_fatal=pytest.fail)
    with pytest.raises(Unavailable) as caught:
        await database.write(collide)
    await database.close()
    assert caught.value.code == "database_busy"
    assert runs == 4


async def test_a_connection_cut_inside_a_unit_stores_nothing(postgres_url: str) -> None:
    def send_and_die(tx: Transaction) -> None:
        send(tx, Parcel(1))
        tx.run(OWN_END)

    database = PostgresDatabase(postgres_url, on_fatal=pytest.fail)
    with pytest.raises(Unavailable) as caught:
        await database.write(send_and_die)
    assert caught.value.code == "database_unreachable"
    assert await database.read(ids) == []
    assert await database.write(send, Parcel(2)) == 2
    await database.close()


async def test_a_connection_cut_at_the_commit_ends_the_process(postgres_url: str) -> None:
    def send_and_be_cut(tx: Transaction) -> int:
        send(tx, Parcel(1))
        pid = tx.one(OWN_PID)
        assert pid is not None
        cut(postgres_url, pid)
        return 1

    failures: list[str] = []
    database = PostgresDatabase(postgres_url, failures.append)
    with pytest.raises(Unavailable):
        await database.write(send_and_be_cut)
    await database.close()
    assert len(failures) == 1
    assert "unknown outcome" in failures[0]


async def test_a_cut_connection_in_the_pool_is_replaced(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, on_fatal=pytest.fail, connections=1)
    pid = await database.write(lambda tx: tx.one(OWN_PID))
    cut(postgres_url, pid)
    assert await database.write(send, Parcel(1)) == 1
    pid = await database.read(lambda tx: tx.one(OWN_PID))
    cut(postgres_url, pid)
    assert await database.read(ids) == [1]
    await database.close()


@pytest.mark.parametrize("name", sorted(SETTINGS))
async def test_every_connection_has_the_settings(postgres_url: str, name: str) -> None:
    setting = value(text(f"SHOW {name}"), str)
    database = PostgresDatabase(postgres_url, on_fatal=pytest.fail)
    assert await database.write(lambda tx: tx.one(setting)) == SETTINGS[name]
    await database.close()


@pytest.mark.parametrize("host", ["127.0.0.1:9", "no-such-host.invalid"])
def test_a_server_that_does_not_answer_gives_one_clear_line(host: str) -> None:
    with pytest.raises(CannotStart) as caught:
        PostgresDatabase(f"postgresql://nobody@{host}/none", pytest.fail, patience=0.5)
    assert "PAYMENT_SERVICE_DATABASE_URL" in str(caught.value)
    assert "\n" not in str(caught.value)
