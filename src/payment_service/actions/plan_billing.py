"""Plan the billing: what a run for a local day would do, found by the run's own rules."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from payment_service.books.billing_chunk import must_hold
from payment_service.books.find_due import BEGINNING, Stretch, due_in, last_day_of, next_stretch
from payment_service.books.planned_step import PlannedStep, planned
from payment_service.kit.calendar import end_of, local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.contract import contract_of
from payment_service.model.due import Place
from payment_service.model.nonpayment import UNPAID_TOO_LONG
from payment_service.model.plan import Plan
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.runtime import Runtime, now_of

AT_ONCE = 200


class BillingPlan(NamedTuple):
    """`is_held` says that the breaker would hold the suspensions and ends for non-payment."""

    day: date
    steps: list[PlannedStep]
    is_held: bool


async def plan_billing(runtime: Runtime, app: App, day: date | None = None) -> BillingPlan:
    """What `run_billing` would do for this local day, by default today; nothing is changed."""
    now = now_of(runtime, app)
    day = day or local_date(now, app.zone)
    plans: dict[str, Plan] = {}
    steps: list[PlannedStep] = []
    place, is_end = BEGINNING, False
    while not is_end:
        stretch, found = await runtime.db.read(_look, app, plans, place, day, now)
        steps += found
        place, is_end = stretch.to, stretch.is_end
    due = sum(planned.step == "suspend" for planned in steps)
    is_held = due > 0 and await runtime.db.read(must_hold, app, day, due)
    after: str | None = ""
    while after is not None:
        found, after = await runtime.db.read(_unpaid, app, day, after)
        steps += found
    return BillingPlan(day, steps, is_held)


def _look(
    tx: Transaction, app: App, plans: dict[str, Plan], place: Place, day: date, now: datetime
) -> tuple[Stretch, list[PlannedStep]]:
    stretch = next_stretch(tx, app, place, last_day_of(app, day), AT_ONCE)
    due = due_in(tx, app, plans, stretch, day, now).due
    return stretch, [planned(one, step, plans) for one, steps in due for step in steps]


def _unpaid(
    tx: Transaction, app: App, day: date, after: str
) -> tuple[list[PlannedStep], str | None]:
    if app.cancel_after_days is None:
        return [], None
    before = end_of(day - timedelta(days=app.cancel_after_days), app.zone)
    ids = tx.all(UNPAID_TOO_LONG, app_id=app.id, before=before, after=after, limit=AT_ONCE)
    planned = []
    for one in ids:
        subscription = tx.one(SUBSCRIPTION, id=one)
        if subscription is not None:
            reference = contract_of(tx, subscription).customer.reference
            planned.append(
                PlannedStep(
                    "cancel", one, reference, subscription.status, subscription.paid_through, None
                )
            )
    return planned, ids[-1] if len(ids) == AT_ONCE else None
