"""The limit of the database: the statements of real operations, run again on the bare driver."""

import asyncio
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import psycopg

from bench.cores import on_core
from bench.databases import is_sqlite
from bench.prepare import Prepared
from bench.recorded import (
    Operation,
    Recording,
    Steps,
    record_confirmations,
    record_creations,
    record_readings,
)
from bench.report import Bare
from bench.scenarios import CONFIRM, CREATE
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.database import sqlite_path
from payment_service.kit.postgres import RETRIED
from payment_service.kit.sqlite_connection import connect
from payment_service.resources import Links

TURNS = 3
"""After one that is not counted."""
POOL = 8
READ_ONLY = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


def bare_loops(
    copy: Settings, prepared: Prepared, batches: Mapping[str, float], count: int, core: int
) -> dict[str, Bare]:
    """So many operations of each scenario in a process of its own on that core, at this many units
    a commit: the median of three turns. `copy` is of a database in which the charges are paid and
    unsettled."""
    # A process that begins afresh, so that what is preloaded into it is its own.
    with on_core(core), ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_measure, copy, prepared, dict(batches), count).result()


def _measure(
    copy: Settings, prepared: Prepared, batches: dict[str, float], count: int
) -> dict[str, Bare]:
    links = asyncio.run(_links(copy))
    with _connections(copy) as connections:
        recording = Recording(connections[0])
        found = {}
        for name, units in batches.items():
            recorded = _recorded(recording, name, prepared, links, count)
            half = len(recorded) // 2
            found[name] = (
                _loop(connections, recorded, units)
                if len(connections) == 1
                # Where they wait for one another's locks, one alone may be the faster.
                else max(
                    _loop(connections[:1], recorded[:half], units),
                    _loop(connections, recorded[half:], units),
                    key=lambda bare: bare.per_second,
                )
            )
        return found


async def _links(copy: Settings) -> Links:
    """They sign with the keys that the database keeps."""
    runtime = await open_runtime(copy)
    await runtime.close()
    return runtime.links


@contextmanager
def _connections(copy: Settings) -> Iterator[list[Any]]:
    """The one that may write to a file, or as many as the service has to PostgreSQL."""
    if is_sqlite(copy):
        connections = [connect(sqlite_path(copy.database_url))]
    else:
        connections = [psycopg.connect(copy.database_url, autocommit=True) for _ in range(POOL)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def _recorded(
    recording: Recording, name: str, prepared: Prepared, links: Links, count: int
) -> list[Operation]:
    now = SystemClock().now()
    if name == CONFIRM:
        return record_confirmations(recording, prepared, links, count, now)
    if name == CREATE:
        return record_creations(recording, prepared, links, count, now)
    chosen = random.Random(14).choices(prepared.paid, k=count)
    return record_readings(recording, prepared, chosen)


def _loop(connections: list[Any], recorded: Sequence[Operation], units_per_commit: float) -> Bare:
    """Where nothing is committed each transaction is one of its own, which only reads."""
    batch = max(1, round(units_per_commit))
    rates = []
    for turn in range(TURNS + 1):
        # All of them in the end: those of the next scenario count on what these have written.
        first, end = (len(recorded) * place // (TURNS + 1) for place in (turn, turn + 1))
        some = recorded[first:end]
        begun = monotonic()
        if isinstance(connections[0], psycopg.Connection):
            play_together(connections, some, writes=units_per_commit > 0)
        else:
            play(connections[0], some, batch, "BEGIN IMMEDIATE" if units_per_commit else "BEGIN")
        if turn:  # before the first one statements are not prepared yet
            rates.append(len(some) / (monotonic() - begun))
    transactions = recorded[-1]
    return Bare(
        per_second=statistics.median(rates),
        statements=sum(len(steps) for steps in transactions),
        transactions=len(transactions),
        units_per_commit=batch,
        connections=len(connections),
    )


def play(connection: Any, recorded: Sequence[Operation], batch: int, begin: str) -> None:
    """A commit for the first transactions of each batch, one for the second."""
    for start in range(0, len(recorded), batch):
        for units in zip(*recorded[start : start + batch], strict=True):
            _commit(connection, units, begin)


def _commit(connection: Any, units: Sequence[Steps], begin: str) -> None:
    execute, executemany = connection.execute, connection.executemany
    execute(begin)
    for steps in units:
        for sql, values, many in steps:
            if many:
                executemany(sql, values)
            else:
                execute(sql, values).fetchall()
    execute("COMMIT")


def play_together(connections: list[Any], recorded: Sequence[Operation], *, writes: bool) -> None:
    """Each connection in a thread of its own, as in the service: each transaction by itself."""
    begin = "BEGIN" if writes else READ_ONLY
    shared = iter(recorded)
    with ThreadPoolExecutor(len(connections)) as threads:
        for done in [threads.submit(_play_some, one, shared, begin) for one in connections]:
            done.result()


def _play_some(connection: Any, shared: Iterator[Operation], begin: str) -> None:
    cursor = connection.cursor()
    for operation in shared:
        for steps in operation:
            while not _is_committed(cursor, steps, begin):
                pass


def _is_committed(cursor: Any, steps: Steps, begin: str) -> bool:
    """Not where it met another one: it runs again, as in the service."""
    cursor.execute(begin)
    try:
        for sql, values, many in steps:
            if many:
                cursor.executemany(sql, values)
            elif cursor.execute(sql, values).description is not None:
                cursor.fetchall()
        cursor.execute("COMMIT")
    except RETRIED:
        cursor.execute("ROLLBACK")
        return False
    return True
