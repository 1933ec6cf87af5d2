"""Paying ahead: several periods with one code, asked for by the app."""

from datetime import date
from typing import Any

from tests.scenarios.test_billing_run import paid
from tests.service import Answer
from tests.story import Code, Story, Tenant


async def asks_ahead(tenant: Tenant, periods: int) -> Answer:
    path = f"/v1/subscriptions/{tenant.id}/pay-ahead"
    return await tenant.app.asks("POST", path, {"periods": periods})


async def code_ahead(tenant: Tenant, periods: int) -> Code:
    answer = await asks_ahead(tenant, periods)
    assert answer.status == 200, answer.body
    told = answer.json
    return Code(
        told["charge_id"], told["invoice_id"], told["qr_string"], told["amount"], told["total"]
    )


async def invoices(tenant: Tenant) -> list[dict[str, Any]]:
    reference = tenant.first_answer["customer"]["reference"]
    found = await tenant.app.asks("GET", f"/v1/invoices?customer={reference}")
    return sorted(found.json["data"], key=lambda one: str(one["number"]))


async def test_three_periods_are_paid_when_nothing_is_due(story: Story) -> None:
    tenant = await paid(story)
    code = await code_ahead(tenant, 3)
    assert code.amount == 297_000
    renewal = (await tenant.subscription())["open_invoice"]
    assert (renewal["total"], renewal["due_on"]) == (99_000, "2026-02-28")
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["paid_through"], after["open_invoice"]) == ("2026-05-31", None)
    _, first, rest = await invoices(tenant)
    assert (first["period_start"], first["period_end"], first["total"]) == (
        "2026-03-01",
        "2026-03-31",
        99_000,
    )
    assert (rest["period_start"], rest["period_end"], rest["total"], rest["status"]) == (
        "2026-04-01",
        "2026-05-31",
        198_000,
        "paid",
    )
    assert (await story.heard_types()).count("subscription.renewed") == 1
    await story.until(date(2026, 5, 23))
    assert (await tenant.subscription())["open_invoice"] is None
    await story.days_pass()
    assert (await tenant.subscription())["open_invoice"]["due_on"] == "2026-05-31"


async def test_a_year_costs_what_the_plan_says(story: Story) -> None:
    tenant = await paid(story, plan="hemat")
    code = await code_ahead(tenant, 12)
    assert code.amount == 990_000
    await tenant.pays(code)
    assert (await tenant.subscription())["paid_through"] == "2027-02-28"


async def test_the_first_invoice_can_be_paid_with_more(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    invoice = tenant.first_answer["open_invoice"]["id"]
    answer = await tenant.app.asks("POST", f"/v1/invoices/{invoice}/qris", {"periods": 6})
    assert (answer.status, answer.json["amount"]) == (200, 594_000)
    await story.money_arrives(answer.json["charge_id"])
    await story.service.rest()
    after = await tenant.subscription()
    assert (after["status"], after["paid_through"]) == ("active", "2026-07-31")


async def test_an_old_code_of_one_period_still_buys_one(story: Story) -> None:
    """Both are paid in the end: the year's money then finds nothing open, and is credit."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    one = await tenant.asks_for_code()
    year = await code_ahead(tenant, 12)
    assert (one.invoice_id, one.amount, year.amount) == (year.invoice_id, 99_000, 1_188_000)
    await tenant.pays(one)
    assert (await tenant.subscription())["paid_through"] == "2026-02-28"
    await tenant.pays(year)
    customer = (await tenant.subscription())["customer"]["id"]
    credit = await tenant.app.asks("GET", f"/v1/customers/{customer}/credit")
    assert credit.json["balance"] == 1_188_000
    await story.until(date(2026, 2, 21))
    assert (await tenant.subscription())["paid_through"] == "2026-03-31"


async def test_what_cannot_be_paid_ahead_is_refused_and_issues_nothing(story: Story) -> None:
    free = await story.subscribe("Gratis", "gratis")
    assert (await asks_ahead(free, 1)).json["code"] == "nothing_to_pay_ahead"
    tenant = await paid(story, plan="tahunan")
    before = await tenant.subscription()
    assert (await asks_ahead(tenant, 6)).json["code"] == "periods_ahead"
    assert (await asks_ahead(tenant, 2)).status == 422
    assert (await asks_ahead(tenant, -1)).status == 422
    await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel")
    refused = await asks_ahead(tenant, 1)
    assert (refused.status, refused.json["code"]) == (409, "nothing_to_pay_ahead")
    assert before["open_invoice"] is None
    assert (await tenant.subscription())["open_invoice"] is None


async def owed(tenant: Tenant) -> int:
    customer = (await tenant.subscription())["customer"]["id"]
    return int((await tenant.app.asks("GET", f"/v1/customers/{customer}/credit")).json["balance"])


async def test_credit_that_covers_the_renewal_pays_it_and_no_code_is_needed(story: Story) -> None:
    tenant = await paid(story)
    one, three = await code_ahead(tenant, 1), await code_ahead(tenant, 3)
    await tenant.pays(one)
    await tenant.pays(three)
    assert await owed(tenant) == 297_000
    answer = await asks_ahead(tenant, 1)
    assert (answer.status, answer.json["qr_string"], answer.json["total"]) == (200, None, 0)
    assert (await tenant.subscription())["paid_through"] == "2026-04-30"
    assert await owed(tenant) == 198_000


async def test_the_years_code_first_and_then_the_old_one(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    one, year = await tenant.asks_for_code(), await code_ahead(tenant, 12)
    await tenant.pays(year)
    assert (await tenant.subscription())["paid_through"] == "2027-01-31"
    await tenant.pays(one)
    assert (await tenant.subscription())["paid_through"] == "2027-01-31"
    assert await owed(tenant) == 99_000


async def test_a_live_app_without_a_gateway_issues_nothing_early(story: Story) -> None:
    """Its tenant paid in cash, so nothing is open: the renewal waits for its day."""
    live = await story.app(name="Tanpa Pakasir", mode="live", simulated=True)
    story.the_app = live
    tenant = Tenant(story, live, (await live.subscribes("Bengkel Jaya", "bulanan")).json)
    first = tenant.first_answer["open_invoice"]["id"]
    cash = {"reference": "Kas 1", "note": "tunai"}
    owner = await story.admin()
    assert (await owner.asks("POST", f"/v1/invoices/{first}/mark-paid", cash)).status == 201
    before = await tenant.subscription()
    refused = await asks_ahead(tenant, 3)
    assert (refused.status, refused.json["code"]) == (409, "gateway_not_configured")
    assert len(await invoices(tenant)) == 1
    assert await tenant.subscription() == before


async def test_a_planned_change_and_a_year_of_it_at_once(story: Story) -> None:
    tenant = await paid(story)
    await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/change-plan", {"plan": "hemat"})
    code = await code_ahead(tenant, 12)
    assert code.amount == 990_000
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("hemat", "2027-02-28")
    assert after["pending_change"] is None
