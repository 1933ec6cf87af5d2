"""What counts once and is spent: the key of a form, the challenge of a passkey."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Text, delete
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.crypto import digest
from payment_service.kit.schema import Instant, table
from payment_service.kit.statements import Record, Transaction, command, param, stored_in

KEPT = timedelta(days=2)

spent = table(
    "spent",
    Column("hash", Text, primary_key=True),
    Column("spent_at", Instant, nullable=False),
    Index(None, "spent_at"),
)


@stored_in(spent)
class Spent(Record, frozen=True):
    hash: str
    spent_at: datetime


SPEND = command(
    insert(spent)
    .values(hash=param("hash"), spent_at=param("now"))
    .on_conflict_do_nothing(index_elements=["hash"])
)
FORGET_SPENT = command(delete(spent).where(spent.c.spent_at < param("before")))


def spend(tx: Transaction, once: str, now: datetime) -> bool:
    """Whether it was spent only now, in this transaction."""
    return tx.run(SPEND, hash=digest(once), now=now) == 1
