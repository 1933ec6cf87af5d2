"""Moving a test app's clock: who may, how far, and the one advance of an app that is under way."""

from datetime import date, datetime, time, timedelta
from math import ceil

import msgspec
from sqlalchemy import Column, ForeignKey, Text

from payment_service.kit.calendar import local_date, zone_info
from payment_service.kit.errors import Conflict, Forbidden, Invalid
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, LocalDate, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    param,
    query,
    rows_of,
    save,
    stored_in,
)
from payment_service.model.app import App, app_by_id
from payment_service.model.event import LAST_POSITION

LEASE = timedelta(minutes=2)
"""How long an advance that is not heard of again is taken to be under way."""
MOST_YEARS = 5
LAST_YEAR = 2199
STANDS_AT = time(12)
"""Local time at which the clock stands after an advance."""

clock_advances = table(
    "clock_advances",
    Column("app_id", Text, ForeignKey("apps.id"), primary_key=True),
    Column("id", Text, nullable=False),
    Column("from_day", LocalDate, nullable=False),
    Column("to_day", LocalDate, nullable=False),
    Column("first_position", Number, nullable=False),
    Column("lease_until", Instant),
    Column("finished_at", Instant),
    Column("version", Number, nullable=False),
)


@stored_in(clock_advances)
class ClockAdvance(Record, frozen=True):
    """The latest one of an app. `first_position` is that of the first event it can have made.

    `lease_until` and `finished_at` are on the machine's clock.
    """

    app_id: str
    id: str
    from_day: date
    to_day: date
    first_position: int
    lease_until: datetime | None
    finished_at: datetime | None
    version: int

    def is_under_way(self, machine_now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until > machine_now


CLOCK_ADVANCE = query(
    rows_of(ClockAdvance).where(clock_advances.c.app_id == param("app_id")), ClockAdvance
)
CLOCK_ADVANCE_LOCKED = query(
    rows_of(ClockAdvance).where(clock_advances.c.app_id == param("app_id")).with_for_update(),
    ClockAdvance,
)


def check_test_app(app: App) -> None:
    """Raises Forbidden for a live app, whose money and days are real."""
    if app.mode != "test":
        raise Forbidden(
            "test_only", "Only test apps have this; a live app's money and days are real."
        )


def check_simulated(app: App) -> None:
    """Raises Forbidden for a live app, Conflict for one whose codes live on real time."""
    check_test_app(app)
    if app.gateway != "simulator":
        raise Conflict(
            "simulator_needed",
            "This app's codes are at a gateway, which lives in real time. Register a test app "
            "without a gateway of its own for this.",
        )


def stand_of(app: App, day: date) -> datetime:
    """Where the clock stands after an advance to that local day."""
    return datetime.combine(day, STANDS_AT, zone_info(app.zone))


def begin_advance(
    tx: Transaction, app_id: str, to_day: date, machine_now: datetime
) -> ClockAdvance:
    """Take the app's clock for the length of the lease.

    To the day on which it stands already is no move, and no fault. Raises Forbidden and Conflict as
    above, Invalid for a day that is gone or too far, Conflict while another advance is under way.
    """
    app = app_by_id(tx, app_id)
    check_simulated(app)
    today = local_date(app.at(machine_now), app.zone)
    if to_day < today:
        raise Invalid(
            "clock_backwards",
            f"The app's clock shows {today} and only goes forward; advance to a later day.",
            today=today.isoformat(),
        )
    if (to_day - today).days > MOST_YEARS * 366 or to_day.year > LAST_YEAR:
        raise Invalid(
            "clock_too_far",
            f"The app's clock shows {today}. One call goes {MOST_YEARS} years ahead at most, and "
            f"none beyond {LAST_YEAR}.",
            today=today.isoformat(),
        )
    before = tx.one(CLOCK_ADVANCE_LOCKED, app_id=app_id)
    if before is not None and before.is_under_way(machine_now):
        raise Conflict(
            "clock_advancing",
            f"This app's clock is on its way to {before.to_day}; GET /v1/test/clock tells how far "
            "it is. Ask again when it stands.",
            advance_to=before.to_day.isoformat(),
        )
    advance = ClockAdvance(
        app_id=app_id,
        id=new_id("adv", machine_now),
        from_day=today,
        to_day=to_day,
        first_position=(tx.one(LAST_POSITION, app_id=app_id) or 0) + 1,
        lease_until=machine_now + LEASE,
        finished_at=None,
        version=1 if before is None else before.version,
    )
    if before is None:
        add(tx, advance)
        return advance
    return save(tx, before, advance)


def move_clock(tx: Transaction, advance: ClockAdvance, to: datetime, machine_now: datetime) -> App:
    """The app with its clock at that instant, or where it is if that is later.

    The lease is drawn out. Raises Conflict when another advance has taken over.
    """
    held = tx.one(CLOCK_ADVANCE_LOCKED, app_id=advance.app_id)
    if held is None or held.id != advance.id:
        raise Conflict("clock_advancing", "Another advance has taken this clock over.")
    if held.lease_until is None or held.lease_until < machine_now + LEASE / 2:
        save(tx, held, msgspec.structs.replace(held, lease_until=machine_now + LEASE))
    app = app_by_id(tx, advance.app_id)
    ahead = ceil((to - machine_now).total_seconds())
    if ahead <= app.clock_offset:
        return app
    return save(tx, app, msgspec.structs.replace(app, clock_offset=ahead))


def end_advance(
    tx: Transaction, advance: ClockAdvance, machine_now: datetime, *, whole: bool
) -> ClockAdvance:
    """Let go of the clock; `whole` when it has come to its day."""
    held = tx.one(CLOCK_ADVANCE_LOCKED, app_id=advance.app_id)
    if held is None or held.id != advance.id:
        return advance
    finished_at = machine_now if whole else None
    return save(tx, held, msgspec.structs.replace(held, lease_until=None, finished_at=finished_at))
