"""Advance a test app's clock: from one instant at which something is due to the next, to its day.

What is done stays done when the process dies: the lease runs out, and another advance goes on from
where the clock stands.
"""

from datetime import date, datetime

import structlog

from payment_service.kit.statements import Duplicate
from payment_service.model.app import App, app_by_id
from payment_service.model.clock_advance import (
    ClockAdvance,
    begin_advance,
    end_advance,
    move_clock,
    stand_of,
)
from payment_service.rehearsal.chores import Chores
from payment_service.rehearsal.pay import Tell
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()


async def begin(runtime: Runtime, app_id: str, to_day: date) -> ClockAdvance:
    """Raises what `begin_advance` does."""
    try:
        return await runtime.db.write(begin_advance, app_id, to_day, runtime.clock.now())
    except Duplicate:  # another began at the same time: the second look finds it under way
        return await runtime.db.write(begin_advance, app_id, to_day, runtime.clock.now())


async def go_on(runtime: Runtime, advance: ClockAdvance, tell: Tell) -> ClockAdvance:
    """Do the whole of it. Raises Conflict when another has taken over."""
    whole = False
    try:
        await _advance(runtime, advance, tell)
        whole = True
    finally:
        ended = await runtime.db.write(end_advance, advance, runtime.clock.now(), whole=whole)
    return ended


async def _advance(runtime: Runtime, advance: ClockAdvance, tell: Tell) -> None:
    app = await runtime.db.read(app_by_id, advance.app_id)
    chores = Chores(runtime, app, tell)
    ends = stand_of(app, advance.to_day)
    while True:
        plan = await chores.next()
        first = min((at for _, at in plan), default=None)
        if first is None or first > ends:
            break
        chores.app = await _move(runtime, advance, first)
        now = now_of(runtime, chores.app)
        await chores.do(chore for chore, at in plan if at <= now)
    await _move(runtime, advance, ends)


async def _move(runtime: Runtime, advance: ClockAdvance, at: datetime) -> App:
    return await runtime.db.write(move_clock, advance, at, runtime.clock.now())
