"""The transactions of a billing run: each some subscriptions, their steps, and their news."""

from datetime import date, datetime
from typing import NamedTuple

import msgspec
import structlog

from payment_service.books.end_unpaid import end_unpaid
from payment_service.books.find_due import (
    Stretch,
    ask_about_codes,
    due_in,
    lock_due,
    next_stretch,
)
from payment_service.books.take_steps import Case, suspend_unpaid, take_steps
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import clear_alert_of, raise_alert
from payment_service.model.app import App
from payment_service.model.billing_run import (
    LARGEST_SHARE,
    RUNS_OF_DAY,
    BillingRun,
    Counts,
    is_too_much,
)
from payment_service.model.due import WITH_ACCESS_UP_TO, Place
from payment_service.outbox import announce

log = structlog.get_logger()


class Chunk(NamedTuple):
    """What one transaction did."""

    stretch: Stretch
    run: BillingRun
    suspensions: int
    waiting: int


def advance(
    tx: Transaction,
    case: Case,
    run: BillingRun,
    place: Place,
    last_day: date,
    size: int,
    lease_until: datetime,
) -> Chunk:
    """The steps of the next `size` subscriptions, but no suspension: that needs the sum of all."""
    stretch = next_stretch(tx, case.app, place, last_day, size)
    # Who holds a customer waits for codes, so codes come after the customers here too.
    locked = lock_due(tx, case.app, stretch, case.today)
    ask_about_codes(tx, case.app, stretch, case.today, case.now)
    due = due_in(tx, case.app, case.plans, stretch, case.today, case.now, locked)
    taken = take_steps(tx, case, due)
    run = _counted(tx, run, taken.counts, lease_until)
    if taken.news:
        announce(tx, case.app.id, taken.news, case.now)
    steps = [step for _, some in due for step in some]
    return Chunk(stretch, run, steps.count("suspend"), steps.count("wait"))


def suspend(
    tx: Transaction,
    case: Case,
    run: BillingRun,
    place: Place,
    last_day: date,
    size: int,
    lease_until: datetime,
) -> Chunk:
    stretch = next_stretch(tx, case.app, place, last_day, size)
    locked = lock_due(tx, case.app, stretch, case.today)
    due = due_in(tx, case.app, case.plans, stretch, case.today, case.now, locked)
    over = [one for one, steps in due if "suspend" in steps]
    taken = suspend_unpaid(tx, case, over)
    run = _counted(tx, run, taken.counts, lease_until)
    if taken.news:
        announce(tx, case.app.id, taken.news, case.now)
    waiting = sum("wait" in steps for _, steps in due)
    return Chunk(stretch, run, len(over), waiting)


def must_hold(tx: Transaction, app: App, day: date, due: int) -> bool:
    """The breaker: whether so many suspensions, with those of the day's earlier runs, are too many
    to be believed, and nobody has said that they are right."""
    runs = tx.all(RUNS_OF_DAY, app_id=app.id, day=day)
    done = sum(one.counts.suspended for one in runs)
    everybody = (due + done) * LARGEST_SHARE + 1
    with_access = (tx.one(WITH_ACCESS_UP_TO, app_id=app.id, limit=everybody) or 0) + done
    return not any(one.forced for one in runs) and is_too_much(due + done, with_access)


def hold(tx: Transaction, app: App, run: BillingRun, due: int, now: datetime) -> bool:
    """Whether the breaker holds this day's suspensions, which is told to the owner."""
    if not must_hold(tx, app, run.day, due):
        clear_alert_of(tx, "suspensions_held", app.id, now)
        return False
    raise_alert(
        tx,
        app_id=app.id,
        kind="suspensions_held",
        subject_id=app.id,
        message=f"{due} subscriptions of {app.name} would be suspended on {run.day}, more than a "
        "fifth of those with access; none was. If that is right: payment-service run-billing "
        f"--force --app {app.id}",
        now=now,
    )
    return True


def end(
    tx: Transaction, case: Case, run: BillingRun, ids: list[str], before: datetime
) -> BillingRun:
    news = [item for one in ids for item in end_unpaid(tx, case, one, before)]
    ended = sum(item.type == "subscription.canceled" for item in news)
    run = _counted(tx, run, Counts(canceled=ended), run.lease_until)
    if news:
        announce(tx, case.app.id, news, case.now)
    return run


def pass_over(
    tx: Transaction,
    case: Case,
    run: BillingRun,
    place: Place,
    last_day: date,
    error: Exception,
) -> Chunk:
    stretch = next_stretch(tx, case.app, place, last_day, 1)
    run = note(tx, case, run, stretch.to.id, error)
    return Chunk(stretch, run, 0, 0)


def note(
    tx: Transaction, case: Case, run: BillingRun, subscription_id: str, error: Exception
) -> BillingRun:
    log.error("billing_step_failed", subscription=subscription_id, exc_info=error)
    raise_alert(
        tx,
        app_id=case.app.id,
        kind="billing_failed",
        subject_id=subscription_id,
        message=f"The billing run could not make the step of {subscription_id}; it tries again "
        "with every run. The log has the reason.",
        now=case.now,
    )
    return _counted(tx, run, Counts(failed=1), run.lease_until)


def _counted(
    tx: Transaction, run: BillingRun, counts: Counts, lease_until: datetime | None
) -> BillingRun:
    return save(
        tx,
        run,
        msgspec.structs.replace(run, counts=run.counts + counts, lease_until=lease_until),
    )


def finish(tx: Transaction, run: BillingRun, left: Counts, held: bool, now: datetime) -> BillingRun:
    return save(
        tx,
        run,
        msgspec.structs.replace(
            run, counts=run.counts + left, held=held, lease_until=None, finished_at=now
        ),
    )
