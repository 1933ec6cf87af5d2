"""Trials and free plans: to paid, to nothing, and only once."""

from datetime import date, time

from tests.scenarios.renewals import comes_due, invoices, last_day, renews, starts, state
from tests.story import Story, Tenant

TRIAL_ENDS = date(2026, 2, 14)
"""Fourteen days from 31 January."""


async def on_trial(story: Story, *, on: date | None = None) -> Tenant:
    if on is not None:
        await story.it_becomes(on)
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    assert await state(tenant, "status", "access") == ("trialing", True)
    return tenant


async def test_a_trial_that_is_paid_in_time_is_paid_from_its_end(story: Story) -> None:
    tenant = await on_trial(story)
    assert await state(tenant, "open_invoice") == (None,)
    await comes_due(story, tenant)
    (invoice,) = await state(tenant, "open_invoice")
    assert (invoice["kind"], invoice["issued_on"], invoice["due_on"]) == (
        "first", "2026-02-07", "2026-02-14",
    )  # fmt: skip
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2026-03-14")
    assert await renews(story, tenant) == date(2026, 4, 14)
    types = await story.heard_types()
    assert types.count("subscription.trial_started") == 1
    assert types.count("subscription.activated") == 1
    assert types.count("subscription.renewed") == 1


async def test_the_first_period_after_a_trial_is_a_whole_month(story: Story) -> None:
    """Its anchor is the trial's end, also where that is a 31st and was paid a week before."""
    tenant = await on_trial(story, on=date(2026, 3, 17))
    await story.it_becomes(date(2026, 3, 24))
    await tenant.pays(await tenant.asks_for_code())
    assert await last_day(tenant) == date(2026, 4, 30)
    (invoice,) = await invoices(tenant)
    assert (invoice["period_start"], invoice["period_end"]) == ("2026-04-01", "2026-04-30")
    assert await renews(story, tenant) == date(2026, 5, 31)


async def test_a_trial_that_is_paid_in_grace_is_paid_from_its_end(story: Story) -> None:
    tenant = await on_trial(story)
    await comes_due(story, tenant, 3)
    assert await state(tenant, "status", "access") == ("grace", True)
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2026-03-14")
    assert (await story.heard_types()).count("subscription.renewed") == 1


async def test_a_trial_has_access_through_its_last_minute(story: Story) -> None:
    tenant = await on_trial(story)
    await comes_due(story, tenant)
    await story.it_becomes(TRIAL_ENDS, time(23, 59))
    assert await state(tenant, "status", "access") == ("trialing", True)


async def test_a_trial_that_nobody_pays_for_comes_to_nothing(story: Story) -> None:
    """Its first invoice does not time out: the days of grace are what it has."""
    tenant = await on_trial(story)
    await comes_due(story, tenant, 7)
    assert await state(tenant, "status", "grace_until") == ("grace", "2026-02-21")
    await story.it_becomes(date(2026, 2, 22))
    assert await state(tenant, "status", "reason", "access") == ("suspended", "nonpayment", False)
    await story.it_becomes(date(2026, 4, 23))
    assert await state(tenant, "status", "reason", "open_invoice") == (
        "canceled", "nonpayment", None,
    )  # fmt: skip
    (invoice,) = await invoices(tenant)
    assert invoice["status"] == "void"
    assert "subscription.activated" not in await story.heard_types()


async def test_a_second_trial_is_no_trial(story: Story) -> None:
    tenant = await on_trial(story)
    canceled = await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel", {"at": "now"})
    assert canceled.status == 200
    answer = await tenant.subscribes_again("coba")
    assert (answer.status, answer.json["status"], answer.json["access"]) == (201, "pending", False)
    assert answer.json["open_invoice"]["total"] == 99_000


async def test_a_free_tenant_is_never_billed(story: Story) -> None:
    tenant = await starts(story, plan="gratis")
    for day in (date(2026, 2, 28), date(2026, 8, 1), date(2027, 3, 1)):
        await story.it_becomes(day)
        assert await state(tenant, "status", "access", "paid_through") == ("active", True, None)
    assert await invoices(tenant) == []
    assert await story.heard_types() == ["subscription.activated", "subscription.created"]


async def test_free_to_paid_counts_from_its_payment_and_then_renews(story: Story) -> None:
    tenant = await starts(story, plan="gratis")
    await story.it_becomes(date(2026, 5, 31))
    path = f"/v1/subscriptions/{tenant.id}/change-plan"
    assert (await tenant.app.asks("POST", path, {"plan": "bulanan"})).status == 200
    await tenant.pays(await tenant.asks_for_code())
    ends = [await last_day(tenant), await renews(story, tenant), await renews(story, tenant)]
    assert ends == [date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)]
    assert [one["total"] for one in await invoices(tenant)] == [99_000] * 3
