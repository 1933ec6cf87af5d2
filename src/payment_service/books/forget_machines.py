"""Forget machines that were taken away: a container that is made anew has another name, and nobody
else would clear what the one before had raised of itself."""

from datetime import datetime, timedelta

from payment_service.kit.statements import Transaction
from payment_service.model.alert import ALERTS_OF_MACHINES, clear_alert_of
from payment_service.model.fact import BACKUPS_AWAITED, CLOCK_SEEN, FACTS_OF, FORGET_FACT
from payment_service.model.heartbeat import GONE, forget_ended, heartbeats

CLOCK_KEPT = timedelta(days=7)
"""For which it counts what a machine's clock had shown, should it come back."""


def forget_machines(tx: Transaction, own: str, now: datetime) -> None:
    """`own` is the machine that looks."""
    beats = heartbeats(tx)
    here = {own, *(one.machine for one in beats if one.is_heard(now, within=GONE))}
    for alert in tx.all(ALERTS_OF_MACHINES):
        if alert.subject_id not in here:
            clear_alert_of(tx, alert.kind, alert.subject_id, now)
    for fact in tx.all(FACTS_OF, kind=BACKUPS_AWAITED):
        if fact.name.removeprefix(BACKUPS_AWAITED) not in here:
            tx.run(FORGET_FACT, name=fact.name)
    for fact in tx.all(FACTS_OF, kind=CLOCK_SEEN):
        is_old = now - datetime.fromisoformat(fact.value) > CLOCK_KEPT
        if is_old and fact.name.removeprefix(CLOCK_SEEN) not in here:
            tx.run(FORGET_FACT, name=fact.name)
    forget_ended(tx, beats, now)
