"""Whether the machine's clock can be believed: billing follows from dates, so a clock that jumps
would bill, suspend or forget.

What it showed last is kept in the database, and stands still while it is not believed. A step that
is small settles by itself; one of more than a day waits for the clock to come back, or a person.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from payment_service.kit.schema import Instant
from payment_service.kit.spans import spelled
from payment_service.kit.statements import value

SERVER_NOW = value(select(func.clock_timestamp(type_=Instant)), datetime)
"""Of PostgreSQL; SQLite has no clock of its own."""
BACK = timedelta(seconds=5)
AHEAD = timedelta(seconds=30)
SETTLES_SECONDS = 600.0
"""So long it must run evenly before it is believed again."""
FAR = timedelta(days=1)


def misgiving(
    now: datetime, step: timedelta, seen: datetime | None, database: datetime | None
) -> str | None:
    """Why it is not believed, as a sentence; None where nothing speaks against it.

    `step` is by how much it was set since the last look, `seen` what it showed last, maybe before
    a restart, `database` what the database server's clock shows, where it has one.
    """
    if seen is not None and now < seen - BACK:
        behind = spelled(seen - now)
        return f"The clock shows {_said(now)}, which is {behind} before what it showed."
    if step < -BACK:
        return f"The clock was set back by {spelled(-step)}, to {_said(now)}."
    if step > AHEAD:
        return f"The clock was set forward by {spelled(step)}, to {_said(now)}."
    if database is not None and abs(now - database) > AHEAD:
        return f"The clock and the database server's differ by {spelled(abs(now - database))}."
    return None


def is_settled(now: datetime, seen: datetime | None, even_seconds: float) -> bool:
    """Whether a clock that was not believed is believed again."""
    is_near = seen is None or abs(now - seen) < FAR
    return is_near and even_seconds >= SETTLES_SECONDS


def _said(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
