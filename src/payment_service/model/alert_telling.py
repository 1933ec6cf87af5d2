"""Telling the owner of alerts: which are due, by which ways, and when they are due again.

A round goes to every way that is set. Ways that fail are tried again by themselves after 1, 5 and
30 minutes; then, or when all have worked, the next round is a day later. Which ways have failed
stands in the alert's note while it is open, so any process can go on, and people can read it.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import exists, or_, select, update

from payment_service.kit.schema import Number
from payment_service.kit.statements import command, param, query, rows_of, value
from payment_service.model.alert import Alert, Kind, alerts

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
LEASE = timedelta(minutes=2)
"""A try ends within 30 s; a process that dies leaves alerts that fall due by themselves."""
GATHER = timedelta(minutes=5)
"""After a message has gone out, what is raised next waits so long for company."""

_told_of = alerts.alias("told_of")
# Whether anything is to be sent: a try that failed is not held back, what is new may be.
TELLING_IS_DUE = value(
    select(alerts.c.id)
    .where(
        alerts.c.cleared_at.is_(None),
        alerts.c.send_at <= param("now"),
        or_(
            alerts.c.note.is_not(None),
            ~exists().where(
                _told_of.c.kind.in_(get_args(Kind)),
                _told_of.c.cleared_at.is_(None),
                _told_of.c.sent_at > param("gathering_since"),
            ),
        ),
    )
    .limit(1),
    str,
)
DUE_ALERTS = query(
    rows_of(Alert)
    .where(alerts.c.cleared_at.is_(None), alerts.c.send_at <= param("now"))
    .order_by(alerts.c.send_at)
    .limit(param("limit", Number))
    .with_for_update(skip_locked=True),
    Alert,
)
LEASE_ALERT = command(
    update(alerts)
    .where(alerts.c.id == param("id"))
    .values(send_at=param("until"), version=alerts.c.version + 1)
)
# Only while the lease is held: cleared meanwhile, or taken over by another, it stays as it is.
NOTE_TELLING = command(
    update(alerts)
    .where(
        alerts.c.id == param("id"),
        alerts.c.send_at == param("lease_until"),
        alerts.c.cleared_at.is_(None),
    )
    .values(
        send_at=param("next_at"),
        sent_at=param("told_at"),
        note=param("outcome"),
        version=alerts.c.version + 1,
    )
)


def ways_to_try(alert: Alert, ways: Collection[str]) -> frozenset[str]:
    """All of `ways` at the beginning of a round, and in it only those that have failed."""
    tries, failed = tries_of(alert)
    if tries > len(RETRY_AFTER):
        return frozenset(ways)
    return frozenset(ways) & failed or frozenset(ways)


def tries_of(alert: Alert) -> tuple[int, frozenset[str]]:
    """How many tries in a row have failed, and by which ways the last one did."""
    found = re.fullmatch(r"try ([0-9]+) failed: (.*)", alert.note or "")
    if alert.cleared_at is not None or found is None:
        return 0, frozenset()
    return int(found[1]), frozenset(re.findall(r"(\w+) \(", found[2]))


def outcome_of(alert: Alert, failures: Mapping[str, str]) -> str | None:
    """What to note after a try: `try 2 failed: mail (timeout)`; None when all have worked."""
    if not failures:
        return None
    named = ", ".join(f"{way} ({why})" for way, why in sorted(failures.items()))
    return f"try {tries_of(alert)[0] + 1} failed: {named}"


def next_telling(alert: Alert, failures: Mapping[str, str], now: datetime) -> datetime:
    """When the next try or round is due.

    A round begins on the full hour: what was raised over a night is reminded of in few messages.
    """
    tries = tries_of(alert)[0]
    if failures and tries < len(RETRY_AFTER):
        return now + RETRY_AFTER[tries]
    return (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
