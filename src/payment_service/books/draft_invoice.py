"""Draft an invoice: its lines and dates, as plan, subscription and settings stand today.

A draft is a whole record without a number; `issue_invoice` gives it one.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from payment_service.kit.calendar import end_of, local_date, months_on
from payment_service.kit.ids import new_id, new_token
from payment_service.model.app import App
from payment_service.model.invoice import Invoice, Kind, Line, Schedule
from payment_service.model.plan import Plan
from payment_service.model.reminder import next_reminder
from payment_service.model.subscription import Subscription


class Terms(NamedTuple):
    """What a period is sold at: price in rupiah for the plan's months."""

    plan: Plan
    price: int
    months: int


def terms_of(subscription: Subscription, plan: Plan, next_plan: Plan | None) -> Terms:
    """The terms of the next invoice: a pending change of plan or price, else as it was sold."""
    price = subscription.price if subscription.next_price is None else subscription.next_price
    if next_plan is not None:
        return Terms(next_plan, price, next_plan.months)
    return Terms(plan, price, subscription.months)


def draft_first(app: App, subscription: Subscription, terms: Terms, now: datetime) -> Invoice:
    """What opens a subscription, or moves a free one to a price: void when not paid in time.

    Its period is a proposal that counts from today.
    """
    today = local_date(now, app.zone)
    void_at = now + timedelta(hours=app.pending_timeout_hours)
    return _for_period(
        app, subscription, terms, now, "first", counts_from=today, anchor=today.day,
        due_on=local_date(void_at, app.zone), void_at=void_at,
    )  # fmt: skip


def draft_renewal(app: App, subscription: Subscription, terms: Terms, now: datetime) -> Invoice:
    """The next period after `paid_through`, due on that day; of a trial it is the first one."""
    through, anchor = subscription.paid_through, subscription.anchor_day
    if through is None or anchor is None:
        raise ValueError(f"{subscription.id} has no period to renew")
    kind: Kind = "first" if subscription.activated_at is None else "renewal"
    return _for_period(
        app, subscription, terms, now, kind, counts_from=through, anchor=anchor, due_on=through
    )


def draft_restart(app: App, subscription: Subscription, terms: Terms, now: datetime) -> Invoice:
    """A period that counts from today, after a suspension by an admin that outlasted the last."""
    today = local_date(now, app.zone)
    return _for_period(
        app, subscription, terms, now, "renewal", counts_from=today, anchor=today.day, due_on=today
    )


def draft_instead(
    app: App, subscription: Subscription, terms: Terms, replaced: Invoice, now: datetime
) -> Invoice:
    """On other terms, from the day and due on the day of an open invoice that it replaces.

    In grace it has only the days that are left of it: whoever changes the plan again and again must
    not stay in grace without end.
    """
    counts_from = (replaced.period_start or replaced.due_on) - timedelta(days=1)
    anchor = counts_from.day
    if counts_from == subscription.paid_through and subscription.anchor_day is not None:
        anchor = subscription.anchor_day
    draft = _for_period(
        app, subscription, terms, now, replaced.kind, counts_from=counts_from, anchor=anchor,
        due_on=replaced.due_on, void_at=replaced.void_at,
    )  # fmt: skip
    if subscription.status != "grace" or subscription.grace_until is None:
        return draft
    left = max(0, (subscription.grace_until - draft.issued_on).days)
    schedule = msgspec.structs.replace(draft.schedule, grace_days=left)
    return msgspec.structs.replace(draft, schedule=schedule)


def draft_upgrade(
    app: App, subscription: Subscription, terms: Terms, unused: int, now: datetime
) -> Invoice:
    """A new period from today for the new price, less `unused` rupiah of the old one's days.

    Due and void at the end of this day: tomorrow a day less is unused.
    """
    today = local_date(now, app.zone)
    lines: tuple[Line, ...] = (Line(description=terms.plan.name, amount=terms.price),)
    if unused:
        lines += (Line(description="Sisa masa yang belum terpakai", amount=-unused),)
    return _for_period(
        app, subscription, terms, now, "upgrade", counts_from=today, anchor=today.day,
        due_on=today, void_at=end_of(today, app.zone), lines=lines,
    )  # fmt: skip


def draft_ahead(
    app: App,
    subscription: Subscription,
    invoice: Invoice,
    *,
    periods: int,
    total: int,
    period_start: date,
    period_end: date,
    now: datetime,
) -> Invoice:
    """The further `periods` that were paid together with an invoice, `total` rupiah for all."""
    today = local_date(now, app.zone)
    description = f"{invoice.lines[0].description} × {periods}"
    return _draft(
        app,
        invoice.customer_id,
        now,
        subscription_id=subscription.id,
        plan_id=invoice.plan_id,
        kind="renewal",
        lines=(Line(description=description, amount=total),),
        months=subscription.months * periods,
        period_start=period_start,
        period_end=period_end,
        due_on=today,
        schedule=invoice.schedule,
    )


def draft_one_off(
    app: App,
    customer_id: str,
    lines: Sequence[Line],
    due_on: date,
    metadata: dict[str, Any],
    now: datetime,
) -> Invoice:
    """An invoice of its own: paying it moves no subscription."""
    schedule = Schedule(grace_days=0, reminder_days=app.reminder_days)
    draft = _draft(
        app, customer_id, now, kind="one_off", lines=tuple(lines), due_on=due_on, schedule=schedule
    )
    return msgspec.structs.replace(draft, metadata=metadata)


def _for_period(
    app: App,
    subscription: Subscription,
    terms: Terms,
    now: datetime,
    kind: Kind,
    *,
    counts_from: date,
    anchor: int,
    due_on: date,
    void_at: datetime | None = None,
    lines: tuple[Line, ...] | None = None,
) -> Invoice:
    """One period of the terms, from the day after `counts_from`."""
    plan = terms.plan
    grace = plan.grace_days if plan.grace_days is not None else app.grace_days
    return _draft(
        app,
        subscription.customer_id,
        now,
        subscription_id=subscription.id,
        plan_id=plan.id,
        kind=kind,
        lines=lines or (Line(description=plan.name, amount=terms.price),),
        months=terms.months,
        period_start=counts_from + timedelta(days=1),
        period_end=months_on(counts_from, terms.months, anchor),
        due_on=due_on,
        void_at=void_at,
        schedule=Schedule(
            grace_days=grace,
            reminder_days=app.reminder_days if kind != "upgrade" else (),
            lead_days=app.renewal_lead_days,
        ),
    )


def _draft(
    app: App,
    customer_id: str,
    now: datetime,
    *,
    kind: Kind,
    lines: tuple[Line, ...],
    due_on: date,
    schedule: Schedule,
    subscription_id: str | None = None,
    plan_id: str | None = None,
    months: int | None = None,
    period_start: date | None = None,
    period_end: date | None = None,
    void_at: datetime | None = None,
) -> Invoice:
    return Invoice(
        id=new_id("inv", now),
        app_id=app.id,
        customer_id=customer_id,
        subscription_id=subscription_id,
        plan_id=plan_id,
        number="",
        kind=kind,
        status="open",
        lines=lines,
        total=sum(line.amount for line in lines),
        credit_applied=0,
        months=months,
        period_start=period_start,
        period_end=period_end,
        issued_on=local_date(now, app.zone),
        due_on=due_on,
        void_at=void_at,
        schedule=schedule,
        remind_on=next_reminder(app, schedule.reminder_days, due_on, now),
        reminded=(),
        seller=app.seller,
        pay_token=new_token(),
        paid_at=None,
        paid_on=None,
        voided_at=None,
        void_reason=None,
        metadata={},
        created_at=now,
        version=1,
    )
