"""An entrance: somebody halfway in, whose password or one-time code was right. It opens no page."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Text, delete

from payment_service.kit.crypto import digest
from payment_service.kit.schema import Instant, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    command,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.session import new_session_token

By = Literal["password", "code"]
LASTS: dict[By, timedelta] = {"password": timedelta(minutes=10), "code": timedelta(minutes=15)}

entrances = table(
    "entrances",
    Column("token_hash", Text, primary_key=True),
    Column("admin_id", Text, ForeignKey("admins.id"), nullable=False),
    Column("by", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    one_of("by", ("password", "code")),
    Index(None, "admin_id"),
    Index(None, "expires_at"),
)


@stored_in(entrances)
class Entrance(Record, frozen=True):
    """`by` a password leads to the second factor, `by` a one-time code to choosing both."""

    token_hash: str
    admin_id: str
    by: By
    expires_at: datetime


ENTRANCE = query(rows_of(Entrance).where(entrances.c.token_hash == param("token_hash")), Entrance)
END_ENTRANCES = command(delete(entrances).where(entrances.c.admin_id == param("admin_id")))
FORGET_ENTRANCES = command(delete(entrances).where(entrances.c.expires_at < param("before")))


def add_entrance(tx: Transaction, admin_id: str, by: By, now: datetime) -> str:
    """The token of a new one; an older one of theirs ends."""
    token = new_session_token()
    tx.run(END_ENTRANCES, admin_id=admin_id)
    add(tx, Entrance(digest(token), admin_id, by, now + LASTS[by]))
    return token


def entrance_of(tx: Transaction, token: str, by: By, now: datetime) -> Entrance | None:
    found = tx.one(ENTRANCE, token_hash=digest(token))
    return found if found is not None and found.by == by and now <= found.expires_at else None
