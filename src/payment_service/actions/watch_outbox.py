"""Watch the outbox: tell the owner when webhooks are sent late, or more wait than ever should."""

from datetime import datetime

from payment_service.kit.statements import Transaction
from payment_service.model.alert import clear_alert_of, raise_alert
from payment_service.model.backlog import Backlog, backlog
from payment_service.runtime import Runtime

SUBJECT = "deliveries"


async def watch_outbox(runtime: Runtime) -> bool:
    """One look; never more to do at once."""
    if runtime.machine is not None:
        now = runtime.clock.now()
        found = await runtime.db.examine(backlog, now)
        await runtime.db.write(_note, found, now)
    return False


def _note(tx: Transaction, found: Backlog, now: datetime) -> None:
    if not found.is_behind:
        clear_alert_of(tx, "deliveries_behind", SUBJECT, now)
        return
    minutes = round(found.age.total_seconds() / 60)
    raise_alert(
        tx,
        app_id=None,
        kind="deliveries_behind",
        subject_id=SUBJECT,
        message=f"{found.due} webhooks are due, the first for {minutes} minutes. "
        "Look whether a worker runs, and what its log says.",
        now=now,
    )
