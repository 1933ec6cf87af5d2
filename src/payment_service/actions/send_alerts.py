"""Send alerts: tell the owner of what is due, by every way that is set, in one message for each."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from payment_service.books.open_channels import open_channels
from payment_service.books.tell_owner import Told, send_by, tell_by
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction
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
from payment_service.model.app import APP
from payment_service.model.channel import CHANNELS, NOTE_TRY, Channel
from payment_service.outside.alert_channel import AlertMessage
from payment_service.runtime import Runtime

AT_ONCE = 500


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
            tell_by(channel, [one for one in leased if channel.name in ways[one.alert.id]], now)
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
    reasons = await asyncio.gather(*(send_by(channel, message) for channel in channels))
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
