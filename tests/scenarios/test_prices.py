"""A plan's price changes: for those to come, and for subscribers when the owner says so."""

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
