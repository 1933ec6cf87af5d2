"""Make a customer's credit one more period: the next renewal is issued now, and credit pays it."""

from datetime import datetime

from payment_service.actions.renew_early import renew_early
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.ahead import why_not_ahead
from payment_service.model.audit import By, record
from payment_service.model.invoice import Invoice
from payment_service.model.subscription import Subscription
from payment_service.resources import Links


def next_price(subscription: Subscription) -> int | None:
    """Rupiah of one more period; None where none can be paid for."""
    pending = subscription.next_price
    price = subscription.price if pending is None else pending
    return price if why_not_ahead(subscription, price) is None else None


def period_from_credit(
    tx: Transaction, links: Links, app_id: str, subscription_id: str, by: By, now: datetime
) -> Invoice:
    """The paid invoice. Raises Conflict when the credit does not cover it, or nothing can be paid
    ahead: then nothing was done."""
    record(tx, by, app_id, "credit.period", subscription_id)
    issued = renew_early(tx, links, app_id, subscription_id, 1, now)
    if issued.status != "paid":
        raise Conflict(
            "credit_short", "The customer's credit does not cover a whole period; leave it there."
        )
    return issued
