"""Watch the backups: tell the owner when last night's was not made."""

import asyncio
from datetime import datetime

from payment_service.kit.machine import Machine
from payment_service.kit.statements import Transaction
from payment_service.model.alert import clear_alert_of, raise_alert
from payment_service.model.backup import STALE
from payment_service.model.fact import BACKUPS_AWAITED, FACT, FORGET_FACT, STATE_FACT
from payment_service.runtime import Runtime


async def watch_backups(runtime: Runtime) -> bool:
    """One look; never more to do at once. Not while the clock is not believed."""
    machine = runtime.machine
    if machine is not None and "clock_jumped" not in runtime.troubles.standing:
        # In a thread: a folder on another machine may not answer.
        newest = await asyncio.to_thread(machine.newest_backup)
        await runtime.db.write(_note, machine, newest, runtime.clock.now())
    return False


def _note(tx: Transaction, machine: Machine, newest: datetime | None, now: datetime) -> None:
    name = BACKUPS_AWAITED + machine.name
    if machine.backups is None:
        tx.run(FORGET_FACT, name=name)
        clear_alert_of(tx, "backup_old", machine.name, now)
        return
    tx.run(STATE_FACT, name=name, value=now.isoformat())
    awaited = datetime.fromisoformat(tx.one(FACT, name=name) or now.isoformat())
    if now - (newest or awaited) <= STALE:
        clear_alert_of(tx, "backup_old", machine.name, now)
        return
    found = (
        f"There is no sound backup in {machine.backups}"
        if newest is None
        else f"The newest sound backup in {machine.backups} is of "
        + newest.isoformat(timespec="minutes")
    )
    raise_alert(
        tx,
        app_id=None,
        kind="backup_old",
        subject_id=machine.name,
        message=f"{found}. Look at the timer that makes them, and at its log.",
        now=now,
    )
