"""Of two who clear an alert at once the second is told, however their reads and writes fall."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from payment_service.actions.clear_alert import clear_alert
from payment_service.kit.database import open_database
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Statement, Transaction
from payment_service.model.alert import ALERT, OPEN_ALERTS, alert_by_id, raise_alert
from payment_service.model.audit import By

NOW = datetime(2026, 11, 29, 19, 30, tzinfo=UTC)


class Overtaken:
    """A transaction after whose first look at an alert another clears it: what it read is old."""

    def __init__(self, tx: Transaction, other: Any) -> None:
        self._tx = tx
        self._other = other

    def one(self, statement: Statement[Any], **params: Any) -> Any:
        found = self._tx.one(statement, **params)
        if statement is ALERT and self._other is not None:
            other, self._other = self._other, None
            other()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


async def test_who_is_overtaken_while_clearing_is_told(postgres_url: str) -> None:
    """SQLite has one writer, whom nobody overtakes."""
    db, loop = open_database(postgres_url), asyncio.get_running_loop()

    def raised(tx: Transaction) -> str:
        raise_alert(tx, app_id=None, kind="gateway_refused", subject_id="x", message="m", now=NOW)
        return tx.all(OPEN_ALERTS)[0].id

    alert = await db.write(raised)
    overtakes = [True]  # the first try alone; the next one finds the alert cleared

    async def clears() -> None:
        await db.write(clear_alert, alert, By("adm_first", "first", NOW), once=True)

    def first() -> None:
        asyncio.run_coroutine_threadsafe(clears(), loop).result()

    def second(tx: Transaction) -> None:
        other = first if overtakes and overtakes.pop() else None
        overtaken: Any = Overtaken(tx, other)
        clear_alert(overtaken, alert, By("adm_second", "second", NOW), once=True)

    try:
        with pytest.raises(Conflict, match="cleared already"):
            await db.write(second)
        assert (await db.read(alert_by_id, alert)).note == "first"
    finally:
        await db.close()
