"""A backup: a whole copy of the database in a file, what it is called, which of many are kept."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

NAME = "payment-service-%Y-%m-%dT%H%M%SZ"
FLAWED = "-flawed"
"""After the name of one that holds what must not be. Such a one is no backup to rely on: it is not
counted among the others, and none of them goes for it."""
NAMED = re.compile(r"payment-service-\d{4}-\d\d-\d\dT\d{6}Z")
KEPT: tuple[tuple[int, Callable[[datetime], Any]], ...] = (
    (7, lambda made: made.date()),
    (4, lambda made: made.isocalendar()[:2]),
    (12, lambda made: (made.year, made.month)),
)
"""So many days, weeks and months, of each of which the newest is kept. Days without a backup do
not count: where none are made any more, the old ones stay."""

STALE = timedelta(hours=26)
"""Older than this, the newest is not of last night."""


class Backup(msgspec.Struct, frozen=True):
    """`schema` is the migration it is at. `flaws` are what was wrong in the database already."""

    file: str
    bytes: int
    schema: str
    key_fingerprint: str | None
    flaws: tuple[str, ...]


def name_of(made: datetime) -> str:
    """In UTC, so that names sort by time everywhere."""
    return made.astimezone(UTC).strftime(NAME)


def made_at(name: str) -> datetime | None:
    """None for a name that `name_of` has not given."""
    if not NAMED.fullmatch(name):
        return None
    try:
        return datetime.strptime(name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def kept(made: Iterable[datetime]) -> set[datetime]:
    """Those of these backups that stay."""
    newest_first = sorted(made, reverse=True)
    staying: set[datetime] = set()
    for most, period_of in KEPT:
        newest_of: dict[Any, datetime] = {}
        for one in newest_first:
            newest_of.setdefault(period_of(one), one)
        staying.update(list(newest_of.values())[:most])
    return staying
