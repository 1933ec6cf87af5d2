"""Jakarta, Makassar, Jayapura: a day is the app's own, for money, for runs and for numbers."""

from datetime import date, time, timedelta

import pytest

from tests.scenarios.renewals import at, invoices, starts, state
from tests.story import App, Story

JAKARTA, MAKASSAR, JAYAPURA = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"


@pytest.mark.parametrize(
    ("instant", "days"),
    [
        ("2026-02-10 14:59", {JAKARTA: 10, MAKASSAR: 10, JAYAPURA: 10}),
        ("2026-02-10 15:00", {JAKARTA: 10, MAKASSAR: 10, JAYAPURA: 11}),
        ("2026-02-10 16:00", {JAKARTA: 10, MAKASSAR: 11, JAYAPURA: 11}),
        ("2026-02-10 17:00", {JAKARTA: 11, MAKASSAR: 11, JAYAPURA: 11}),
        ("2026-02-10 23:30", {JAKARTA: 11, MAKASSAR: 11, JAYAPURA: 11}),
    ],
)
async def test_a_payment_falls_on_the_local_day(
    story: Story, instant: str, days: dict[str, int]
) -> None:
    story.clock.set(at(instant))
    found = {}
    for zone, day in days.items():
        await story.app(name=zone.removeprefix("Asia/"), zone=zone)
        tenant = await starts(story)
        (through,) = await state(tenant, "paid_through")
        (invoice,) = await invoices(tenant)
        assert invoice["period_end"] == through
        assert invoice["issued_on"] == f"2026-02-{day}"
        found[zone] = through
    assert found == {zone: f"2026-03-{day}" for zone, day in days.items()}


@pytest.mark.parametrize(
    ("zone", "before", "then"),
    [
        (JAKARTA, "2026-02-28 17:59", "2026-02-28 18:00"),
        (MAKASSAR, "2026-02-28 16:59", "2026-02-28 17:00"),
        (JAYAPURA, "2026-02-28 15:59", "2026-02-28 16:00"),
    ],
)
async def test_the_night_comes_at_one_of_the_apps_own_zone(
    story: Story, zone: str, before: str, then: str
) -> None:
    await story.app(zone=zone)
    tenant = await starts(story)
    assert await state(tenant, "paid_through") == ("2026-02-28",)
    await story.it_becomes(date(2026, 2, 21))
    await story.it_becomes(date(2026, 2, 28))
    story.clock.set(at(before))
    await story.service.bill()
    assert await state(tenant, "status") == ("active",)
    story.clock.set(at(then))
    await story.service.bill()
    assert await state(tenant, "status", "grace_until") == ("grace", "2026-03-07")


async def paid_at_the_simulator(app: App) -> str:
    answer = await app.subscribes("Bengkel Jaya", "bulanan")
    invoice = answer.json["open_invoice"]["id"]
    assert (await app.asks("POST", f"/v1/test/invoices/{invoice}/pay")).status == 200
    return f"/v1/subscriptions/{answer.json['id']}"


async def test_each_app_has_its_own_night(story: Story) -> None:
    east = await story.app(name="Timur", zone=JAYAPURA, simulated=True)
    west = await story.app(name="Barat", zone=JAKARTA, simulated=True)
    of_east, of_west = await paid_at_the_simulator(east), await paid_at_the_simulator(west)
    for instant in ("2026-02-21 03:00", "2026-02-28 03:00", "2026-02-28 16:00"):
        story.clock.set(at(instant))
        await story.service.bill()
    assert (await east.asks("GET", of_east)).json["status"] == "grace"
    assert (await west.asks("GET", of_west)).json["status"] == "active"
    story.clock.set(at("2026-02-28 18:00"))
    await story.service.bill()
    assert (await west.asks("GET", of_west)).json["status"] == "grace"


@pytest.mark.parametrize("zone", [MAKASSAR, JAYAPURA])
async def test_in_a_zone_ahead_of_utc_no_hour_makes_a_second_invoice(
    story: Story, zone: str
) -> None:
    await story.app(zone=zone)
    tenant = await starts(story)
    story.clock.set(at("2026-02-20 12:00"))
    for _ in range(30):
        story.clock.advance(timedelta(hours=1))
        await story.service.bill()
    _, renewal = await invoices(tenant)
    assert (renewal["issued_on"], renewal["due_on"], renewal["period_start"]) == (
        "2026-02-21", "2026-02-28", "2026-03-01",
    )  # fmt: skip


async def test_a_trial_that_begins_after_local_midnight_is_not_a_day_short(story: Story) -> None:
    story.clock.set(at("2026-02-10 15:30"))  # half past midnight of the 11th
    await story.app(zone=JAYAPURA)
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    assert await state(tenant, "status", "paid_through") == ("trialing", "2026-02-25")
    await story.it_becomes(date(2026, 2, 18))
    await story.it_becomes(date(2026, 2, 25), time(23, 59))
    assert await state(tenant, "status", "access") == ("trialing", True)
    await story.it_becomes(date(2026, 2, 26), time(1))
    assert await state(tenant, "status") == ("grace",)


async def test_a_number_belongs_to_the_local_year(story: Story) -> None:
    story.clock.set(at("2026-12-31 16:30"))
    numbers = []
    for zone in (JAKARTA, MAKASSAR):
        await story.app(name=zone.removeprefix("Asia/"), zone=zone)
        tenant = await story.subscribe("Bengkel Jaya", "bulanan")
        numbers.append(tenant.first_answer["open_invoice"]["number"].partition("-")[2])
    assert numbers == ["2026-000001", "2027-000001"]


async def test_a_year_in_jayapura_has_twelve_renewals(story: Story) -> None:
    await story.app(zone=JAYAPURA)
    tenant = await starts(story)
    for _ in range(12):
        through = date.fromisoformat((await state(tenant, "paid_through"))[0])
        await story.it_becomes(through - timedelta(days=7), time(1))
        await story.it_becomes(through, time(23, 30))
        await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2027-02-28")
    assert len(await invoices(tenant)) == 13
