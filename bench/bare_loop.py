"""The limit of the database: the statements of real operations, run again on the bare driver."""

import asyncio
import os
import random
import shutil
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.prepare import Prepared
from bench.recorded import (
    Operation,
    Steps,
    record_confirmations,
    record_creations,
    record_readings,
)
from bench.report import Bare
from payment_service.config import open_runtime
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.sqlite import connect
from payment_service.resources import Links

TURNS = 3


def bare_loops(
    copy: Path, prepared: Prepared, batches: Mapping[str, float], count: int, core: int
) -> dict[str, Bare]:
    """Each scenario on one connection in a process of its own on that core, at this many units a
    commit: the median of three turns. `copy` is a database of its own in which the charges are paid
    and unsettled."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        # A process that begins afresh, so that what is preloaded into it is its own.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            return apart.submit(_measure, copy, prepared, dict(batches), count).result()
    finally:
        os.sched_setaffinity(0, before)


def copy_database(path: Path, to: Path) -> Path:
    """A copy of a database that nobody has open."""
    shutil.copyfile(path, to)
    return to


def _measure(
    copy: Path, prepared: Prepared, batches: dict[str, float], count: int
) -> dict[str, Bare]:
    links = asyncio.run(_links(prepared, copy))
    connection = connect(str(copy))
    try:
        return {
            name: _loop(connection, _recorded(connection, name, prepared, links, count), units)
            for name, units in batches.items()
        }
    finally:
        connection.close()


async def _links(prepared: Prepared, copy: Path) -> Links:
    """They sign with the keys that the database keeps."""
    url = f"sqlite:///{copy}"
    runtime = await open_runtime(prepared.settings.model_copy(update={"database_url": url}))
    await runtime.close()
    return runtime.links


def _recorded(
    connection: Any, name: str, prepared: Prepared, links: Links, count: int
) -> list[Operation]:
    now = SystemClock().now()
    if name == "confirmation":
        return record_confirmations(connection, prepared, links, count, now)
    if name == "create subscription":
        return record_creations(connection, prepared, links, count, now)
    chosen = random.Random(14).choices(prepared.paid, k=count)
    return record_readings(connection, prepared, chosen)


def _loop(connection: Any, recorded: Sequence[Operation], units_per_commit: float) -> Bare:
    """Where nothing is committed each transaction is one of its own, which only reads."""
    batch = max(1, round(units_per_commit))
    begin = "BEGIN IMMEDIATE" if units_per_commit else "BEGIN"
    each = len(recorded) // TURNS
    rates = [
        each / _play(connection, recorded[turn * each : (turn + 1) * each], batch, begin)
        for turn in range(TURNS)
    ]
    statements = sum(len(steps) for steps in recorded[-1])
    return Bare(statistics.median(rates), statements, len(recorded[-1]), batch)


def _play(connection: Any, recorded: Sequence[Operation], batch: int, begin: str) -> float:
    """Seconds for all: a commit for the first transactions of each batch, one for the second."""
    begun = monotonic()
    for start in range(0, len(recorded), batch):
        for units in zip(*recorded[start : start + batch], strict=True):
            _commit(connection, units, begin)
    return monotonic() - begun


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
