"""Paying late: in grace, on its last minute, after it, after suspension, and after the end."""

from datetime import date, datetime, time

import pytest

from tests.books.test_credit import credit_of
from tests.scenarios.renewals import DAY, comes_due, last_day, pays_old, renews, starts, state
from tests.story import Story

GRACE_ENDS = date(2026, 3, 7)
"""Paid on 31 January for a month, and seven days of grace after 28 February."""


async def test_paying_on_the_last_day_of_grace_counts_from_the_old_end(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 7)
    await story.it_becomes(GRACE_ENDS, time(23, 58))
    assert await state(tenant, "status", "access") == ("grace", True)
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2026-03-31")
    await story.days_pass()
    assert await state(tenant, "status", "grace_until") == ("active", None)
    types = await story.heard_types()
    assert types.count("subscription.renewed") == 1
    assert "subscription.suspended" not in types


async def test_after_midnight_grace_is_over_though_the_run_has_not_come(story: Story) -> None:
    """Access ends with the run at one; money between counts from its own day, as after it."""
    tenant = await starts(story)
    await comes_due(story, tenant, 7)
    await story.it_becomes(GRACE_ENDS + DAY, time(0, 30))
    assert await state(tenant, "status", "access") == ("grace", True)
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2026-04-08")
    await story.it_becomes(GRACE_ENDS + DAY, time(1))
    assert "subscription.suspended" not in await story.heard_types()


@pytest.mark.parametrize("minutes_past_midnight", [1, 59])
async def test_paying_before_the_run_has_begun_grace_counts_from_the_old_end(
    story: Story, minutes_past_midnight: int
) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant)
    at = datetime.combine(date(2026, 3, 1), time(0, minutes_past_midnight), story.zone)
    story.clock.set(at)
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", "2026-03-31")
    assert await renews(story, tenant) == date(2026, 4, 30)


@pytest.mark.parametrize(
    ("days", "through"), [(4, "2026-03-31"), (7, "2026-03-31"), (8, "2026-04-08")]
)
async def test_an_outage_of_the_billing_run_gives_no_free_days(
    story: Story, days: int, through: str
) -> None:
    """Until the last day of the grace that there would have been; later it would be a gap."""
    tenant = await starts(story)
    await comes_due(story, tenant)
    story.clock.set(datetime.combine(date(2026, 2, 28), time(10), story.zone) + days * DAY)
    assert await state(tenant, "status") == ("active",)
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "paid_through") == ("active", through)
    await story.days_pass()
    assert await state(tenant, "status") == ("active",)


async def test_paying_after_suspension_begins_anew_on_that_day(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 8)
    assert await state(tenant, "status", "access") == ("suspended", False)
    await story.it_becomes(date(2026, 3, 20))
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "status", "reason", "access", "paid_through") == (
        "active", None, True, "2026-04-20",
    )  # fmt: skip
    assert await renews(story, tenant) == date(2026, 5, 20)
    types = await story.heard_types()
    assert types.count("subscription.resumed") == 1
    assert types.count("subscription.renewed") == 1


async def test_money_of_the_last_hour_of_grace_that_is_found_in_the_suspension(
    story: Story,
) -> None:
    """The gateway was asked minutes before it came, and its notice got lost."""
    tenant = await starts(story)
    await comes_due(story, tenant, 7)
    await story.it_becomes(GRACE_ENDS, time(23, 50))
    code = await tenant.asks_for_code()
    await story.it_becomes(GRACE_ENDS, time(23, 53))
    await tenant.pays_without_notice(code)
    await story.it_becomes(GRACE_ENDS + DAY, time(1))
    assert await state(tenant, "status", "paid_through") == ("active", "2026-03-31")


@pytest.mark.parametrize(
    ("late_payment", "days", "through"),
    [
        ("grace_then_payment_day", 5, date(2026, 3, 31)),
        ("grace_then_payment_day", 20, date(2026, 4, 20)),
        ("period_end", 5, date(2026, 3, 31)),
        ("period_end", 20, date(2026, 3, 31)),
        # The period would be over already: nobody pays for days that are gone.
        ("period_end", 40, date(2026, 5, 9)),
        ("payment_day", 0, date(2026, 3, 31)),
        ("payment_day", 5, date(2026, 4, 5)),
        ("payment_day", 20, date(2026, 4, 20)),
    ],
)
async def test_a_late_payment_counts_from_where_the_plan_says(
    story: Story, late_payment: str, days: int, through: date
) -> None:
    app = await story.app()
    plan = {"code": "telat", "name": "Telat", "price": 99_000, "months": 1}
    made = await app.asks("POST", "/v1/plans", {**plan, "late_payment": late_payment})
    assert made.status == 201, made.body
    tenant = await starts(story, plan="telat")
    await comes_due(story, tenant, min(days, 8))
    assert await renews(story, tenant, days) == through
    assert await state(tenant, "status", "access") == ("active", True)
    invoice = await tenant.subscription()
    assert (invoice["open_invoice"], await credit_of(tenant)) == (None, 0)


async def test_whoever_is_always_late_keeps_the_anchor_day(story: Story) -> None:
    tenant = await starts(story)
    ends = [await renews(story, tenant, days) for days in (5, 7, 1)]
    assert ends == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


async def test_without_grace_days_the_day_after_is_the_end(story: Story) -> None:
    app = await story.app()
    plan = {"code": "ketat", "name": "Ketat", "price": 99_000, "months": 1, "grace_days": 0}
    assert (await app.asks("POST", "/v1/plans", plan)).status == 201
    tenant = await starts(story, plan="ketat")
    await comes_due(story, tenant)
    await story.it_becomes(date(2026, 2, 28), time(23, 59))
    assert await state(tenant, "status", "access") == ("active", True)
    await story.it_becomes(date(2026, 3, 1), time(1))
    assert await state(tenant, "status", "reason") == ("suspended", "nonpayment")
    await tenant.pays(await tenant.asks_for_code())
    assert await last_day(tenant) == date(2026, 4, 1)
    assert "subscription.grace_started" not in await story.heard_types()


async def test_an_old_code_paid_after_the_end_lets_the_tenant_in_again(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 8)
    await story.it_becomes(date(2026, 5, 6), time(20))
    assert await state(tenant, "status") == ("suspended",)
    code = await tenant.asks_for_code()
    await story.it_becomes(date(2026, 5, 7), time(1))
    assert await state(tenant, "status", "reason") == ("canceled", "nonpayment")
    await story.it_becomes(date(2026, 5, 7))
    await pays_old(story, tenant, code)
    assert await state(tenant, "status", "paid_through") == ("active", "2026-06-07")
    assert (await tenant.invoice(code.invoice_id))["status"] == "paid"
    types = await story.heard_types()
    assert types.count("subscription.canceled") == types.count("subscription.resumed") == 1
