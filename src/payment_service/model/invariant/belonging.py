"""What must hold of who owns what: nothing of one app or customer hangs on another's."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select

from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.customer import customers
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints
from payment_service.model.event import events
from payment_service.model.invariant.breach import found, invariant
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.plan import plans
from payment_service.model.subscription import subscriptions


def _differs(
    child: FromClause, key: str, parent: FromClause, owner: str, owner_of_parent: str = ""
) -> Select[Any]:
    """Rows of `child` whose owner is not the owner of the row that `key` names."""
    ours: ColumnElement[Any] = child.c[owner]
    theirs: ColumnElement[Any] = parent.c[owner_of_parent or owner]
    joined = child.join(parent, parent.c.id == child.c[key])
    return found(child.c.id, ours, theirs).select_from(joined).where(ours != theirs)


INVARIANTS = (
    invariant(
        "nothing_crosses_apps",
        "It belongs to {seen}, and hangs on what belongs to {wanted}.",
        _differs(subscriptions, "customer_id", customers, "app_id"),
        _differs(subscriptions, "plan_id", plans, "app_id"),
        _differs(invoices, "customer_id", customers, "app_id"),
        _differs(invoices, "plan_id", plans, "app_id"),
        _differs(charges, "invoice_id", invoices, "app_id"),
        _differs(payments, "invoice_id", invoices, "app_id"),
        _differs(credit_entries, "customer_id", customers, "app_id"),
        _differs(deliveries, "event_id", events, "app_id"),
        _differs(deliveries, "endpoint_id", endpoints, "app_id"),
    ),
    invariant(
        "nothing_crosses_customers",
        "It is of {seen}, and hangs on what is of {wanted}.",
        _differs(invoices, "subscription_id", subscriptions, "customer_id"),
        _differs(payments, "invoice_id", invoices, "customer_id"),
        _differs(credit_entries, "payment_id", payments, "customer_id"),
        _differs(credit_entries, "invoice_id", invoices, "customer_id"),
    ),
)
