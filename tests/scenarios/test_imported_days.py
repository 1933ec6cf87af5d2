"""Days that an import brought: what was paid in the older system is worth its price here too."""

from datetime import date
from math import ceil
from typing import Any

import pytest

from tests.scenarios.renewals import last_day
from tests.scenarios.test_changing_plan import changed, credit
from tests.scenarios.test_moving_over import ROW, imports, tenant
from tests.scenarios.test_paying_ahead import code_ahead
from tests.story import Story, Tenant

# Today is 31 January 2026.
YEARLY = {**ROW, "plan": "tahunan", "paid_through": "2027-01-27"}
LEFT = ceil(990_000 * 361 / 365)


async def brought(story: Story, row: dict[str, Any]) -> Tenant:
    assert (await imports(story, row)).flaws == ()
    return await tenant(story)


async def unused(tenant: Tenant) -> int:
    lines = (await changed(tenant, "besar", "now"))["upgrade_invoice"]["lines"]
    return -int(lines[1]["amount"]) if len(lines) > 1 else 0


async def test_paying_ahead_does_not_make_them_worthless(story: Story) -> None:
    moved = await brought(story, YEARLY)
    assert await unused(moved) == LEFT
    await moved.pays(await code_ahead(moved, 1))
    assert await last_day(moved) == date(2028, 1, 27)
    assert await unused(moved) == ceil(990_000 * 361 / 365 + 990_000)


async def test_the_lead_before_the_first_renewal_counts(story: Story) -> None:
    """Three days are left of a month of 31, and the next is paid."""
    moved = await brought(story, ROW)
    await story.days_pass()
    await moved.pays(await moved.asks_for_code())
    assert await unused(moved) == ceil(99_000 * 2 / 31 + 99_000)


@pytest.mark.parametrize(
    ("through", "worth"),
    [
        ("2026-01-31", 0),
        ("2026-02-03", ceil(99_000 * 3 / 31)),
        ("2026-12-31", 11 * 99_000),
        ("2027-01-15", ceil(11 * 99_000 + 99_000 * 15 / 31)),
    ],
)
async def test_months_ahead_count_each_by_its_own_days(
    story: Story, through: str, worth: int
) -> None:
    row = {**ROW, "paid_through": through, "anchor_day": 31 if through[-2:] == "31" else None}
    assert await unused(await brought(story, row)) == worth


async def test_history_tells_what_its_own_days_cost(story: Story) -> None:
    """A month that was paid at 50,000, and one after it at the price of the line."""
    history = {
        "number": "L-1", "amount": 50_000, "paid_on": "2026-01-01",
        "period_start": "2026-01-04", "period_end": "2026-02-03",
    }  # fmt: skip
    row = {**ROW, "price": 80_000, "paid_through": "2026-03-03", "paid_invoices": [history]}
    moved = await brought(story, row)
    assert await unused(moved) == ceil(50_000 * 3 / 31 + 80_000)


async def test_days_that_an_admin_gave_are_worth_nothing(story: Story) -> None:
    moved = await brought(story, ROW)
    owner = await story.admin()
    body = {"days": 30, "reason": "hadiah"}
    path = f"/v1/subscriptions/{moved.id}/extend"
    assert (await owner.asks("POST", path, body)).status == 200
    assert await unused(moved) == ceil(99_000 * 3 / 31)


async def test_they_are_bought_back_once(story: Story) -> None:
    moved = await brought(story, {**YEARLY, "paid_through": "2029-01-27"})
    await changed(moved, "besar", "now")
    worth = ceil(990_000 * 361 / 365 + 2 * 990_000)
    assert await credit(moved) == worth - 990_400
    owner = await story.admin()
    body = {"days": 60, "reason": "hadiah"}
    await owner.asks("POST", f"/v1/subscriptions/{moved.id}/extend", body)
    plan = {"code": "raja", "name": "Raja", "price": 2_000_000, "months": 12}
    assert (await owner.asks("POST", "/v1/plans", plan)).status == 201
    invoice = (await changed(moved, "raja", "now"))["upgrade_invoice"]
    assert [line["amount"] for line in invoice["lines"]][:2] == [2_000_000, -990_400]


async def test_a_change_of_plan_does_not_make_them_dearer(story: Story) -> None:
    """Yearly days stay what a year cost, also for who goes on by the month."""
    moved = await brought(story, YEARLY)
    await changed(moved, "bulanan")
    await moved.pays(await code_ahead(moved, 1))
    assert (await moved.subscription())["plan"]["code"] == "bulanan"
    await moved.pays(await code_ahead(moved, 1))
    assert await unused(moved) == ceil(990_000 * 361 / 365 + 2 * 99_000)


async def test_on_the_last_day_the_upgrade_has_no_line_about_nothing(story: Story) -> None:
    moved = await brought(story, {**ROW, "paid_through": "2026-01-31"})
    invoice = (await changed(moved, "tahunan", "now"))["upgrade_invoice"]
    assert [line["amount"] for line in invoice["lines"]] == [990_000]
