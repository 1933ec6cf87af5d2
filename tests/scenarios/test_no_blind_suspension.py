"""Nobody is locked out while their money may be there already."""

from datetime import date, timedelta

from tests.scenarios.test_billing_run import GRACE_END, paid
from tests.story import Story

DAY_AFTER = GRACE_END + timedelta(days=1)


async def test_money_whose_notice_was_lost_is_found_before_suspension(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 3, 4))
    code = await tenant.asks_for_code()
    await tenant.pays_without_notice(code)
    await story.until(DAY_AFTER)
    now = await tenant.subscription()
    assert (now["status"], now["paid_through"]) == ("active", "2026-03-31")
    assert "subscription.suspended" not in await story.heard_types()


async def test_while_the_gateway_is_silent_suspension_waits(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 3, 6))
    await tenant.asks_for_code()
    await story.pakasir.stop()
    await story.until(date(2026, 3, 10))
    now = await tenant.subscription()
    assert (now["status"], now["access"], now["grace_until"]) == ("grace", True, "2026-03-07")

    await story.pakasir.start()
    await story.days_pass(2)
    assert await tenant.status() == "suspended"


async def test_money_that_came_while_the_gateway_was_silent_counts_as_paid_in_grace(
    story: Story,
) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 3, 6))
    await tenant.pays_without_notice(await tenant.asks_for_code())
    await story.pakasir.stop()
    await story.until(date(2026, 3, 10))
    assert await tenant.status() == "grace"
    await story.pakasir.start()
    await story.days_pass()
    assert (await tenant.subscription())["paid_through"] == "2026-03-31"


async def test_an_open_first_invoice_is_void_after_its_time_and_a_last_look(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.asks_for_code()
    await story.days_pass(2)
    assert await tenant.status() == "pending"
    await story.days_pass()
    now = await tenant.subscription()
    assert (now["status"], now["open_invoice"]) == ("expired", None)
    assert "subscription.expired" in await story.heard_types()


async def test_money_paid_in_time_and_found_late_saves_the_first_invoice(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    story.pakasir.muted = True
    await tenant.pays_without_notice(await tenant.asks_for_code())
    story.clock.advance(timedelta(hours=73))
    await story.service.bill()
    assert await tenant.status() == "pending"
    await story.service.sweep()
    assert await tenant.status() == "active"
