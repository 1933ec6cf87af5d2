"""Paying ahead: several periods with one code, by the app and on the page."""

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


async def test_the_permanent_link_offers_it_and_keeps_to_it(story: Story) -> None:
    tenant = await paid(story)
    story.clock.advance(story.clock.now() - story.clock.now().replace(hour=0))
    page = tenant.first_answer["pay_url"]
    shown = (await story.service.ask("GET", page)).body.decode()
    assert 'data-state="nothing_due"' in shown
    assert "Lunas sampai 28" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert [f'value="{count}"' in shown for count in (1, 3, 6, 12)] == [True] * 4
    answer = await story.service.ask("POST", f"{page}/code", data={"periods": "3"})
    assert answer.status == 303
    shown = (await story.service.ask("GET", page)).body.decode()
    assert 'data-state="waiting"' in shown
    assert "Rp297.000" in shown


async def test_who_has_just_paid_reads_so_on_the_permanent_link(story: Story) -> None:
    tenant = await paid(story)
    shown = (await story.service.ask("GET", tenant.first_answer["pay_url"])).body.decode()
    assert 'data-state="paid"' in shown
