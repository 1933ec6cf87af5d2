"""Extend a subscription by days: a gift, or amends for an outage."""

from datetime import datetime, timedelta

from payment_service.books.shift_period import last_day, shift_period
from payment_service.books.tell_subscription import tell_stored
from payment_service.kit.calendar import local_date, months_on
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.contract import lock_contract
from payment_service.outbox import announce
from payment_service.resources import Links, SubscriptionResource

MOST_DAYS = 366
MOST_MONTHS = 60
"""How far ahead days that are given on top of days may reach."""


def extend_subscription(
    tx: Transaction,
    links: Links,
    app_id: str,
    subscription_id: str,
    *,
    days: int,
    by: By,
    now: datetime,
) -> SubscriptionResource:
    """So many days more from the last paid day, also in grace and suspended.

    Raises NotFound, Invalid, and Conflict when it has no last day or would be over all the same.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("extension_days", f"Extend by 1 to {MOST_DAYS} days; to shorten, move.")
    contract = lock_contract(tx, app_id, subscription_id)
    through = last_day(contract.subscription)
    today = local_date(now, contract.app.zone)
    to = through + timedelta(days=days)
    if to < today:
        raise Conflict(
            "extension_too_short",
            f"{days} days from {through} end on {to}, which is past; extend by at least "
            f"{(today - through).days}, or move the date.",
            id=subscription_id,
        )
    if to > months_on(today, MOST_MONTHS, today.day):
        raise Invalid("extension_days", f"{to} is over {MOST_MONTHS} months ahead; extend less.")
    changed = {"days": days, "before": through, "after": to}
    record(tx, by, app_id, "subscription.extend", subscription_id, **changed)
    announce(tx, app_id, shift_period(tx, links, contract, to, now), now)
    return tell_stored(tx, links, subscription_id)
