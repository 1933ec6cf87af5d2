"""Send alerts: tell the owner of what is due, by every way that is set, in one message for each."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import structlog

from payment_service.books.open_channels import open_channels
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction
from payment_service.model.alert import Alert
from payment_service.model.alert_telling import (
    DUE_ALERTS,
    GATHER,
    LEASE,
    LEASE_ALERT,
    NOTE_TELLING,
    TELLING_IS_DUE,
    next_telling,
    outcome_of,
    ways_to_try,
)
from payment_service.model.alert_words import WORDS
from payment_service.model.app import APP
from payment_service.model.channel import CHANNELS, NOTE_TRY, Channel
from payment_service.outside.alert_channel import AlertChannel, AlertMessage
from payment_service.runtime import Runtime

log = structlog.get_logger()

AT_ONCE = 500
LINES = 50
"""A message names so many; the rest are counted."""
LONGEST_LINE = 400


class Told(msgspec.Struct, frozen=True):
    """A leased alert and the name of the app it is about, if it is about one."""

    alert: Alert
    app: str | None


async def send_alerts(runtime: Runtime) -> bool:
    """Send what is due; whether there was anything. Without a way to send, nothing is touched.

    What was accepted just before the process died is sent again after the lease of two minutes.
    """
    now = runtime.clock.now()
    kept = await runtime.db.read(_channels_if_due, now)
    channels = () if kept is None else open_channels(runtime, kept)
    if not channels:
        return False
    leased = await runtime.db.write(_lease, now)
    if not leased:
        return False
    names = [channel.name for channel in channels]
    ways = {one.alert.id: ways_to_try(one.alert, names) for one in leased}
    failures = await asyncio.gather(
        *(
            _tell(channel, [one for one in leased if channel.name in ways[one.alert.id]], now)
            for channel in channels
        )
    )
    failed = {name: why for name, why in zip(names, failures, strict=True) if why is not None}
    await runtime.db.write(
        _note, leased, ways, failed, lease_until=now + LEASE, now=runtime.clock.now()
    )
    return True


async def try_channels(runtime: Runtime, only: str | None = None) -> dict[str, str | None]:
    """A message by every way that is set, or by the one of that name, and by each the reason if it
    failed."""
    now = runtime.clock.now()
    message = AlertMessage(
        id=new_id("msg", now),
        type="alert.test",
        at=now,
        subject="[Payment Service] uji kirim",
        text="Ini pesan uji. Peringatan akan datang lewat jalan ini.\n\n"
        "This is a test. Alerts will come this way.\n",
        alerts=[],
    )
    every = open_channels(runtime, await runtime.db.read(_kept))
    channels = [channel for channel in every if only in (None, channel.name)]
    reasons = await asyncio.gather(*(_send(channel, message) for channel in channels))
    outcomes = {channel.name: why for channel, why in zip(channels, reasons, strict=True)}
    if outcomes:
        await runtime.db.write(_note_tries, outcomes, runtime.clock.now())
    return outcomes


def _kept(tx: Transaction) -> list[Channel]:
    return tx.all(CHANNELS)


def _channels_if_due(tx: Transaction, now: datetime) -> list[Channel] | None:
    """Those of the database; None where nothing is due."""
    if tx.one(TELLING_IS_DUE, now=now, gathering_since=now - GATHER) is None:
        return None
    return _kept(tx)


def _note_tries(tx: Transaction, outcomes: Mapping[str, str | None], now: datetime) -> None:
    """Those of the environment have no row, and keep no note."""
    tx.run_all(
        NOTE_TRY, [{"id": name, "trouble": why, "now": now} for name, why in outcomes.items()]
    )


def _lease(tx: Transaction, now: datetime) -> list[Told]:
    due = tx.all(DUE_ALERTS, now=now, limit=AT_ONCE)
    tx.run_all(LEASE_ALERT, [{"id": alert.id, "until": now + LEASE} for alert in due])
    apps = {id_: tx.one(APP, id=id_) for id_ in {alert.app_id for alert in due if alert.app_id}}
    return [Told(alert, getattr(apps.get(alert.app_id or ""), "name", None)) for alert in due]


async def _tell(channel: AlertChannel, told: Sequence[Told], now: datetime) -> str | None:
    if not told:
        return None
    failure = await _send(channel, digest(told, now))
    if failure is None:
        log.info("alerts_sent", channel=channel.name, alerts=len(told))
    else:
        log.warning("alerts_not_sent", channel=channel.name, alerts=len(told), reason=failure)
    return failure


async def _send(channel: AlertChannel, message: AlertMessage) -> str | None:
    try:
        return await channel.send(message)
    except Exception as error:
        # What this way could not do must not keep the others' outcome from being noted.
        log.error("alert_channel_broke", channel=channel.name, exc_info=error)
        return "broke"


def _note(
    tx: Transaction,
    leased: Sequence[Told],
    ways: dict[str, frozenset[str]],
    failed: dict[str, str],
    *,
    lease_until: datetime,
    now: datetime,
) -> None:
    """Write down what came of it; an alert that was cleared meanwhile stays as it is."""
    for alert in (one.alert for one in leased):
        failures = {way: why for way, why in failed.items() if way in ways[alert.id]}
        worked = len(failures) < len(ways[alert.id])
        tx.run(
            NOTE_TELLING,
            id=alert.id,
            lease_until=lease_until,
            next_at=next_telling(alert, failures, now),
            told_at=now if worked else alert.sent_at,
            outcome=outcome_of(alert, failures),
        )
    tried = frozenset[str]().union(*ways.values())
    _note_tries(tx, {way: failed.get(way) for way in tried}, now)


def digest(told: Sequence[Told], now: datetime) -> AlertMessage:
    """One message about all of them, of which it names the first 50."""
    named, more = told[:LINES], len(told) - LINES
    count = len(told)
    text = [
        f"{count} hal perlu perhatian. Pengingat datang setiap hari sampai ditutup.",
        "",
        *(_line(one, WORDS[one.alert.kind].indonesian) for one in named),
        *([f"dan {more} lagi"] if more > 0 else []),
        "",
        "Semuanya: payment-service alert list",
        'Sudah ditangani: payment-service alert clear ID --note "..."',
        "",
        "In English",
        "",
        f"{count} {'thing needs' if count == 1 else 'things need'} attention. "
        "A reminder comes daily until it is cleared.",
        "",
        *(_line(one, WORDS[one.alert.kind].english) for one in named),
        *([f"and {more} more"] if more > 0 else []),
        "",
        "All of them: payment-service alert list",
        'Dealt with: payment-service alert clear ID --note "..."',
    ]
    return AlertMessage(
        id=new_id("msg", now),
        type="alert.raised",
        at=now,
        subject=f"[Payment Service] {count} hal perlu perhatian",
        text="\n".join(text) + "\n",
        alerts=[_resource(one) for one in named],
    )


def _line(told: Told, words: str) -> str:
    """One line, whatever the app's name and the message hold."""
    app = "" if told.app is None else f"{told.app}: "
    line = " ".join(f"{app}{words}. {told.alert.message}".split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in line)
    return f"- {printable[:LONGEST_LINE]} ({told.alert.id})"


def _resource(told: Told) -> dict[str, object]:
    alert = told.alert
    return {
        "id": alert.id,
        "app_id": alert.app_id,
        "app": told.app,
        "kind": alert.kind,
        "subject_id": alert.subject_id,
        "message": alert.message,
        "raised_at": alert.raised_at,
        "seen_at": alert.seen_at,
    }
