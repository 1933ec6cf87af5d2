"""PostgreSQL where transactions collide or connections break: never a false answer."""

import asyncio
import socket
import threading

import psycopg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.kit.postgres import PostgresDatabase
from payment_service.kit.postgres_connections import SETTINGS
from payment_service.kit.statements import Transaction, command, value
from tests.databases import create_tables, restarted_server
from tests.kit.parcels import WEIGH, Parcel, find, ids, send, tables

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


def test_a_server_that_takes_connections_and_says_nothing_does_not_hold_up_the_start() -> None:
    began = monotonic()
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"postgresql://nobody@127.0.0.1:{door.getsockname()[1]}/none"
        with pytest.raises(CannotStart) as caught:
            PostgresDatabase(url, pytest.fail, patience=0.5)
    assert "timeout" in str(caught.value)
    assert monotonic() - began < 6


async def test_a_server_that_is_away_is_known_to_all_and_its_return_at_once() -> None:
    with restarted_server() as server, capture_logs() as logs:
        create_tables(server.url, tables)
        database = PostgresDatabase(server.url, on_fatal=pytest.fail)
        await database.write(send, Parcel(1))
        with server.away():
            with pytest.raises(Unavailable):
                await database.write(send, Parcel(2))
            began = monotonic()
            asked = (*(database.read(ids) for _ in range(40)), database.write(send, Parcel(3)))
            refusals = await asyncio.gather(*asked, return_exceptions=True)
            took = monotonic() - began
            # Tries that come ever more rarely are some seconds apart by now.
            await asyncio.sleep(5)
        began = monotonic()
        while monotonic() < began + 20:
            try:
                found = await database.read(ids)
                break
            except Unavailable:
                await asyncio.sleep(0.05)
        came = monotonic() - began
        await database.close()
    assert {getattr(one, "code", one) for one in refusals} == {"database_unreachable"}
    assert took < 2
    assert found == [1]
    assert came < 3
    lost, back = logs
    assert (lost["event"], back["event"]) == ("database_lost", "database_back")
    assert lost["reason"]
    assert back["seconds"] > 8


async def test_a_short_restart_costs_nobody_an_error_and_is_told() -> None:
    with restarted_server() as server, capture_logs() as logs:
        create_tables(server.url, tables)
        database = PostgresDatabase(server.url, on_fatal=pytest.fail)
        # Several connections, none of which outlives the restart.
        await asyncio.gather(*(database.write(send, Parcel(number)) for number in range(20)))
        with server.away():
            asked = (database.write(send, Parcel(20 + number)) for number in range(20))
            asking = [asyncio.create_task(one) for one in asked]
            await asyncio.sleep(0.3)
        await asyncio.gather(*asking)
        assert await database.read(ids) == list(range(40))
        await database.close()
    lost, back = logs
    assert (lost["event"], back["event"]) == ("database_lost", "database_back")
    assert 0.3 < back["seconds"] < 3


async def test_a_process_that_stops_does_not_wait_for_a_server_that_is_away() -> None:
    with restarted_server() as server:
        database = PostgresDatabase(server.url, on_fatal=pytest.fail)
        with server.away():
            asking = asyncio.create_task(database.read(ids))
            await asyncio.sleep(0.2)
            began = monotonic()
            await database.close()
            took = monotonic() - began
            with pytest.raises(Unavailable):
                await asking
    assert took < 2.5


async def test_a_server_that_comes_a_little_later_is_waited_for_at_the_start() -> None:
    with restarted_server() as server:
        with server.away():
            opening = asyncio.create_task(
                asyncio.to_thread(PostgresDatabase, server.url, on_fatal=pytest.fail)
            )
            await asyncio.sleep(2.5)
        await (await opening).close()
