"""A process that falls silent is missed, and so is a worker that nobody runs; a machine that was
taken away is forgotten with what it had raised."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from payment_service.actions.note_restart import note_restart
from payment_service.actions.note_stop import note_stop
from payment_service.actions.register_app import Registration
from payment_service.actions.watch_backups import watch_backups
from payment_service.actions.watch_billing import watch_billing
from payment_service.actions.watch_worker import watch_worker
from payment_service.kit.last_words import LastWords
from payment_service.kit.machine import Machine, Role
from payment_service.kit.statements import command
from payment_service.migrations import revision
from payment_service.model.fact import BACKUPS_AWAITED, CLOCK_SEEN, FACTS_OF
from payment_service.model.heartbeat import heartbeats, missed
from payment_service.model.trouble import Troubles
from payment_service.worker import Worker
from tests.story import register
from tests.trouble.conftest import Place

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
SCHEMA = "UPDATE alembic_version SET version_num = '{}'"


def process(place: Place, machine: str, number: int, role: Role = "service") -> Place:
    """One that begins now, a second after whatever was before, on a machine of that name."""
    place.passes(SECOND)
    one = Machine(
        machine, folder=None, key_file=None, reserve=0, elapsed=place.ticking, process=number
    )
    one.roles.add(role)
    runtime = msgspec.structs.replace(place.runtime, machine=one, troubles=Troubles())
    return place._replace(machine=one, runtime=runtime)


async def silent(place: Place) -> list[str]:
    beats = await place.runtime.db.read(heartbeats)
    return sorted(f"{one.machine} {one.process}" for one in missed(beats, place.clock.now()))


async def kept(place: Place, kind: str) -> list[str]:
    facts = await place.runtime.db.read(lambda tx: tx.all(FACTS_OF, kind=kind))
    return [fact.name.removeprefix(kind) for fact in facts]


async def test_where_only_a_web_runs_the_owner_hears_that_no_worker_does(place: Place) -> None:
    web = Worker(place.runtime, only_watches=True)
    place.passes(4 * MINUTE)
    await watch_worker(place.runtime)
    assert await place.open_kinds() == []
    place.passes(2 * MINUTE)
    working = asyncio.create_task(web.run())
    try:
        async with asyncio.timeout(60):
            await place.owner.hears("worker_missing")
    finally:
        web.stop()
        await working


async def test_a_worker_is_missed_after_five_minutes_until_one_is_seen(place: Place) -> None:
    worker = process(place, "machine", 2, "worker")
    await worker.looks()
    place.passes(4 * MINUTE)
    await watch_worker(place.runtime)
    assert await place.open_kinds() == []
    place.passes(2 * MINUTE)
    fresh = process(place, "machine", 3)
    await watch_worker(fresh.runtime)  # it may have begun together with a worker
    assert await place.open_kinds() == []
    await watch_worker(place.runtime)
    (alert,) = await place.alerts()
    assert (alert.kind, alert.subject_id) == ("worker_missing", "worker")
    assert "0:06:01" in alert.message
    await process(place, "machine", 4, "worker").looks()
    await watch_worker(place.runtime)
    assert await place.open_kinds() == []


async def test_a_day_without_a_billing_run_is_told_until_it_is_made(place: Place) -> None:
    await register(place.service, Registration(name="BukuBengkel", mode="test"))
    place.passes(DAY)
    await watch_billing(process(place, "machine", 2).runtime)  # the worker makes up for it now
    assert await place.open_kinds() == []
    await watch_billing(place.runtime)
    (alert,) = await place.alerts()
    assert alert.kind == "billing_late"
    assert "BukuBengkel" in alert.message
    await place.service.bill()
    await watch_billing(place.runtime)
    assert await place.open_kinds() == []


async def test_who_falls_silent_is_missed_until_one_begins_in_its_place(place: Place) -> None:
    for one in [process(place, "web-1", number) for number in (11, 12)]:
        await one.looks(SECOND)
    worker = process(place, "web-1", 13, "worker")
    await worker.looks(MINUTE / 2)
    assert await silent(place) == []
    await worker.looks(MINUTE / 2)
    assert await silent(place) == ["web-1 11", "web-1 12"]
    await process(place, "web-2", 14).looks(SECOND)  # another machine takes nobody's place
    in_place = process(place, "web-1", 15)
    await in_place.looks(SECOND)
    assert await silent(place) == ["web-1 12"]
    again = process(place, "web-1", 12)
    await again.looks(SECOND)
    assert await silent(place) == []
    await in_place.looks(SECOND)
    await note_stop(again.runtime)
    await note_stop(worker.runtime)
    place.passes(10 * MINUTE)
    assert await silent(place) == ["web-1 15", "web-2 14"]


async def test_who_has_ended_is_forgotten(place: Place) -> None:
    stays = process(place, "web-1", 1)
    stopped, killed = process(place, "web-1", 2), process(place, "web-2", 3)
    for one in (stopped, killed):
        await one.looks(SECOND)
    await note_stop(stopped.runtime)
    place.passes(16 * MINUTE)
    await stays.looks()
    beats = await place.runtime.db.read(heartbeats)
    assert [(one.machine, one.process) for one in beats] == [("web-1", 1), ("web-2", 3)]
    place.passes(DAY)
    await stays.looks()
    beats = await place.runtime.db.read(heartbeats)
    assert [(one.machine, one.process) for one in beats] == [("web-1", 1)]


async def test_what_a_machine_had_raised_is_cleared_when_it_is_taken_away(place: Place) -> None:
    db = place.runtime.db
    known = await db.read(revision)
    stays = process(place, "c0ffee02", 1)
    goes = process(place, "c0ffee01", 1)
    goes.machine.key_file = place.key_file.with_name("nowhere")
    goes.machine.backups = place.key_file.with_name("no backups")
    await note_restart(goes.runtime, LastWords(stopped="the disk failed"))
    await watch_backups(goes.runtime)
    await db.write(lambda tx: tx.run(command(text(SCHEMA.format("9999")))))
    await goes.looks()
    await db.write(lambda tx: tx.run(command(text(SCHEMA.format(known)))))
    raised = {"schema_newer", "key_missing", "database_failed"}
    assert set(await place.open_kinds()) == raised
    await note_stop(goes.runtime)
    for _ in range(14):
        await stays.looks(MINUTE)
    assert set(await place.open_kinds()) == raised
    await stays.looks(2 * MINUTE)
    assert await place.open_kinds() == []
    assert await kept(place, BACKUPS_AWAITED) == []
    assert await kept(place, CLOCK_SEEN) == ["c0ffee01", "c0ffee02", "machine"]
    await stays.looks(8 * DAY)
    assert await kept(place, CLOCK_SEEN) == ["c0ffee02"]


async def test_who_has_just_begun_clears_nothing_of_others(place: Place) -> None:
    goes = process(place, "c0ffee01", 1)
    goes.machine.key_file = place.key_file.with_name("nowhere")
    await goes.looks()
    place.passes(DAY)  # nothing ran at all
    fresh = process(place, "c0ffee02", 1)
    await fresh.looks()
    assert await place.open_kinds() == ["key_missing"]
    await goes.looks()
    place.passes(16 * MINUTE)
    await goes.looks()
    await fresh.looks()
    assert await place.open_kinds() == ["key_missing"]


@pytest.mark.parametrize("ahead", [-DAY, 365 * DAY])
async def test_a_machine_whose_clock_is_not_believed_forgets_nobody(
    place: Place, ahead: timedelta
) -> None:
    stays, other = process(place, "web-1", 1), process(place, "web-2", 2)
    await other.looks()
    await stays.looks()
    place.passes(20 * MINUTE)
    place.clock.advance(ahead)
    await stays.looks()
    assert "clock_jumped" in await place.open_kinds()
    assert len(await place.runtime.db.read(heartbeats)) == 2
