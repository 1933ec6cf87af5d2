"""Watch the worker: tell the owner when none runs. Whoever stays looks, so that a web without one
does."""

from datetime import datetime, timedelta

from payment_service.kit.machine import Machine
from payment_service.kit.spans import spelled
from payment_service.kit.statements import Transaction
from payment_service.model.alert import clear_alert_of, raise_alert
from payment_service.model.fact import FACT, WORKER_SEEN
from payment_service.runtime import Runtime

SUBJECT = "worker"
MISSING = timedelta(minutes=5)
"""Longer than an upgrade takes."""


async def watch_worker(runtime: Runtime) -> bool:
    """One look; never more to do at once. Not while the clock is not believed."""
    machine = runtime.machine
    if machine is not None and "clock_jumped" not in runtime.troubles.standing:
        await runtime.db.write(_note, machine, runtime.clock.now())
    return False


def _note(tx: Transaction, machine: Machine, now: datetime) -> None:
    said = tx.one(FACT, name=WORKER_SEEN)
    seen = None if said is None else datetime.fromisoformat(said)
    if seen is not None and now - seen < MISSING:
        clear_alert_of(tx, "worker_missing", SUBJECT, now)
        return
    # After a night in which nothing ran, the web may begin before the worker.
    if machine.up_seconds < MISSING.total_seconds():
        return
    found = "was ever seen" if seen is None else f"has been seen for {spelled(now - seen)}"
    raise_alert(
        tx,
        app_id=None,
        kind="worker_missing",
        subject_id=SUBJECT,
        message=f"No worker {found}: nobody is billed, webhooks are not sent, and payments are not "
        "looked for. Start `payment-service worker`, or its unit.",
        now=now,
    )
