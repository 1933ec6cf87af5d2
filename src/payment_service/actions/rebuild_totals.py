"""Rebuild the daily totals of an app from its books, whatever they say now."""

from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.daily_rebuild import (
    LOCK_COUNTER,
    Totals,
    corrected,
    put_totals,
    totals_booked,
    totals_kept,
)
from payment_service.runtime import Runtime


async def rebuild_totals(runtime: Runtime, app: App) -> int:
    """How many rows are there afterwards. The service may run meanwhile: what takes long only
    reads, and what is counted while it does is kept."""
    then, should = await runtime.db.examine(_look, app)
    return await runtime.db.write(_mend, app, then, should)


def _look(tx: Transaction, app: App) -> tuple[Totals, Totals]:
    return totals_kept(tx, app), totals_booked(tx, app)


def _mend(tx: Transaction, app: App, then: Totals, should: Totals) -> int:
    tx.one(LOCK_COUNTER, app_id=app.id)
    totals = corrected(totals_kept(tx, app), then, should)
    put_totals(tx, app, totals)
    return len(totals.revenues) + len(totals.standings)
