"""A year of monthly billing, by tenants of every habit."""

from datetime import date

from tests.story import Story, Tenant


async def paid(story: Story, name: str = "Bengkel Jaya", plan: str = "bulanan") -> Tenant:
    tenant = await story.subscribe(name, plan)
    await tenant.pays(await tenant.asks_for_code())
    return tenant


async def test_a_year_on_time(story: Story) -> None:
    """From 31 January: the anchor day is kept through every short month."""
    tenant = await paid(story)
    ends = []
    for _ in range(12):
        last_day = date.fromisoformat((await tenant.subscription())["paid_through"])
        ends.append(last_day)
        await story.until(last_day)
        now = await tenant.subscription()
        assert (now["status"], now["access"]) == ("active", True)
        assert now["open_invoice"]["due_on"] == last_day.isoformat()
        await tenant.pays(await tenant.asks_for_code())
    assert [(end.month, end.day) for end in ends] == [
        (2, 28), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 30),
        (12, 31), (1, 31),
    ]  # fmt: skip
    types = await story.heard_types()
    assert types.count("subscription.renewed") == 12
    assert "subscription.grace_started" not in types


async def test_never_paying_ends_in_suspension_and_then_in_the_end(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 28))
    assert await tenant.status() == "active"
    await story.days_pass()
    now = await tenant.subscription()
    assert (now["status"], now["access"], now["grace_until"]) == ("grace", True, "2026-03-07")
    await story.until(date(2026, 3, 7))
    assert await tenant.status() == "grace"
    await story.days_pass()
    now = await tenant.subscription()
    assert (now["status"], now["access"], now["reason"]) == ("suspended", False, "nonpayment")
    await story.until(date(2026, 5, 6))
    assert await tenant.status() == "suspended"
    await story.days_pass()
    now = await tenant.subscription()
    assert (now["status"], now["reason"], now["open_invoice"]) == ("canceled", "nonpayment", None)
