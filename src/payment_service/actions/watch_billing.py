"""Watch billing: tell the owner when a day's run was not made."""

from collections.abc import Sequence
from datetime import datetime

from payment_service.kit.machine import Machine
from payment_service.kit.statements import Transaction
from payment_service.model.alert import clear_alert_of, raise_alert
from payment_service.model.app import App
from payment_service.model.billing_run import LONG_OVER, apps_without_run
from payment_service.model.flaw import standing_flaw
from payment_service.runtime import Runtime

SUBJECT = "billing"
NAMED = 5
"""Apps in the message; the others are counted."""


async def watch_billing(runtime: Runtime) -> bool:
    """One look; never more to do at once. Not while clock or books are not believed: then billing
    waits, which is told already."""
    machine = runtime.machine
    if machine is not None and "clock_jumped" not in runtime.troubles.standing:
        now = runtime.clock.now()
        late = await runtime.db.examine(apps_without_run, now)
        await runtime.db.write(_note, machine, late, now)
    return False


def _note(tx: Transaction, machine: Machine, late: Sequence[App], now: datetime) -> None:
    if not late or standing_flaw(tx) is not None:
        clear_alert_of(tx, "billing_late", SUBJECT, now)
        return
    # What was not made while nothing ran, the worker makes up for at its start.
    if machine.up_seconds < LONG_OVER.total_seconds():
        return
    named = ", ".join(app.name for app in late[:NAMED])
    more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
    raise_alert(
        tx,
        app_id=None,
        kind="billing_late",
        subject_id=SUBJECT,
        message=f"No billing run of today for {named}{more}. See that a worker runs, and what its "
        "log says; `payment-service run-billing` makes it now.",
        now=now,
    )
