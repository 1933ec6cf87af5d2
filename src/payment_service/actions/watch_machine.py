"""Watch the machine: see what is wrong with the place that the service runs in, and tell of it.

Alerts tell the owner, as of everything else. What keeps the database from being written is told
past it, once an hour.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from payment_service.books.forget_machines import forget_machines
from payment_service.books.open_channels import open_channels
from payment_service.books.tell_owner import tell_by, unstored
from payment_service.kit.errors import Unavailable
from payment_service.kit.machine import MEGABYTE, Look, Machine
from payment_service.kit.statements import Transaction
from payment_service.kit.write_metrics import WRITES_REFUSED
from payment_service.migrations import NEWEST, revision
from payment_service.model.alert import OPEN_ALERT_OF, clear_alert_of, raise_alert
from payment_service.model.channel import CHANNELS, Channel
from payment_service.model.clock_sense import SERVER_NOW, is_settled, misgiving
from payment_service.model.fact import CLOCK_SEEN, FACT, RENEW_FACT, WORKER_SEEN
from payment_service.model.heartbeat import GONE, beat
from payment_service.model.trouble import UNWRITABLE, Trouble
from payment_service.runtime import Runtime

log = structlog.get_logger()

EARLY = 2
"""The owner hears when so many times the reserve is left, before anything is refused."""
FORGIVEN_SECONDS = 3600.0
"""Without another failure of the database, after which its alert is over."""
STORED: tuple[Trouble, ...] = ("disk_full", "schema_newer", "key_missing")


async def watch_machine(runtime: Runtime) -> bool:
    """One look; never more to do at once."""
    machine = runtime.machine
    if machine is None:
        return False
    look, refused = machine.look(runtime.clock.now()), False
    found = _at_hand(machine)
    try:
        found = await runtime.db.write(_note, machine, found, look)
        machine.saw(look)
    except Unavailable as refusal:
        refused = True
        standing = runtime.troubles.standing.get("clock_jumped")
        if standing is not None:
            found["clock_jumped"] = standing.message
        if refusal.code in UNWRITABLE:
            found.setdefault(UNWRITABLE[refusal.code], refusal.detail)
    change = runtime.troubles.become(found, machine.elapsed())
    for kind, message in change.begun.items():
        log.error("trouble_began", kind=kind, message=message)
    for kind, seconds in change.over.items():
        log.warning("trouble_over", kind=kind, seconds=round(seconds))
    if refused and (untold := runtime.troubles.to_tell(machine.elapsed())):
        await _tell_past_the_database(runtime, untold, look.now)
    return False


def _at_hand(machine: Machine) -> dict[Trouble, str]:
    """What is seen without the database."""
    found: dict[Trouble, str] = {}
    room = machine.free()
    if room is not None and room < EARLY * machine.reserve:
        found["disk_full"] = (
            f"The database's disk has {room // MEGABYTE} MB left; below "
            f"{machine.reserve // MEGABYTE} MB the service says that it is not ready."
        )
    elif machine.was_full(WRITES_REFUSED.count("disk_full")):
        found["disk_full"] = "The disk took no more in the last five minutes; make room."
    if not machine.has_its_key_file():
        found["key_missing"] = (
            f"{machine.key_file} cannot be read; the next start fails. Put it back from its copy."
        )
    return found


def _note(
    tx: Transaction, machine: Machine, found: dict[Trouble, str], look: Look
) -> dict[Trouble, str]:
    """Raise what is wrong as alerts, clear what is over; gives all that is wrong."""
    found, now = dict(found), look.now
    schema = revision(tx)
    if schema is not None and schema > NEWEST:
        found["schema_newer"] = (
            f"The database has the schema {schema}, this process knows {NEWEST}. "
            "Restart it with the new version."
        )
    for kind in STORED:
        if kind in found:
            raise_alert(tx, app_id=None, kind=kind, subject_id=machine.name,
                        message=found[kind], now=now)  # fmt: skip
        else:
            clear_alert_of(tx, kind, machine.name, now)
    if machine.up_seconds >= FORGIVEN_SECONDS:
        clear_alert_of(tx, "database_failed", machine.name, now)
    if machine.roles:
        beat(tx, machine, now)
    if "worker" in machine.roles:
        tx.run(RENEW_FACT, name=WORKER_SEEN, value=now.isoformat())
    if (doubt := _doubt_of_clock(tx, machine, look)) is not None:
        found["clock_jumped"] = doubt
    # Who has just begun may find the others about to begin again.
    elif machine.roles and machine.up_seconds >= GONE.total_seconds():
        forget_machines(tx, machine.name, now)
    return found


def _doubt_of_clock(tx: Transaction, machine: Machine, look: Look) -> str | None:
    """Why the clock is not believed; what it shows is kept only while it is."""
    # It may have waited for its turn, and others may have written meanwhile.
    now = look.now + timedelta(seconds=machine.elapsed() - look.elapsed)
    name = CLOCK_SEEN + machine.name
    last = tx.one(FACT, name=name)
    seen = None if last is None else datetime.fromisoformat(last)
    server = tx.one(SERVER_NOW) if machine.has_server_clock else None
    doubt = misgiving(now, look.step, seen, server)
    alert = tx.one(OPEN_ALERT_OF, kind="clock_jumped", subject_id=machine.name)
    if doubt is not None:
        machine.is_uneven()
        raise_alert(tx, app_id=None, kind="clock_jumped", subject_id=machine.name,
                    message=doubt + " Billing waits until it is right.", now=now)  # fmt: skip
        return alert.message if alert is not None else doubt
    if alert is not None and not is_settled(now, seen, machine.even_seconds):
        return alert.message
    clear_alert_of(tx, "clock_jumped", machine.name, now)
    tx.run(RENEW_FACT, name=name, value=now.isoformat())
    return None


async def _tell_past_the_database(
    runtime: Runtime, untold: dict[Trouble, str], now: datetime
) -> None:
    name = "machine" if runtime.machine is None else runtime.machine.name
    told = [unstored(kind, name, message, now) for kind, message in untold.items()]
    channels = open_channels(runtime, await _kept(runtime))
    await asyncio.gather(*(tell_by(channel, told, now) for channel in channels))


async def _kept(runtime: Runtime) -> list[Channel]:
    """Channels that the dashboard has, while the database can be read."""
    try:
        return await runtime.db.read(lambda tx: tx.all(CHANNELS))
    except Unavailable:
        return []
