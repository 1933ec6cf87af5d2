"""What the books hold already of what an import names."""

from sqlalchemy import select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, Transaction, param, query, value
from payment_service.model.charge import charges
from payment_service.model.customer import customers
from payment_service.model.payment import payments
from payment_service.model.subscription import OPEN, subscriptions

PAGE = 5000


class Known(Record, frozen=True):
    """A customer whom the app has, and its open subscription, if it has one."""

    id: str
    reference: str
    subscription_id: str | None


_open = (
    select(subscriptions.c.id)
    .where(subscriptions.c.customer_id == customers.c.id, subscriptions.c.status.in_(OPEN))
    .limit(1)
    .scalar_subquery()
)
KNOWN_CUSTOMERS = query(
    select(customers.c.id, customers.c.reference, _open.label("subscription_id"))
    .where(customers.c.app_id == param("app_id"), customers.c.id > param("after"))
    .order_by(customers.c.id)
    .limit(param("limit", Number)),
    Known,
)
ORDER_IS_TAKEN = value(
    select(charges.c.id).where(
        charges.c.app_id == param("app_id"), charges.c.order_id == param("order_id")
    ),
    str,
)
REFERENCE_IS_TAKEN = value(
    select(payments.c.id).where(
        payments.c.app_id == param("app_id"),
        payments.c.gateway == param("gateway"),
        payments.c.reference == param("reference"),
    ),
    str,
)


def known_customers(tx: Transaction, app_id: str) -> dict[str, Known]:
    """All customers of the app, by reference: point by point would take a database elsewhere a
    minute for a large file."""
    known: dict[str, Known] = {}
    after = ""
    while page := tx.all(KNOWN_CUSTOMERS, app_id=app_id, after=after, limit=PAGE):
        known |= {one.reference: one for one in page}
        after = page[-1].id
    return known
