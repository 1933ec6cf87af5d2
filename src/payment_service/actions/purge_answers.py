"""Purge answers kept under idempotency keys: whoever repeats a request does so within 72 hours."""

from datetime import datetime

from payment_service.kit.statements import Transaction
from payment_service.model.answer import KEPT, PURGE, PURGED_AT_ONCE
from payment_service.runtime import Runtime


async def purge_answers(runtime: Runtime) -> bool:
    """A batch of those that are over; whether there may be more."""
    return await runtime.db.write(_purge, runtime.clock.now()) == PURGED_AT_ONCE


def _purge(tx: Transaction, now: datetime) -> int:
    return tx.run(PURGE, until=now - KEPT, limit=PURGED_AT_ONCE)
