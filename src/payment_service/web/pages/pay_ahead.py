"""What a payer may pay for at once: so many periods, for how much, and until when."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from payment_service.kit.calendar import local_date, months_on
from payment_service.model.ahead import CHOICES, price_ahead, why_not_ahead
from payment_service.model.plan import LARGEST, LONGEST_AHEAD, Plan
from payment_service.model.subscription import Subscription, is_held
from payment_service.web.pages.pay_subject import PaySubject
from payment_service.web.pages.pay_view import PayAhead


def choices(subject: PaySubject, now: datetime) -> tuple[PayAhead, ...]:
    """None where nothing can be paid ahead; what is above QRIS's limit or 36 months is left out.

    While an invoice is open, what its code on the page is for is no choice.
    """
    subscription, plan = subject.subscription, subject.plan_ahead
    if subscription is None or plan is None or is_held(subscription):
        return ()
    invoice = subject.invoice
    if invoice is not None and invoice.status == "open":
        if invoice.kind not in ("first", "renewal") or invoice.months is None:
            return ()
        begins = (invoice.period_start or local_date(now, subject.app.zone)) - timedelta(days=1)
        shown = subject.charge.periods if subject.charge is not None else 1
        found = _each(subject, plan, invoice.total, invoice.months, begins)
        return tuple(one for one in found if one.periods != shown)
    price = subject.price_ahead
    if subscription.paid_through is None or why_not_ahead(subscription, price) is not None:
        return ()
    months = plan.months if subscription.next_plan_id else subscription.months
    return tuple(_each(subject, plan, price, months, subscription.paid_through))


def paid_until(subscription: Subscription, begins: date, months: int) -> date:
    """The last day that so many months from there pay for.

    A day that the subscription's anchor leads to is one of its own, however short its month.
    """
    anchor = subscription.anchor_day
    if anchor is None or months_on(begins, 0, anchor) != begins:
        anchor = begins.day
    return months_on(begins, months, anchor)


def _each(
    subject: PaySubject, plan: Plan, price: int, months: int, begins: date
) -> Iterator[PayAhead]:
    invoice, subscription = subject.invoice, subject.subscription
    applied = invoice.credit_applied if invoice is not None and invoice.status == "open" else 0
    for periods in CHOICES:
        amount = price_ahead(plan, price, periods)
        if periods * months > LONGEST_AHEAD or amount - applied > LARGEST or subscription is None:
            continue
        yield PayAhead(
            periods=periods,
            months=periods * months,
            amount=amount - applied,
            saving=periods * price - amount,
            paid_through=paid_until(subscription, begins, periods * months),
        )
