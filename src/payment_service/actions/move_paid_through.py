"""Move a subscription's last paid day to another date."""

from datetime import date, datetime

from payment_service.books.shift_period import last_day, shift_period
from payment_service.books.tell_subscription import tell_stored
from payment_service.kit.calendar import local_date, months_on
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.contract import lock_contract
from payment_service.outbox import announce
from payment_service.resources import Links, SubscriptionResource

MOST_MONTHS = 36


def move_paid_through(
    tx: Transaction,
    links: Links,
    app_id: str,
    subscription_id: str,
    *,
    to: date,
    by: By,
    now: datetime,
) -> SubscriptionResource:
    """`to` is a local date, inclusive, and the new anchor.

    Raises NotFound, Invalid, and Conflict when it has no last day or a later period is paid.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    through = last_day(contract.subscription)
    today = local_date(now, contract.app.zone)
    latest = months_on(today, MOST_MONTHS, today.day)
    if not today <= to <= latest:
        raise Invalid("paid_through", f"Choose a date from {today}, today, to {latest}.")
    if to == through:
        raise Invalid("paid_through", f"It is paid through {to} already; choose another date.")
    record(tx, by, app_id, "subscription.move", subscription_id, before=through, after=to)
    announce(tx, app_id, shift_period(tx, links, contract, to, now), now)
    return tell_stored(tx, links, subscription_id)
