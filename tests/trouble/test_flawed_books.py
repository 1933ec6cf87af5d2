"""Books in which something can never be: billing waits for a person, and the owner is not told that
a worker is missing."""

from datetime import timedelta

from payment_service.actions.clear_alert import clear_alert
from payment_service.actions.note_flaws import note_flaws
from payment_service.actions.register_app import Registration
from payment_service.actions.watch_billing import watch_billing
from payment_service.model.audit import By
from payment_service.worker import Worker
from tests.story import register
from tests.trouble.conftest import Place
from tests.trouble.test_clock import runs

DAY = timedelta(days=1)


async def test_nobody_is_billed_until_a_person_has_looked_into_it(place: Place) -> None:
    app = await register(place.service, Registration(name="BukuBengkel", mode="test"))
    worker, db = Worker(place.runtime), place.runtime.db
    await note_flaws(db, ["positions_have_no_gap: app_1: 3 is not 2"], place.clock.now())
    await place.looks(DAY)
    await worker.bill()
    await watch_billing(place.runtime)
    assert await runs(place, app.id) == 0
    (alert,) = await place.alerts()
    assert alert.kind == "books_broken"
    by = By("command line", "a row was put back", place.clock.now())
    await db.write(clear_alert, alert.id, by)
    await worker.bill()
    assert await runs(place, app.id) == 1


async def test_a_look_that_finds_nothing_lets_billing_go_on(place: Place) -> None:
    app = await register(place.service, Registration(name="BukuBengkel", mode="test"))
    for flaws in (["positions_have_no_gap: app_1: 3 is not 2"], []):
        await note_flaws(place.runtime.db, flaws, place.clock.now())
        await place.looks(DAY)
        await Worker(place.runtime).bill()
        assert await runs(place, app.id) == (0 if flaws else 1)
