"""Purge attempts that are older than 90 days, some at a time."""

from datetime import datetime

from payment_service.kit.ids import first_id
from payment_service.kit.statements import Transaction
from payment_service.model.attempt import KEPT, PURGE_ATTEMPTS
from payment_service.runtime import Runtime

AT_ONCE = 500


async def purge_attempts(runtime: Runtime) -> bool:
    """Whether there may be more."""
    before = runtime.clock.now() - KEPT
    return await runtime.db.write(_purge, before) == AT_ONCE


def _purge(tx: Transaction, before: datetime) -> int:
    return tx.run(PURGE_ATTEMPTS, before=first_id("att", before), limit=AT_ONCE)
