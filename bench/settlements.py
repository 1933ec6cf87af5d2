"""Seeing payments appear in the server's file without asking the server for anything."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from payment_service.kit.clock import monotonic
from payment_service.kit.sqlite import DRIVER

LOOK_EVERY = 0.001
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


class Settlements:
    """Looks every millisecond whether there was a commit, and if so which payments it brought."""

    def __init__(self, path: Path) -> None:
        self.commits = Commits(path)
        self._connection = DRIVER.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        (self._last,) = self._connection.execute(
            "SELECT coalesce(max(rowid), 0) FROM payments"
        ).fetchone()
        self._expected: dict[str, asyncio.Future[None]] = {}
        self.gaps: list[float] = []
        """Seconds between one look and the next: the most by which a settlement is seen late."""

    def expect(self, charge_id: str) -> asyncio.Future[None]:
        """Done once the charge's payment is committed."""
        future = asyncio.get_running_loop().create_future()
        self._expected[charge_id] = future
        return future

    async def watch(self) -> None:
        """Look until cancelled."""
        seen, looked = self.commits.count(), monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = monotonic()
            self.gaps.append(now - looked)
            looked = now
            count = self.commits.count()
            if count != seen:
                seen = count
                self._look()

    def close(self) -> None:
        # In this order: closing any descriptor of the file gives up the locks that this
        # process's connection has on it.
        self._connection.close()
        self.commits.close()

    def _look(self) -> None:
        for rowid, charge_id in self._connection.execute(NEW_PAYMENTS, (self._last,)).fetchall():
            self._last = rowid
            future = self._expected.pop(charge_id, None)
            if future is not None and not future.done():
                future.set_result(None)


@asynccontextmanager
async def watching(path: Path) -> AsyncIterator[Settlements]:
    """Looked for as long as the block runs."""
    settlements = Settlements(path)
    looking = asyncio.create_task(settlements.watch())
    try:
        yield settlements
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        settlements.close()
