"""A notice: what a gateway posted to us, kept as evidence. A hint, never a proof."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import Record, command, param, stored_in

notices = table(
    "notices",
    Column("charge_id", Text, ForeignKey("charges.id"), primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("times", Number, nullable=False),
    Column("body", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Index(None, "app_id", "last_at"),
)


@stored_in(notices)
class Notice(Record, frozen=True):
    """One row a charge, however often it was told; `body` is the latest as it came."""

    charge_id: str
    app_id: str
    times: int
    body: str
    first_at: datetime
    last_at: datetime


_stored = insert(notices).values(
    charge_id=param("charge_id"),
    app_id=param("app_id"),
    times=1,
    body=param("body"),
    first_at=param("now"),
    last_at=param("now"),
)
STORE_NOTICE = command(
    _stored.on_conflict_do_update(
        index_elements=["charge_id"],
        set_={
            "times": notices.c.times + 1,
            "body": _stored.excluded.body,
            "last_at": _stored.excluded.last_at,
        },
    )
)
