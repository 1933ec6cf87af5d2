"""A plan's price changes: for those to come, and for subscribers when the owner says so."""

import asyncio
from datetime import date
from typing import Any

from tests.scenarios.test_billing_run import paid
from tests.service import Answer
from tests.story import App, Story


async def edits(app: App, code: str, **change: Any) -> Answer:
    plans = (await app.asks("GET", "/v1/plans?limit=100")).json["data"]
    plan = next(plan for plan in plans if plan["code"] == code)
    return await app.asks("PATCH", f"/v1/plans/{plan['id']}", change)


async def test_what_was_sold_stays_as_it_was_sold(story: Story) -> None:
    tenant = await paid(story)
    assert (await edits(tenant.app, "bulanan", price=129_000)).json["price"] == 129_000
    newcomer = await story.subscribe("Bengkel Baru", "bulanan")
    assert newcomer.first_answer["open_invoice"]["total"] == 129_000
    await story.until(date(2026, 2, 21))
    assert (await tenant.subscription())["open_invoice"]["total"] == 99_000
    await tenant.pays(await tenant.asks_for_code())
    await story.until(date(2026, 3, 24))
    assert (await tenant.subscription())["open_invoice"]["total"] == 99_000


async def test_moved_subscribers_pay_the_new_price_with_their_next_invoice(story: Story) -> None:
    tenant = await paid(story)
    owner = await story.admin()
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    assert (await edits(owner, "bulanan", **moved)).status == 200
    now = await tenant.subscription()
    assert (now["price"], now["pending_change"]) == (
        99_000,
        {"plan": "bulanan", "price": 129_000},
    )
    await story.until(date(2026, 2, 21))
    assert (await tenant.subscription())["open_invoice"]["total"] == 129_000
    await tenant.pays(await tenant.asks_for_code())
    after = await tenant.subscription()
    assert (after["price"], after["pending_change"]) == (129_000, None)


async def test_an_invoice_that_is_open_keeps_its_price_when_subscribers_are_moved(
    story: Story,
) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    await edits(await story.admin(), "bulanan", **moved)
    assert (await tenant.subscription())["open_invoice"]["total"] == 99_000
    await tenant.pays(await tenant.asks_for_code())
    now = await tenant.subscription()
    assert (now["price"], now["pending_change"]["price"]) == (99_000, 129_000)
    await story.until(date(2026, 3, 24))
    assert (await tenant.subscription())["open_invoice"]["total"] == 129_000


async def test_moving_again_moves_nobody_twice(story: Story) -> None:
    tenant = await paid(story)
    owner = await story.admin()
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    await edits(owner, "bulanan", **moved)
    seq = (await tenant.subscription())["seq"]
    await edits(owner, "bulanan", **moved)
    assert (await tenant.subscription())["seq"] == seq


async def test_moving_subscribers_needs_an_admin_and_a_reason(story: Story) -> None:
    tenant = await paid(story)
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    assert (await edits(tenant.app, "bulanan", **moved)).status == 403
    owner = await story.admin()
    nameless = await edits(owner, "bulanan", price=129_000, move_subscribers=True)
    assert (nameless.status, nameless.json["code"]) == (422, "reason_missing")
    assert (await tenant.subscription())["pending_change"] is None
    plans = (await owner.asks("GET", "/v1/plans?limit=100")).json["data"]
    assert next(plan["price"] for plan in plans if plan["code"] == "bulanan") == 99_000


async def test_what_makes_no_sense_is_refused(story: Story) -> None:
    app = await story.app()
    for change, code in (
        ({"price": 400}, "price_below_limit"),
        ({"price": 0}, "plan_free_or_not"),
        ({"prices_ahead": {"2": 190_000}}, "price_ahead"),
        ({"prices_ahead": {"12": 99_000}}, "price_ahead"),
        ({"prices_ahead": {"12": 10_000_001}}, "price_ahead"),
        ({"grace_days": -1}, "plan_grace_days"),
        ({"late_payment": "never"}, "invalid_request"),
        ({"months": 3}, "invalid_request"),
    ):
        answer = await edits(app, "bulanan", **change)
        assert answer.json["code"] == code, change


async def test_an_archived_plan_is_sold_no_more_and_goes_on(story: Story) -> None:
    tenant = await paid(story)
    assert (await edits(tenant.app, "bulanan", archived=True)).json["archived"] is True
    refused = await tenant.app.subscribes("Bengkel Baru", "bulanan")
    assert (refused.status, refused.json["code"]) == (422, "plan_archived")
    await story.until(date(2026, 2, 21))
    assert (await tenant.subscription())["open_invoice"]["total"] == 99_000
    assert (await edits(tenant.app, "bulanan", archived=False)).json["archived"] is False


async def test_a_trials_first_invoice_that_is_open_keeps_its_price_and_the_next_has_the_new_one(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    await story.until(date(2026, 2, 8))
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    await edits(await story.admin(), "coba", **moved)
    await tenant.pays(await tenant.asks_for_code())
    now = await tenant.subscription()
    assert (now["price"], now["pending_change"]) == (99_000, {"plan": "coba", "price": 129_000})
    await story.until(date(2026, 3, 8))
    assert (await tenant.subscription())["open_invoice"]["total"] == 129_000


async def test_only_who_pays_and_waits_for_no_other_plan_is_moved(story: Story) -> None:
    pending = await story.subscribe("Baru", "bulanan")
    free = await story.subscribe("Gratis", "gratis")
    other = await paid(story, "Murah", plan="murah")
    changing = await paid(story, "Berganti")
    path = f"/v1/subscriptions/{changing.id}/change-plan"
    await changing.app.asks("POST", path, {"plan": "tahunan"})
    tenants = (pending, free, other, changing)
    before = [await tenant.subscription() for tenant in tenants]
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    assert (await edits(await story.admin(), "bulanan", **moved)).status == 200
    assert [await tenant.subscription() for tenant in tenants] == before


async def test_each_subscriber_that_is_moved_is_one_event(story: Story) -> None:
    tenants = [await paid(story, f"Bengkel {number}") for number in range(3)]
    moved = {"price": 129_000, "move_subscribers": True, "reason": "Harga 2026"}
    await edits(await story.admin(), "bulanan", **moved)
    told = [event.data for event in await story.heard() if event.type == "subscription.updated"]
    assert sorted(one["id"] for one in told) == sorted(tenant.id for tenant in tenants)
    assert {one["pending_change"]["price"] for one in told} == {129_000}
    assert [(await one.subscription())["seq"] for one in tenants] == [3] * 3


async def test_two_moves_at_once_end_at_the_price_that_the_plan_has(story: Story) -> None:
    tenants = [await paid(story, f"Bengkel {number}") for number in range(3)]
    owner = await story.admin()
    wishes = [
        edits(owner, "bulanan", price=price, move_subscribers=True, reason="Harga 2026")
        for price in (129_000, 139_000)
    ]
    assert [answer.status for answer in await asyncio.gather(*wishes)] == [200, 200]
    plans = (await owner.asks("GET", "/v1/plans?limit=100")).json["data"]
    (price,) = (plan["price"] for plan in plans if plan["code"] == "bulanan")
    for tenant in tenants:
        assert (await tenant.subscription())["pending_change"]["price"] == price


async def test_the_old_price_again_takes_the_move_back(story: Story) -> None:
    tenant = await paid(story)
    owner = await story.admin()
    for price in (129_000, 99_000):
        await edits(owner, "bulanan", price=price, move_subscribers=True, reason="Harga 2026")
    assert (await tenant.subscription())["pending_change"] is None


async def test_a_plan_shows_what_it_costs_for_longer(story: Story) -> None:
    app = await story.app()
    made = await app.asks(
        "POST",
        "/v1/plans",
        {
            "code": "emas",
            "name": "Emas",
            "price": 150_000,
            "months": 1,
            "late_payment": "period_end",
            "prices_ahead": {"12": 1_500_000},
        },
    )
    assert made.status == 201, made.body
    assert (made.json["late_payment"], made.json["prices_ahead"]) == (
        "period_end",
        {"12": 1_500_000},
    )
    wrong = {"code": "x", "name": "X", "price": 150_000, "months": 12}
    for ahead in ({"6": 800_000}, {"3": 10_000_001}, {"3": 150_000}, {"4": 500_000}):
        answer = await app.asks("POST", "/v1/plans", {**wrong, "prices_ahead": ahead})
        assert (answer.status, answer.json["code"]) == (422, "price_ahead"), ahead


async def test_a_price_that_the_prices_ahead_do_not_bear_is_refused(story: Story) -> None:
    app = await story.app()
    answer = await edits(app, "hemat", price=300_000)
    assert (answer.status, answer.json["code"]) == (422, "price_ahead")
    both = await edits(app, "hemat", price=300_000, prices_ahead={"12": 3_000_000})
    assert (both.status, both.json["prices_ahead"]) == (200, {"12": 3_000_000})
