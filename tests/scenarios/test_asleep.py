"""The service was down for days: what was paid counts from its day, and nobody is locked out."""

from datetime import date, time

from tests.scenarios.renewals import comes_due, invoices, starts, state
from tests.story import Story


async def test_money_that_came_while_we_slept_counts_from_its_own_day(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 3)
    code = await tenant.asks_for_code()
    await tenant.pays_without_notice(code)
    await story.it_becomes(date(2026, 3, 23), time(8))
    assert await state(tenant, "status", "access", "paid_through") == ("active", True, "2026-03-31")
    types = await story.heard_types()
    assert "subscription.suspended" not in types
    assert types.count("subscription.renewed") == 1


async def test_twenty_days_over_a_paid_period_are_nothing(story: Story) -> None:
    tenant = await starts(story)
    await story.it_becomes(date(2026, 2, 21))
    await tenant.pays(await tenant.asks_for_code())
    before = await tenant.subscription()
    await story.it_becomes(date(2026, 3, 13))
    assert await tenant.subscription() == before


async def test_after_months_of_sleep_there_is_still_a_week_to_pay(story: Story) -> None:
    """One invoice, of the period it should have had; that one is over, so money counts from its
    own day. Nobody owes for months in which nothing was asked for."""
    tenant = await starts(story)
    await story.it_becomes(date(2026, 6, 20), time(8))
    assert await state(tenant, "status", "access", "grace_until") == ("grace", True, "2026-06-27")
    _, renewal = await invoices(tenant)
    assert (renewal["due_on"], renewal["period_start"]) == ("2026-02-28", "2026-03-01")
    await story.it_becomes(date(2026, 6, 26))
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2026-07-26")
    assert len(await invoices(tenant)) == 2


async def test_a_cancellation_and_a_free_plan_that_were_slept_through_come_once(
    story: Story,
) -> None:
    leaving = await starts(story, name="Bengkel Jaya")
    going_free = await starts(story, name="Bengkel Maju")
    path = f"/v1/subscriptions/{leaving.id}/cancel"
    assert (await leaving.app.asks("POST", path)).status == 200
    path = f"/v1/subscriptions/{going_free.id}/change-plan"
    assert (await going_free.app.asks("POST", path, {"plan": "gratis"})).status == 200
    await story.it_becomes(date(2026, 3, 20))
    assert await state(leaving, "status", "reason") == ("canceled", "requested")
    assert await state(going_free, "status", "paid_through") == ("active", None)
    types = await story.heard_types()
    assert types.count("invoice.issued") == 2
    assert types.count("subscription.canceled") == 1
    assert types.count("subscription.plan_changed") == 1
