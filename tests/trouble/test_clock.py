"""A clock that jumps: billing waits, the owner hears, and it goes on by itself once it is right."""

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from payment_service.actions.clear_alert import clear_alert
from payment_service.actions.register_app import Registration
from payment_service.actions.watch_machine import watch_machine
from payment_service.kit.calendar import local_date
from payment_service.kit.clock import SystemClock
from payment_service.kit.machine import Machine
from payment_service.model.app import APP
from payment_service.model.audit import By
from payment_service.model.billing_run import RUNS_OF_DAY
from payment_service.model.trouble import Troubles
from payment_service.worker import Worker
from tests.story import register
from tests.trouble.conftest import Place, Ticking, told

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def test_a_clock_that_runs_evenly_is_believed(place: Place) -> None:
    for after in (10, 1, 3600, 60):
        assert await place.looks(timedelta(seconds=after)) == []
    place.clock.advance(timedelta(seconds=-3))  # as a time server corrects it
    assert await place.looks() == []


@pytest.mark.parametrize("jump", [-timedelta(seconds=20), -timedelta(hours=2)])
async def test_one_that_is_set_back_is_believed_when_it_has_caught_up(
    place: Place, jump: timedelta
) -> None:
    place.clock.advance(jump)
    assert told(await place.looks(), "trouble_began") == ["clock_jumped"]
    (alert,) = await place.alerts()
    assert (alert.kind, alert.subject_id) == ("clock_jumped", "machine")
    assert re.match(r"The clock shows .* before what it showed\. Billing waits", alert.message)
    assert told(await place.looks(MINUTE), "trouble_over") == []
    assert told(await place.looks(-jump + 11 * MINUTE), "trouble_over") == ["clock_jumped"]
    assert await place.alerts() == []


async def test_a_small_step_forward_settles_in_ten_minutes(place: Place) -> None:
    place.clock.advance(5 * MINUTE)
    assert told(await place.looks(), "trouble_began") == ["clock_jumped"]
    assert place.owner.kinds == ["clock_jumped"]
    assert told(await place.looks(9 * MINUTE), "trouble_over") == []
    assert told(await place.looks(MINUTE), "trouble_over") == ["clock_jumped"]


async def test_a_step_of_a_year_waits_for_the_clock_to_come_back_whoever_restarts(
    place: Place,
) -> None:
    place.clock.advance(365 * DAY)
    assert told(await place.looks(), "trouble_began") == ["clock_jumped"]
    assert told(await place.looks(DAY / 2), "trouble_over") == []
    again = restarted(place)
    assert told(await again.looks(DAY / 4), "trouble_began") == ["clock_jumped"]
    assert told(await again.looks(DAY / 8), "trouble_over") == []
    place.clock.advance(-365 * DAY)
    assert told(await again.looks(), "trouble_over") == []
    assert told(await again.looks(11 * MINUTE), "trouble_over") == ["clock_jumped"]


async def test_what_was_shown_before_a_restart_counts(place: Place) -> None:
    place.clock.advance(-10 * MINUTE)
    again = restarted(place)
    assert told(await again.looks(), "trouble_began") == ["clock_jumped"]


async def test_a_person_may_say_that_it_is_right(place: Place) -> None:
    place.clock.advance(-2 * DAY)
    await place.looks()
    (alert,) = await place.alerts()
    by = By("command line", "it had been two days ahead", place.clock.now())
    await place.runtime.db.write(clear_alert, alert.id, by)
    assert told(await place.looks(), "trouble_over") == ["clock_jumped"]
    assert await place.looks() == []


async def test_a_database_that_takes_its_time_is_no_step_of_the_clock(place: Place) -> None:
    look = place.machine.look(place.clock.now())
    place.passes(MINUTE)  # while it waits for its turn
    place.machine.saw(look)
    assert place.machine.look(place.clock.now()).step == timedelta()
    assert await place.looks() == []
    place.clock.advance(-timedelta(seconds=30))  # read before another process was seen, and
    waits = restarted(place, elapsed=Late(place.ticking, 40))  # written 40 s after it was read
    assert await waits.looks(timedelta()) == []


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
async def test_a_clock_that_differs_from_the_database_servers_is_not_believed(
    place: Place,
) -> None:
    machine = Machine("web-1", folder=None, key_file=None, reserve=0, has_server_clock=True)
    place.clock.set(SystemClock().now() + timedelta(seconds=20))
    near = msgspec.structs.replace(place.runtime, machine=machine)
    await watch_machine(near)
    assert await place.alerts() == []
    place.clock.advance(timedelta(seconds=25))
    await watch_machine(near)
    (alert,) = await place.alerts()
    assert (alert.kind, alert.subject_id) == ("clock_jumped", "web-1")


async def test_nobody_is_billed_while_it_is_not_believed(place: Place) -> None:
    app = await register(place.service, Registration(name="BukuBengkel", mode="test"))
    worker = Worker(place.runtime)
    await place.looks(DAY)
    place.clock.advance(40 * DAY)
    await worker.bill()
    assert await runs(place, app.id) == 0
    place.clock.advance(-40 * DAY)
    place.passes(MINUTE)
    await worker.bill()
    place.passes(11 * MINUTE)
    await worker.bill()
    assert await runs(place, app.id) == 1


async def runs(place: Place, app_id: str) -> int:
    """Of billing, on the day that the clock shows."""
    db = place.runtime.db
    app = await db.read(lambda tx: tx.one(APP, id=app_id))
    assert app is not None
    day = local_date(place.clock.now(), app.zone)
    return len(await db.read(lambda tx: tx.all(RUNS_OF_DAY, app_id=app_id, day=day)))


class Late:
    """Reads the seconds, of which more have passed whenever it reads them again."""

    def __init__(self, ticking: Ticking, seconds: float) -> None:
        self._ticking, self._seconds, self._readings = ticking, seconds, 0

    def __call__(self) -> float:
        self._readings += 1
        return self._ticking() + self._seconds * self._readings


def restarted(place: Place, elapsed: Callable[[], float] | None = None) -> Place:
    """Another process on the same machine, which knows nothing of the one before."""
    machine = Machine(
        "machine", folder=None, key_file=None, reserve=0, elapsed=elapsed or place.ticking
    )
    runtime = msgspec.structs.replace(place.runtime, machine=machine, troubles=Troubles())
    return place._replace(machine=machine, runtime=runtime)
