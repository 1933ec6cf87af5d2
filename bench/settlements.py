"""Seeing payments appear in the database without asking the server for anything."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psycopg

from bench.databases import is_sqlite
from payment_service.config import Settings
from payment_service.kit.clock import monotonic
from payment_service.kit.database import sqlite_path
from payment_service.kit.sqlite_connection import DRIVER

LOOK_EVERY = 0.001
ASK_EVERY = 0.004
PAYMENTS_OF = "SELECT charge_id FROM payments WHERE charge_id = ANY(%s)"
NEW_PAYMENTS = "SELECT rowid, charge_id FROM payments WHERE rowid > ? ORDER BY rowid"


class Commits:
    """How many transactions have written to a database in WAL mode.

    The index of the log counts them: `iChange`, 32 bits at byte 8, which SQLite raises at each
    commit. Reading it costs the server nothing.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(f"{path}-shm", os.O_RDONLY)

    def count(self) -> int:
        (number,) = struct.unpack("=I", os.pread(self._file, 4, 8))
        return int(number)

    def since(self, before: int) -> int:
        return (self.count() - before) % 2**32

    def close(self) -> None:
        os.close(self._file)


class Expected:
    """Charges of which somebody waits to see the payment."""

    def __init__(self) -> None:
        self.futures: dict[str, asyncio.Future[None]] = {}
        self.gaps: list[float] = []
        """Seconds between one look and the next: the most by which a settlement is seen late."""

    def expect(self, charge_id: str) -> asyncio.Future[None]:
        """Done once the charge's payment is committed."""
        future = asyncio.get_running_loop().create_future()
        self.futures[charge_id] = future
        return future

    def seen(self, charge_id: str) -> None:
        future = self.futures.pop(charge_id, None)
        if future is not None and not future.done():
            future.set_result(None)


class InFile(Expected):
    """Looks every millisecond whether there was a commit, and if so which payments it brought."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._commits = Commits(path)
        self._connection = DRIVER.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        (self._last,) = self._connection.execute(
            "SELECT coalesce(max(rowid), 0) FROM payments"
        ).fetchone()

    async def watch(self) -> None:
        """Look until cancelled."""
        seen, looked = self._commits.count(), monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = monotonic()
            self.gaps.append(now - looked)
            looked = now
            count = self._commits.count()
            if count != seen:
                seen = count
                self._look()

    def close(self) -> None:
        # In this order: closing any descriptor of the file gives up the locks that this
        # process's connection has on it.
        self._connection.close()
        self._commits.close()

    def _look(self) -> None:
        for rowid, charge_id in self._connection.execute(NEW_PAYMENTS, (self._last,)).fetchall():
            self._last = rowid
            self.seen(charge_id)


class InPostgres(Expected):
    """Asks every few milliseconds for the payments of all charges that are waited for: a look costs
    the database something, and is counted as its own."""

    async def watch(self, url: str) -> None:
        """Look until cancelled."""
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        async with connection:
            looked = monotonic()
            while True:
                await asyncio.sleep(ASK_EVERY)
                waiting = list(self.futures)
                found = await connection.execute(PAYMENTS_OF, (waiting,))
                now = monotonic()
                self.gaps.append(now - looked)
                looked = now
                for (charge_id,) in await found.fetchall():
                    self.seen(charge_id)


@asynccontextmanager
async def watching(settings: Settings) -> AsyncIterator[Expected]:
    """Looked for as long as the block runs."""
    if is_sqlite(settings):
        in_file = InFile(Path(sqlite_path(settings.database_url)))
        try:
            async with _running(in_file.watch()):
                yield in_file
        finally:
            in_file.close()
    else:
        in_postgres = InPostgres()
        async with _running(in_postgres.watch(settings.database_url)):
            yield in_postgres


@asynccontextmanager
async def _running(watch: Coroutine[None, None, None]) -> AsyncIterator[None]:
    looking = asyncio.create_task(watch)
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


@contextmanager
def counted(settings: Settings) -> Iterator[Callable[[], int]]:
    """How many commits there have been since; 0 on PostgreSQL, where each unit has its own. Whoever
    watches besides must end first: see `InFile.close`."""
    if not is_sqlite(settings):
        yield lambda: 0
        return
    commits = Commits(Path(sqlite_path(settings.database_url)))
    before = commits.count()
    try:
        yield lambda: commits.since(before)
    finally:
        commits.close()
