"""Tell the owner: one message about one alert or many, by one channel."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog

from payment_service.kit.ids import new_id
from payment_service.model.alert import Alert, Kind
from payment_service.model.alert_words import WORDS
from payment_service.outside.alert_channel import AlertChannel, AlertMessage

log = structlog.get_logger()

LINES = 50
"""A message names so many; the rest are counted."""
LONGEST_LINE = 400


class Told(msgspec.Struct, frozen=True):
    """A leased alert and the name of the app it is about, if it is about one."""

    alert: Alert
    app: str | None


def unstored(kind: Kind, subject_id: str, message: str, now: datetime) -> Told:
    """Of what no row can be written."""
    alert = Alert(
        id=new_id("alr", now), app_id=None, kind=kind, subject_id=subject_id, message=message,
        raised_at=now, sent_at=None, send_at=None, seen_at=None, cleared_at=None, note=None,
        version=1,
    )  # fmt: skip
    return Told(alert, None)


async def tell_by(channel: AlertChannel, told: Sequence[Told], now: datetime) -> str | None:
    """The reason if it failed."""
    if not told:
        return None
    failure = await send_by(channel, digest(told, now))
    if failure is None:
        log.info("alerts_sent", channel=channel.name, alerts=len(told))
    else:
        log.warning("alerts_not_sent", channel=channel.name, alerts=len(told), reason=failure)
    return failure


async def send_by(channel: AlertChannel, message: AlertMessage) -> str | None:
    try:
        return await channel.send(message)
    except Exception as error:
        # What this way could not do must not keep the others' outcome from being noted.
        log.error("alert_channel_broke", channel=channel.name, exc_info=error)
        return "broke"


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
