"""Tally notices that came in vain: count them all, keep the first of a day, alert on guessing."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from payment_service.kit.statements import Transaction, add_all
from payment_service.model.alert import raise_alert
from payment_service.model.notice import LOCK_APP, PUT_TALLY, TALLIES, NoticeTally, UnknownNotice

KEPT_A_DAY = 1000
"""Notices for unknown orders that are kept of an app's local day; all are counted."""
GUESSES = 3
WITHIN = timedelta(minutes=10)
"""So many wrong secrets in so short a time are an alert."""


class AppDay(NamedTuple):
    """One local day of an app."""

    app_id: str
    day: date


class Vain(msgspec.Struct):
    """What came in vain on one local day of an app, since the last time it was written.

    `latest_wrong` holds the last three instants, `kept` at most the day's thousand.
    """

    unknown: int = 0
    wrong_secret: int = 0
    latest_wrong: tuple[datetime, ...] = ()
    kept: list[UnknownNotice] = msgspec.field(default_factory=list)


def tally_notices(
    tx: Transaction, gathered: Mapping[AppDay, Vain], now: datetime
) -> dict[AppDay, int]:
    """Add what one process gathered. Gives how many for unknown orders each day has seen."""
    # In the order of ids: two processes that count for the same apps must not wait in a ring.
    return {of: _tally(tx, of, vain, now) for of, vain in sorted(gathered.items())}


def _tally(tx: Transaction, of: AppDay, vain: Vain, now: datetime) -> int:
    tx.one(LOCK_APP, app_id=of.app_id)
    a_day = timedelta(days=1)
    rows = tx.all(TALLIES, app_id=of.app_id, since=of.day - a_day, until=of.day + a_day)
    before = next((row for row in rows if row.day == of.day), NoticeTally(*of, 0, 0, ()))
    add_all(tx, vain.kept[: max(0, KEPT_A_DAY - before.unknown)])
    unknown = before.unknown + vain.unknown
    tx.run(
        PUT_TALLY,
        app_id=of.app_id,
        day=of.day,
        unknown=unknown,
        wrong_secret=before.wrong_secret + vain.wrong_secret,
        latest_wrong=tuple(sorted(before.latest_wrong + vain.latest_wrong)[-GUESSES:]),
    )
    # The days beside it too: whoever guesses over midnight is counted once.
    earlier = [instant for row in rows for instant in row.latest_wrong]
    if _is_guessing(earlier, vain.latest_wrong):
        raise_alert(
            tx,
            app_id=of.app_id,
            kind="wrong_secret",
            subject_id=of.app_id,
            message="Three notices within 10 minutes came with a wrong secret: somebody guesses, "
            "or the webhook secret at the gateway is not the one stored here. Payments are still "
            "found by the sweep.",
            now=now,
            by_machine=True,
        )
    return unknown


def _is_guessing(earlier: list[datetime], latest: tuple[datetime, ...]) -> bool:
    """Whether these instants make three within the time. Without new ones there is no news."""
    instants = sorted([*earlier, *latest])
    return any(
        last - first <= WITHIN and any(first <= instant <= last for instant in latest)
        for first, last in zip(instants, instants[GUESSES - 1 :], strict=False)
    )
