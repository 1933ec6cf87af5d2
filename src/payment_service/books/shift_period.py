"""Shift a period: its last day, the anchor, and the schedule of its open invoice, together."""

from datetime import date, datetime, timedelta

import msgspec

from payment_service.books.tell_subscription import news_of
from payment_service.books.void_open import use_returned_credit, void_open_upgrade
from payment_service.kit.calendar import months_on
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App
from payment_service.model.contract import Contract
from payment_service.model.event import EventType
from payment_service.model.invoice import LAST_PAID_PERIOD, OPEN_INVOICE, Invoice
from payment_service.model.period import shift
from payment_service.model.reminder import next_reminder
from payment_service.model.subscription import Subscription, refusal
from payment_service.outbox import News
from payment_service.resources import Links


def last_day(subscription: Subscription) -> date:
    """The last paid day, where it can be shifted. Raises Conflict where not."""
    if subscription.status in ("pending", "canceled", "expired"):
        raise refusal(subscription, "given another last day")
    if subscription.paid_through is None:
        raise Conflict(
            "no_paid_days",
            "A subscription on a free plan has no last day; change its plan instead.",
            id=subscription.id,
        )
    return subscription.paid_through


def shift_period(
    tx: Transaction, links: Links, contract: Contract, to: date, now: datetime
) -> list[News]:
    """Let the period end on that local day, which is not past.

    Grace and a suspension for non-payment end; an admin's suspension stays. Raises Conflict when a
    later period is paid: it would be sold twice.
    """
    before = contract.subscription
    _check_not_sold(tx, before, to)
    after = msgspec.structs.replace(shift(before, to), seq=before.seq + 1)
    save(tx, before, after)
    invoice = tx.one(OPEN_INVOICE, subscription_id=before.id)
    if invoice is not None:
        save(tx, invoice, _rescheduled(contract.app, invoice, to, now))
    news = void_open_upgrade(tx, links, contract, now)
    is_lifted = before.status == "suspended" and after.access
    kind: EventType = "subscription.resumed" if is_lifted else "subscription.updated"
    news.append(news_of(tx, links, kind, contract, after))
    return news + use_returned_credit(tx, links, contract.app, contract.customer, now)


def _check_not_sold(tx: Transaction, subscription: Subscription, to: date) -> None:
    paid = tx.one(LAST_PAID_PERIOD, subscription_id=subscription.id)
    if paid is not None and paid.period_start is not None and paid.period_start > to:
        raise Conflict(
            "period_paid",
            f"The period from {paid.period_start} is paid ({paid.number}); choose that day or a "
            "later one, else it would be sold twice.",
            id=paid.id,
        )


def _rescheduled(app: App, invoice: Invoice, to: date, now: datetime) -> Invoice:
    """A reminder that went out is not repeated, wherever its day has moved."""
    offsets, told = invoice.schedule.reminder_days, invoice.reminded
    return msgspec.structs.replace(
        invoice,
        due_on=to,
        period_start=to + timedelta(days=1),
        period_end=months_on(to, invoice.months or 1, to.day),
        remind_on=next_reminder(app, offsets, to, now, told),
    )
