"""The transactions of a billing run: each some subscriptions, their steps, and their news."""

from datetime import date, datetime
from typing import NamedTuple

import msgspec
import structlog

from payment_service.books.end_unpaid import end_unpaid
from payment_service.books.find_due import (
    Found,
    Stretch,
    ask_about_codes,
    due_in,
    lock_due,
    next_stretch,
)
from payment_service.books.take_steps import Case, Taken, suspend_unpaid, take_steps
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
from payment_service.model.due import Place
from payment_service.model.nonpayment import WITH_ACCESS_UP_TO
from payment_service.outbox import announce

log = structlog.get_logger()


class Walk(NamedTuple):
    """What the next transaction is to do: from `place`, `size` subscriptions up to those with that
    last paid day, but no more than `most` that have something to do."""

    place: Place
    last_day: date
    size: int
    most: int


class Chunk(NamedTuple):
    """What one transaction did; `is_cut` where more had something to do than it might take."""

    stretch: Stretch
    run: BillingRun
    suspensions: int = 0
    waiting: int = 0
    acted: int = 0
    is_cut: bool = False


def advance(
    tx: Transaction, case: Case, run: BillingRun, walk: Walk, lease_until: datetime
) -> Chunk:
    """The steps of the next subscriptions, but no suspension: that needs the sum of all."""
    found = _find(tx, case, walk)
    # Who holds a customer waits for codes, so codes come after the customers here too.
    ask_about_codes(tx, case.app, found.stretch, case.today, case.now)
    return _book(tx, case, run, found, take_steps(tx, case, found.due), lease_until)


def suspend(
    tx: Transaction, case: Case, run: BillingRun, walk: Walk, lease_until: datetime
) -> Chunk:
    found = _find(tx, case, walk)
    over = [one for one, steps in found.due if "suspend" in steps]
    return _book(tx, case, run, found, suspend_unpaid(tx, case, over), lease_until)


def _find(tx: Transaction, case: Case, walk: Walk) -> Found:
    stretch = next_stretch(tx, case.app, walk.place, walk.last_day, walk.size)
    asked = case.app, case.plans
    found = due_in(tx, *asked, stretch, case.today, case.now, most=walk.most)
    if tx.is_alone or not found.due:
        return found
    locked = lock_due(tx, case.app, found.stretch, case.today)
    again = due_in(tx, *asked, found.stretch, case.today, case.now, locked=locked)
    return again._replace(is_cut=found.is_cut)


def _book(
    tx: Transaction,
    case: Case,
    run: BillingRun,
    found: Found,
    taken: Taken,
    lease_until: datetime,
) -> Chunk:
    """Count and announce what was done of what was found."""
    run = _counted(tx, run, taken.counts, lease_until)
    if taken.news:
        announce(tx, case.app.id, taken.news, case.now)
    return Chunk(
        found.stretch,
        run,
        suspensions=found.count("suspend"),
        waiting=found.count("wait"),
        acted=len(found.due),
        is_cut=found.is_cut,
    )


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
    return Chunk(stretch, run)


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
