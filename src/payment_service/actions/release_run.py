"""Release a billing run that stopped itself: its suspensions are right, whatever their number."""

import msgspec

from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Conflict, NotFound
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import clear_alert_of
from payment_service.model.app import app_by_id
from payment_service.model.audit import By, record
from payment_service.model.billing_run import RUN, BillingRun


def release_run(tx: Transaction, run_id: str, by: By) -> BillingRun:
    """The worker makes the day's run again, within a minute, and nothing holds it that day.

    Raises NotFound, and Conflict for a run that was not held, was released, or whose day is over.
    """
    run = tx.one(RUN, id=run_id)
    if run is None:
        raise NotFound("run_not_found", "There is no billing run with this id.")
    if not run.held:
        raise Conflict("run_not_held", "This run held nothing; there is nothing to release.")
    if run.forced:
        raise Conflict("run_released", "This run has been released already.")
    app = app_by_id(tx, run.app_id)
    if run.day != local_date(app.at(by.at), app.zone):
        raise Conflict("run_over", "The day of this run is over; the next run decides anew.")
    record(tx, by, app.id, "run.release", run.id, day=str(run.day), held=run.counts.held)
    clear_alert_of(tx, "suspensions_held", app.id, by.at)
    return save(tx, run, msgspec.structs.replace(run, forced=True))
