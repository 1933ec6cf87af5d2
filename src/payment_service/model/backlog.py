"""The backlog of webhooks: what should have been sent by now, to endpoints that work."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Transaction, param, value
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints

OLDEST = timedelta(minutes=15)
MOST = 100_000

# One that fails has alerts of its own, and what waits for it says nothing of us.
_works = (endpoints.c.status == "active", endpoints.c.failures == 0)
_first: Any = (
    select(deliveries.c.next_at)
    .where(deliveries.c.endpoint_id == endpoints.c.id, deliveries.c.next_at.is_not(None))
    .order_by(deliveries.c.next_at)
    .limit(1)
    .scalar_subquery()
)
FIRST_DUE = value(
    select(_first.label("first"))
    .where(*_works, _first <= param("now", endpoints.c.lease_until.type))
    .order_by(_first)
    .limit(1),
    datetime,
)
_due = (
    select(deliveries.c.id)
    .join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
    .where(*_works, deliveries.c.next_at <= param("now"))
    .limit(param("most", Number))
    .subquery()
)
COUNT_DUE = value(select(func.count()).select_from(_due), int)


class Backlog(NamedTuple):
    """How many are due, counted up to just over a hundred thousand, and for how long the first."""

    due: int
    age: timedelta

    @property
    def is_behind(self) -> bool:
        return self.age > OLDEST or self.due > MOST


def backlog(tx: Transaction, now: datetime) -> Backlog:
    first = tx.one(FIRST_DUE, now=now)
    if first is None:
        return Backlog(0, timedelta())
    return Backlog(tx.one(COUNT_DUE, now=now, most=MOST + 1) or 0, now - first)
