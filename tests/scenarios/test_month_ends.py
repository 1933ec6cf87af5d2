"""Month ends: the anchor day is kept, through short months and leap years."""

from datetime import date

import pytest

from tests.scenarios.renewals import invoices, last_day, renews, starts
from tests.scenarios.test_moving_over import ROW, imports
from tests.scenarios.test_moving_over import tenant as imported
from tests.story import Story


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-01-29", ["2026-02-28", "2026-03-29", "2026-04-29"]),
        ("2026-01-30", ["2026-02-28", "2026-03-30", "2026-04-30"]),
        ("2027-12-31", ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
    ],
)
async def test_a_month_from_a_month_end(story: Story, start: str, ends: list[str]) -> None:
    tenant = await starts(story, on=date.fromisoformat(start))
    found = [await last_day(tenant)]
    while len(found) < len(ends):
        found.append(await renews(story, tenant))
    assert [day.isoformat() for day in found] == ends


async def test_a_year_from_29_february_comes_back_to_it(story: Story) -> None:
    tenant = await starts(story, on=date(2028, 2, 29), plan="tahunan")
    ends = [await last_day(tenant)]
    ends += [await renews(story, tenant) for _ in range(3)]
    assert [day.isoformat() for day in ends] == [
        "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip
    periods = [(one["period_start"], one["period_end"]) for one in await invoices(tenant)]
    assert periods == [
        ("2028-03-01", "2029-02-28"),
        ("2029-03-01", "2030-02-28"),
        ("2030-03-01", "2031-02-28"),
        ("2031-03-01", "2032-02-29"),
    ]


async def test_half_a_year_from_31_august(story: Story) -> None:
    app = await story.app()
    plan = {"code": "semester", "name": "Semester", "price": 500_000, "months": 6}
    assert (await app.asks("POST", "/v1/plans", plan)).status == 201
    tenant = await starts(story, on=date(2026, 8, 31), plan="semester")
    ends = [await last_day(tenant), await renews(story, tenant), await renews(story, tenant)]
    assert ends == [date(2027, 2, 28), date(2027, 8, 31), date(2028, 2, 29)]


async def test_the_anchor_does_not_drift_though_each_payment_is_late_in_a_short_month(
    story: Story,
) -> None:
    tenant = await starts(story)
    ends = [await last_day(tenant)]
    ends += [await renews(story, tenant, days) for days in (3, 0, 6, 0, 0)]
    assert [(day.month, day.day) for day in ends] == [
        (2, 28), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31),
    ]  # fmt: skip


async def test_an_import_in_a_short_month_keeps_its_anchor_day(story: Story) -> None:
    await story.it_becomes(date(2026, 2, 20))
    await imports(story, {**ROW, "paid_through": "2026-02-28", "anchor_day": 31})
    moved = await imported(story)
    ends = [await renews(story, moved) for _ in range(3)]
    assert ends == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


async def test_a_suspension_on_the_31st_makes_that_the_anchor(story: Story) -> None:
    tenant = await starts(story, on=date(2026, 2, 10))
    await renews(story, tenant)
    assert await renews(story, tenant, 8) == date(2026, 5, 18)
    assert await renews(story, tenant, 13) == date(2026, 6, 30)
    assert await renews(story, tenant) == date(2026, 7, 31)
