"""Reminders: one for each invoice and day agreed on, at a decent hour, for ever once."""

import asyncio
from collections import Counter
from datetime import date, time

from payment_service.actions.send_reminders import send_reminders
from tests.scenarios.test_billing_run import app_of, paid
from tests.story import Event, Story


async def reminders(story: Story) -> list[Event]:
    heard = {event.id: event for event in await story.heard()}
    found = [event for event in heard.values() if event.type == "invoice.reminder"]
    return sorted(found, key=lambda event: event.data["days_from_due"])


async def days_told(story: Story) -> list[int]:
    return [event.data["days_from_due"] for event in await reminders(story)]


async def test_an_unpaid_renewal_is_told_of_five_times(story: Story) -> None:
    await paid(story)
    await story.until(date(2026, 3, 6))
    assert await days_told(story) == [-7, -3, -1, 0, 3]


async def test_a_paid_invoice_is_told_of_no_more(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 26))
    await tenant.pays(await tenant.asks_for_code())
    await story.until(date(2026, 3, 6))
    assert await days_told(story) == [-7, -3]


async def test_nobodys_phone_rings_at_one(story: Story) -> None:
    await paid(story)
    await story.until(date(2026, 2, 20))
    await story.it_becomes(date(2026, 2, 21), time(1))
    await story.it_becomes(date(2026, 2, 21), time(8, 59))
    assert await days_told(story) == []
    await story.it_becomes(date(2026, 2, 21), time(9))
    assert await days_told(story) == [-7]


async def test_after_days_without_a_run_only_the_newest_is_sent(story: Story) -> None:
    await paid(story)
    await story.until(date(2026, 2, 22))
    await story.it_becomes(date(2026, 2, 28), time(10))
    assert await days_told(story) == [-7, 0]


async def test_runs_that_overlap_remind_once(story: Story) -> None:
    for number in range(20):
        await paid(story, f"Bengkel {number}")
    await story.until(date(2026, 2, 20))
    await story.it_becomes(date(2026, 2, 21), time(1))
    story.clock.set(story.clock.now().replace(hour=3))
    app, runtime = await app_of(story), story.service.runtime
    await asyncio.gather(*(send_reminders(runtime, app) for _ in range(4)))
    await story.days_pass(20)
    told = Counter(
        (event.data["invoice"]["id"], event.data["days_from_due"])
        for event in await reminders(story)
    )
    assert len(told) == 20 * 5
    assert set(told.values()) == {1}


async def test_a_reminder_can_be_sent_on_as_it_is(story: Story) -> None:
    await paid(story)
    await story.until(date(2026, 2, 25))
    first, *_ = await reminders(story)
    invoice = first.data["invoice"]
    assert first.data["customer_reference"] == "Bengkel Jaya"
    assert first.data["text"]["id"] == (
        f"Halo Bengkel Jaya, tagihan {invoice['number']} untuk Bulanan sebesar Rp99.000 jatuh "
        f"tempo pada 28 Februari 2026. Bayar dengan QRIS: {invoice['pay_url']}"
    )
    assert "is due on 28 February 2026" in first.data["text"]["en"]


async def test_a_first_invoice_is_not_told_of_in_the_hour_of_its_issue(story: Story) -> None:
    await story.subscribe("Bengkel Jaya", "bulanan")
    await story.service.bill()
    assert await days_told(story) == []
    await story.days_pass(4)
    assert await days_told(story) == [-1, 0]
