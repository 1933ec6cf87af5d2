"""So many requests at once, so long each; the rest wait in line, and a few places are kept."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import Unavailable
from payment_service.web import visits as limits
from payment_service.web.visits import Visit, Visits


async def placed(visits: Visits, count: int, *, is_urgent: bool = False) -> list[Visit]:
    found = [visits.open() for _ in range(count)]
    for visit in found:
        await visits.begin(visit, is_urgent=is_urgent)
    return found


async def test_a_fifth_of_the_places_is_kept_for_what_must_get_through() -> None:
    visits = Visits()
    ordinary = await placed(visits, limits.AT_ONCE - limits.RESERVED)
    with pytest.raises(Unavailable, match="overloaded"):
        await placed(visits, 1)
    urgent = await placed(visits, limits.RESERVED, is_urgent=True)
    with pytest.raises(Unavailable) as refusal:
        await placed(visits, 1, is_urgent=True)
    assert refusal.value.retry_after == 1
    for visit in ordinary + urgent:
        visits.end(visit)
    assert len(await placed(visits, limits.AT_ONCE, is_urgent=True)) == 64
    assert limits.RESERVED == 13


async def test_who_waits_gets_the_next_place_in_turn_and_the_urgent_first() -> None:
    visits = Visits()
    held = await placed(visits, limits.AT_ONCE, is_urgent=True)
    order: list[str] = []

    async def waits(name: str, *, is_urgent: bool) -> Visit:
        (visit,) = await placed(visits, 1, is_urgent=is_urgent)
        order.append(name)
        return visit

    waiting = []
    for name in ("first", "second", "urgent"):
        waiting.append(asyncio.create_task(waits(name, is_urgent=name == "urgent")))
        await asyncio.sleep(0)
    for visit in held[: limits.RESERVED + 2]:
        visits.end(visit)
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert order == ["urgent", "first"]
    visits.end(held[-1])
    for task in waiting:
        visits.end(await task)


async def test_while_a_line_lasts_those_who_come_are_told_sooner() -> None:
    """When they come is told to it; in which order their waiting ends is real."""
    now = 0.0
    visits = Visits(clock=lambda: now)
    await placed(visits, limits.AT_ONCE - limits.RESERVED)

    patient, told = limits.PATIENCE, []

    async def waited(name: str) -> float:
        began = monotonic()
        with pytest.raises(Unavailable):
            await placed(visits, 1)
        told.append(name)
        return monotonic() - began

    waiting = []
    for name, at in (("first", 0.0), ("second", 0.8 * patient), ("third", 1.1 * patient)):
        now = at
        waiting.append(asyncio.create_task(waited(name)))
        await asyncio.sleep(0)
    first, second, third = await asyncio.gather(*waiting)
    assert told == ["third", "first", "second"]
    assert min(first, second) >= 0.99 * patient
    assert third >= 0.99 * limits.SHORT_PATIENCE
    assert await waited("fourth") >= 0.99 * patient  # the line has gone meanwhile


async def test_a_place_handed_to_somebody_who_went_away_is_not_lost() -> None:
    visits = Visits()
    held = await placed(visits, limits.AT_ONCE - limits.RESERVED)
    leaving = [asyncio.create_task(placed(visits, 1)) for _ in range(20)]
    await asyncio.sleep(0)
    for visit, task in zip(held[:20], leaving, strict=True):
        visits.end(visit)
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    assert len(await placed(visits, 20)) == 20


async def test_what_stays_open_takes_no_place() -> None:
    visits = Visits()
    for visit in await placed(visits, limits.AT_ONCE - limits.RESERVED):
        visit.stays(25)
        visit.stays(25)
    again = await placed(visits, limits.AT_ONCE - limits.RESERVED)
    assert len(again) == limits.AT_ONCE - limits.RESERVED


async def broken_off(visits: Visits, prepare: Callable[[Visit], None]) -> bool:
    """Whether a request whose time is up is broken off."""
    (visit,) = await placed(visits, 1)

    async def work() -> None:
        visit.task = asyncio.current_task()
        visit.ends_at = 0.0
        prepare(visit)
        await asyncio.sleep(2 * limits.LOOK_EVERY)

    return await ended(asyncio.create_task(work()))


async def ended(work: Awaitable[None]) -> bool:
    try:
        await work
    except asyncio.CancelledError:
        return True
    return False


async def test_what_takes_too_long_is_broken_off_unless_it_takes_its_time() -> None:
    visits = Visits()
    watching = asyncio.create_task(visits.watch())
    late, long, open_ = await asyncio.gather(
        broken_off(visits, lambda _: None),
        broken_off(visits, Visit.takes_its_time),
        broken_off(visits, lambda visit: visit.stays(25)),
    )
    watching.cancel()
    assert (late, long, open_) == (True, False, False)
