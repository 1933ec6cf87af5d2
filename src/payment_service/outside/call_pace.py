"""What a gateway project may be asked at once, and how soon: two tables all processes share."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Text, case, select, update
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import (
    Record,
    Statement,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

Kind = Literal["create", "cancel", "other"]
"""What is paced: creates and cancels each have a window of their own."""
Said = Literal["well", "too_much", "nothing"]
"""What a call told of the load: answered, 429, or nothing to go by."""

LEASE = timedelta(seconds=15)
"""A slot is free again after this, should its process have died; a call ends within 10 s."""
BELIEVED = 2 * LEASE
"""What lies further ahead is from a clock that was since put back. More than one lease: `now` is
told before the row's lock is had, and meanwhile others have taken slots by a later one."""
SLACK = timedelta(milliseconds=100)
"""Added to the window: a call that left on time can arrive late, and the next one early."""
LATE = SLACK / 2
"""How long after its instant a reservation still holds."""

gateway_paces = table(
    "gateway_paces",
    Column("name", Text, primary_key=True),
    Column("allowed", Number, nullable=False),
    Column("went_well", Number, nullable=False),
    Column("create_at", Instant),
    Column("create_before", Instant),
    Column("cancel_at", Instant),
    Column("cancel_before", Instant),
    CheckConstraint("allowed >= 1", name="allowed"),
)
gateway_slots = table(
    "gateway_slots",
    Column("name", Text, nullable=False),
    Column("slot", Number, nullable=False),
    Column("lease_until", Instant),
    PrimaryKeyConstraint("name", "slot"),
)


@stored_in(gateway_paces)
class Pace(Record, frozen=True):
    """One project. `…_at` is the instant reserved last, `…_before` the one before it."""

    name: str
    allowed: int
    """Calls in flight."""
    went_well: int
    """Calls since `allowed` last changed; a full round of them lets in one more."""
    create_at: datetime | None
    create_before: datetime | None
    cancel_at: datetime | None
    cancel_before: datetime | None


class Turn(NamedTuple):
    """When a call may go, and its slot. Without one it waits: for `at`, or until one is free."""

    at: datetime
    slot: int | None = None
    lease_until: datetime | None = None
    allowed: int = 0


_pace, _slot = gateway_paces.c, gateway_slots.c
_this = _pace.name == param("key")
MAKE_PACE = command(
    insert(gateway_paces)
    .values(name=param("key"), allowed=param("most", Number), went_well=0)
    .on_conflict_do_nothing()
)
PACE_LOCKED = query(rows_of(Pace).where(_this).with_for_update(), Pace)
RESERVE: dict[Kind, Statement[None]] = {
    "create": command(
        update(gateway_paces)
        .where(_this)
        .values(create_at=param("at", Instant), create_before=_pace.create_at)
    ),
    "cancel": command(
        update(gateway_paces)
        .where(_this)
        .values(cancel_at=param("at", Instant), cancel_before=_pace.cancel_at)
    ),
}
HALVE = command(
    update(gateway_paces)
    .where(_this)
    .values(allowed=case((_pace.allowed > 1, _pace.allowed // 2), else_=1), went_well=0)
)
_round_is_full = _pace.went_well + 1 >= _pace.allowed
GROW = command(
    update(gateway_paces)
    .where(_this, _pace.allowed < param("most", Number))
    .values(
        allowed=case((_round_is_full, _pace.allowed + 1), else_=_pace.allowed),
        went_well=case((_round_is_full, 0), else_=_pace.went_well + 1),
    )
)
HELD_SLOTS = value(
    select(_slot.slot).where(
        _slot.name == param("key"),
        _slot.lease_until > param("now"),
        _slot.lease_until <= param("believed"),
    ),
    int,
)
_take = insert(gateway_slots).values(
    name=param("key"), slot=param("slot", Number), lease_until=param("lease_until", Instant)
)
TAKE_SLOT = command(
    _take.on_conflict_do_update(
        index_elements=["name", "slot"], set_={"lease_until": _take.excluded.lease_until}
    )
)
FREE_SLOT = command(
    update(gateway_slots)
    .where(
        _slot.name == param("key"),
        _slot.slot == param("held", Number),
        _slot.lease_until == param("its_lease"),  # after that it is somebody else's
    )
    .values(lease_until=None)
)


def take_turn(
    tx: Transaction,
    name: str,
    kind: Kind,
    most: int,
    window: timedelta | None,
    reserved: datetime | None,
    latest: datetime,
    now: datetime,
) -> Turn:
    """Take a slot for a call that may go now, else reserve the instant at which it may.

    At most `most` are in flight, at most two creates and two cancels start in a `window`.
    `reserved` is what an earlier try reserved. Nothing is reserved beyond `latest`, and nothing
    is written where no slot is free. A reserved instant that is not used passes unused.
    """
    pace = _locked(tx, name, most)
    paced = kind != "other" and window is not None
    if reserved is not None and now <= reserved + LATE:
        paced = False
    if paced and window is not None:
        at = _next_instant(pace, kind, window, now)
        if at > now:
            if at <= latest:
                tx.run(RESERVE[kind], key=name, at=at)
            return Turn(at)
    held = set(tx.all(HELD_SLOTS, key=name, now=now, believed=now + BELIEVED))
    if len(held) >= min(pace.allowed, most):
        return Turn(now)
    if paced:
        tx.run(RESERVE[kind], key=name, at=now)
    slot = next(slot for slot in range(most) if slot not in held)
    tx.run(TAKE_SLOT, key=name, slot=slot, lease_until=now + LEASE)
    return Turn(now, slot, now + LEASE, pace.allowed)


def free_slot(tx: Transaction, name: str, turn: Turn, said: Said, most: int) -> None:
    """Give the slot back, and let in half as many after a 429, one more after a good round."""
    # The pace first, as in `take_turn`: the other order could deadlock.
    if said == "too_much":
        tx.run(HALVE, key=name)
    elif said == "well" and turn.allowed < most:
        tx.run(GROW, key=name, most=most)
    tx.run(FREE_SLOT, key=name, held=turn.slot, its_lease=turn.lease_until)


def _locked(tx: Transaction, name: str, most: int) -> Pace:
    """The project's row. Its lock is what keeps two processes from one slot or instant."""
    pace = tx.one(PACE_LOCKED, key=name)
    if pace is None:
        tx.run(MAKE_PACE, key=name, most=most)
        pace = tx.one(PACE_LOCKED, key=name)
    if pace is None:
        raise LookupError(f"no pace for {name}")
    return pace


def _next_instant(pace: Pace, kind: Kind, window: timedelta, now: datetime) -> datetime:
    """The earliest that comes after those reserved and has at most one in the window before it."""
    last, before = (
        (pace.create_at, pace.create_before)
        if kind == "create"
        else (pace.cancel_at, pace.cancel_before)
    )
    free_again = before + window + SLACK if before is not None else None
    after = [at for at in (last, free_again) if at is not None and at <= now + BELIEVED]
    return max([now, *after])
