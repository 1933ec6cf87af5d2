"""Foresee what the next billing run of an app will do: how many steps of each kind, over how much,
and the first few of each. `plan_billing` lists them all, which takes as long as there are many."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import msgspec

from payment_service.books.billing_chunk import must_hold
from payment_service.books.find_due import BEGINNING, LAST_ID, Stretch, due_in, last_day_of
from payment_service.books.planned_step import PlannedStep, planned
from payment_service.kit.calendar import end_of, local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.billing_run import RUNS_OF_DAY
from payment_service.model.due import ONE_DUE, Due, Place, Step, fresh_since, steps_of
from payment_service.model.due_groups import (
    COUNT_UNPAID_TOO_LONG,
    ENDED_ALIKE,
    MOST_GROUPS,
    REMINDERS_DUE,
    TO_RENEW,
    Group,
)
from payment_service.model.plan import PLANS_OF_APP, Plan
from payment_service.runtime import Runtime, now_of

SHOWN = 5
"""Of each step."""
LOOKED_AT = 40


class StepSum(msgspec.Struct, frozen=True):
    """How often a step will be taken. `amount`, in rupiah, is what will be issued or is open."""

    step: Step
    count: int
    amount: int
    first: tuple[PlannedStep, ...]


class Tonight(msgspec.Struct, frozen=True):
    """What the run for `day` will do as things stand now.

    `ends_unpaid` are those that were suspended too long ago. `is_held` says that the breaker would
    hold the suspensions and these. Without `is_whole` there are more than could be told apart.
    """

    day: date
    steps: tuple[StepSum, ...]
    ends_unpaid: int
    reminders: int
    is_held: bool
    is_whole: bool


async def foresee_tonight(runtime: Runtime, app: App, day: date | None = None) -> Tonight:
    """Of the run that comes next: today's while that has not been made, else tomorrow's."""
    return await runtime.db.examine(_foresee, app, day, now_of(runtime, app))


def _foresee(tx: Transaction, app: App, day: date | None, now: datetime) -> Tonight:
    day = day or _next_day(tx, app, now)
    plans = {one.id: one for one in tx.all(PLANS_OF_APP, app_id=app.id, before="~", limit=10_000)}
    given = {"app_id": app.id, "today": day}
    groups = tx.all(TO_RENEW, last_day=last_day_of(app, day), **given)
    fresh = {"now": now, "fresh_since": fresh_since(now)}
    ended = tx.all(ENDED_ALIKE, **given, **fresh)
    counts: dict[Step, int] = defaultdict(int)
    amounts: dict[Step, int] = defaultdict(int)
    first: dict[Step, dict[str, PlannedStep]] = defaultdict(dict)
    for step in _first_steps(tx, app, plans, day, now):
        first[step.step].setdefault(step.subscription_id, step)
    for group, step in _steps_of_groups(tx, app, plans, [*ended, *groups], day, now):
        counts[step.step] += group.size
        is_issued = step.step == "issue"
        amounts[step.step] += (step.amount or 0) * group.size if is_issued else group.amount
        first[step.step].setdefault(step.subscription_id, step)
    suspensions = counts.get("suspend", 0)
    return Tonight(
        day=day,
        steps=tuple(
            StepSum(step, counts[step], amounts[step], tuple(first[step].values())[:SHOWN])
            for step in counts
        ),
        ends_unpaid=_ends_unpaid(tx, app, day),
        reminders=tx.one(REMINDERS_DUE, app_id=app.id, day=day) or 0,
        is_held=suspensions > 0 and must_hold(tx, app, day, suspensions),
        is_whole=max(len(groups), len(ended)) < MOST_GROUPS,
    )


def _next_day(tx: Transaction, app: App, now: datetime) -> date:
    today = local_date(now, app.zone)
    runs = tx.all(RUNS_OF_DAY, app_id=app.id, day=today)
    is_made = any(run.finished_at is not None for run in runs)
    return today + timedelta(days=1) if is_made else today


def _steps_of_groups(
    tx: Transaction,
    app: App,
    plans: Mapping[str, Plan],
    groups: list[Group],
    day: date,
    now: datetime,
) -> Iterator[tuple[Group, PlannedStep]]:
    """The steps of one of each group, which are those of all in it."""
    for group in groups:
        due: Due | None = tx.one(ONE_DUE, id=group.id, now=now, fresh_since=fresh_since(now))
        if due is not None:
            for step in steps_of(due, app, plans, day):
                yield group, planned(due, step, plans)


def _first_steps(
    tx: Transaction, app: App, plans: dict[str, Plan], day: date, now: datetime
) -> Iterator[PlannedStep]:
    """Some of those that the run comes by first, and of those whose renewal is due."""
    ended = Stretch(BEGINNING, Place(day - timedelta(days=1), LAST_ID), is_end=True)
    last_day = last_day_of(app, day)
    begins = Place(max(last_day, day) - timedelta(days=1), LAST_ID)
    renewing = Stretch(begins, Place(last_day, LAST_ID), is_end=True)
    for stretch in (ended, renewing):
        for due, steps in due_in(tx, app, plans, stretch, day, now, most=LOOKED_AT).due:
            for step in steps:
                yield planned(due, step, plans)


def _ends_unpaid(tx: Transaction, app: App, day: date) -> int:
    if app.cancel_after_days is None:
        return 0
    before = end_of(day - timedelta(days=app.cancel_after_days), app.zone)
    return tx.one(COUNT_UNPAID_TOO_LONG, app_id=app.id, before=before) or 0
