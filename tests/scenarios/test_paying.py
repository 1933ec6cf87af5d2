"""Paying a first invoice: what the tenant gets, and what the app hears of it."""

import asyncio
from datetime import date

from tests.story import Story

ONE_MONTH_ON = date(2026, 2, 28)  # the story begins on 31 January


async def test_a_tenant_pays_and_is_let_in(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    before = tenant.first_answer
    assert (before["status"], before["access"], before["seq"]) == ("pending", False, 1)
    assert before["open_invoice"]["number"] == "BB-2026-000001"

    code = await tenant.asks_for_code()
    assert (code.amount, code.total) == (99_000, 100_003)
    await tenant.pays(code)

    after = await tenant.subscription()
    assert (after["status"], after["access"], after["seq"]) == ("active", True, 2)
    assert after["paid_through"] == ONE_MONTH_ON.isoformat()
    assert after["open_invoice"] is None
    invoice = await tenant.invoice(code.invoice_id)
    assert (invoice["status"], invoice["amount_due"]) == ("paid", 0)
    assert (invoice["period_start"], invoice["period_end"]) == ("2026-02-01", "2026-02-28")


async def test_the_app_hears_each_step_once_and_signed(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    heard = {event.type: event for event in await story.heard()}
    assert len(story.receiver.heard) == len(heard) == 4
    assert await story.heard_types() == [
        "invoice.issued",
        "invoice.paid",
        "subscription.activated",
        "subscription.created",
    ]
    created, activated = heard["subscription.created"], heard["subscription.activated"]
    assert (created.data["seq"], created.data["access"]) == (1, False)
    assert (activated.data["seq"], activated.data["access"]) == (2, True)
    assert activated.data.pop("access_pass")
    assert activated.data == await tenant.subscription()


async def test_the_notice_that_comes_twice_activates_once(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    notice = await tenant.pays_without_notice(code)
    assert (await story.notice_comes(notice)).status == 200
    assert (await story.notice_comes(notice)).status == 200
    await story.minutes_pass(10)
    assert (await tenant.subscription())["seq"] == 2
    assert (await story.heard_types()).count("subscription.activated") == 1


async def test_fifty_copies_of_a_notice_at_once_settle_once(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    answers = await asyncio.gather(*(story.notice_comes(notice) for _ in range(50)))
    assert [answer.status for answer in answers] == [200] * 50
    await story.seconds_pass(30)
    after = await tenant.subscription()
    assert (after["status"], after["seq"]) == ("active", 2)
    assert (await story.heard_types()).count("subscription.activated") == 1
    assert story.pakasir.calls["transaction-status"] == 1


async def test_a_code_asked_for_twenty_times_at_once_is_one_code(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    answers = await asyncio.gather(*(tenant.tries_for_code() for _ in range(20)))
    assert [answer.status for answer in answers] == [200] * 20
    assert len({answer.json["charge_id"] for answer in answers}) == 1
    assert len({answer.json["qr_string"] for answer in answers}) == 1


async def test_a_code_is_handed_out_again_while_it_has_life_enough(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    first = await tenant.asks_for_code()
    await story.minutes_pass(13)
    assert await tenant.asks_for_code() == first
    await story.seconds_pass(1)
    assert (await tenant.asks_for_code()).order_id != first.order_id


async def test_two_tenants_do_not_touch_each_other(story: Story) -> None:
    jaya = await story.subscribe("Bengkel Jaya", "bulanan")
    maju = await story.subscribe("Bengkel Maju", "tahunan")
    await maju.asks_for_code()
    await jaya.pays(await jaya.asks_for_code())
    assert (await jaya.status(), await maju.status()) == ("active", "pending")


async def test_a_plan_for_a_year_is_paid_a_year_on(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "tahunan")
    await tenant.pays(await tenant.asks_for_code())
    assert (await tenant.subscription())["paid_through"] == "2027-01-31"
