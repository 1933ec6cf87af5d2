"""A database that is backed up and put back within the test's own process."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from payment_service.actions.back_up import back_up
from payment_service.actions.restore import restore
from payment_service.kit.copies import Copies, copies_of
from payment_service.kit.crypto import fingerprint
from payment_service.kit.database import open_database
from payment_service.kit.statements import Transaction
from payment_service.model.backup import Backup
from payment_service.model.fact import FACT, KEY_FINGERPRINT, STATE_FACT

NOW = datetime(2026, 11, 29, 19, 30, tzinfo=UTC)


class Kept(NamedTuple):
    """A database that says in a fact what was last done, and what is done with its copies."""

    url: str
    folder: Path
    key: str

    @property
    def copies(self) -> Copies:
        return copies_of(self.url)

    def backs_up(self, to: str = "b") -> Backup:
        return back_up(self.copies, self.folder / to, NOW)

    def restores(self, copy: str = "b", *, replace: bool = True) -> str | None:
        keys = [fingerprint(self.key)]
        return restore(self.copies, self.folder / copy, keys, NOW, replace=replace)[1]

    def states(self, name: str) -> None:
        asyncio.run(self._write(name, "is so"))

    def knows(self, name: str) -> bool:
        return asyncio.run(self._read(name))

    async def _write(self, name: str, value: str) -> None:
        database = open_database(self.url)

        def unit(tx: Transaction) -> None:
            tx.run(STATE_FACT, name=KEY_FINGERPRINT, value=fingerprint(self.key))
            tx.run(STATE_FACT, name=name, value=value)

        await database.write(unit)
        await database.close()

    async def _read(self, name: str) -> bool:
        database = open_database(self.url)
        found = await database.read(lambda tx: tx.one(FACT, name=name))
        await database.close()
        return found is not None
