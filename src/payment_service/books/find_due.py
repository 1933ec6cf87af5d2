"""Find what is due: walk an app's subscriptions by their last paid day, a stretch at a time."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.due import (
    ASK_ABOUT_CODES,
    DUE_TO_RENEW,
    ENDED,
    ENDED_OF_FEW,
    LOCK_ENDED,
    LOCK_RENEWING,
    MOST_AT_ONCE,
    WINDOW_END,
    Due,
    Place,
    Step,
    fresh_since,
    steps_of,
)
from payment_service.model.plan import PLAN, Plan

BEGINNING = Place(date.min, "")
LAST_ID = "~"
"""Sorts behind every id."""


class Stretch(NamedTuple):
    """Some subscriptions that stand one after the other; the last ones when `is_end`."""

    after: Place
    to: Place
    is_end: bool

    def has_ended(self, today: date) -> bool:
        """Whether the last day of some of them may be past."""
        return self.after.paid_through < today

    def is_ahead(self, today: date) -> bool:
        """Whether the last day of some of them may be still to come."""
        return self.to.paid_through >= today


class Found(NamedTuple):
    """Who has something to do, and what, in a stretch: cut short where there are too many."""

    stretch: Stretch
    due: list[tuple[Due, tuple[Step, ...]]]
    is_cut: bool

    def count(self, step: Step) -> int:
        return sum(step in steps for _, steps in self.due)


def next_stretch(tx: Transaction, app: App, after: Place, last_day: date, size: int) -> Stretch:
    """The next `size` with access whose last paid day is not after `last_day`."""
    end = tx.one(
        WINDOW_END,
        app_id=app.id,
        after_day=after.paid_through,
        after_id=after.id,
        last_day=last_day,
        skipped=size - 1,
    )
    if end is None:
        return Stretch(after, Place(last_day, LAST_ID), is_end=True)
    return Stretch(after, end, is_end=False)


def last_day_of(app: App, today: date) -> date:
    """As far as a run looks: the paid days whose renewal is issued today."""
    return today + timedelta(days=app.renewal_lead_days)


def ask_about_codes(
    tx: Transaction, app: App, stretch: Stretch, today: date, now: datetime
) -> None:
    """Have the worker ask about each code that could still save somebody from suspension."""
    if stretch.has_ended(today):
        tx.run(
            ASK_ABOUT_CODES,
            app_id=app.id,
            today=today,
            tomorrow=today + timedelta(days=1),
            now=now,
            fresh_since=fresh_since(now),
            **_span(stretch),
        )


def lock_due(tx: Transaction, app: App, stretch: Stretch, today: date) -> Collection[str]:
    """Lock the customers of those who may have something to do, in the order of their ids: whoever
    moves a subscription locks its customer first.

    In the one stretch that today divides each half has its own order; who is caught in a deadlock
    there is tried again.
    """
    given = {"app_id": app.id, "today": today, **_span(stretch)}
    locked: set[str] = set()
    if stretch.has_ended(today):
        locked.update(tx.all(LOCK_ENDED, **given))
    if stretch.is_ahead(today):
        locked.update(tx.all(LOCK_RENEWING, **given))
    return locked


def due_in(
    tx: Transaction,
    app: App,
    plans: dict[str, Plan],
    stretch: Stretch,
    today: date,
    now: datetime,
    *,
    locked: Collection[str] | None = None,
    most: int = MOST_AT_ONCE,
) -> Found:
    """Who has something to do, and what: the first `most`. `plans` are those known so far, and
    grows.

    Of those whose customers are `locked`, where some are: whoever came to have something to do
    after that waits for the next run.
    """
    given: dict[str, Any] = {"app_id": app.id, "today": today, **_span(stretch)}
    found: list[Due] = []
    if stretch.has_ended(today):
        ended = ENDED if tx.is_alone else ENDED_OF_FEW
        found += tx.all(ended, now=now, fresh_since=fresh_since(now), limit=most, **given)
    if stretch.is_ahead(today) and len(found) < most:
        found += tx.all(DUE_TO_RENEW, limit=most - len(found), **given)
    is_cut = len(found) == most
    if is_cut:
        stretch = Stretch(stretch.after, _place_of(found[-1]), is_end=False)
    if locked is not None:
        found = [one for one in found if one.customer.id in locked]
    _look_up(tx, plans, found)
    due = ((one, steps_of(one, app, plans, today)) for one in found)
    return Found(stretch, [(one, steps) for one, steps in due if steps], is_cut)


def _place_of(due: Due) -> Place:
    return Place(due.subscription.paid_through or date.max, due.subscription.id)


def _look_up(tx: Transaction, plans: dict[str, Plan], found: Sequence[Due]) -> None:
    for one in found:
        for plan_id in (one.subscription.plan_id, one.subscription.next_plan_id):
            if plan_id is not None and plan_id not in plans:
                plan = tx.one(PLAN, id=plan_id)
                if plan is None:
                    raise LookupError(f"no plan {plan_id}")
                plans[plan_id] = plan


def _span(stretch: Stretch) -> dict[str, date | str]:
    return {
        "after_day": stretch.after.paid_through,
        "after_id": stretch.after.id,
        "to_day": stretch.to.paid_through,
        "to_id": stretch.to.id,
    }
