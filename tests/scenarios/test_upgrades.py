"""Upgrades after other things: paid ahead, changed twice, changed again before it was paid."""

from datetime import date, timedelta

from tests.scenarios.test_billing_run import paid
from tests.scenarios.test_changing_plan import changed, changes, code_for, credit
from tests.scenarios.test_paying_ahead import code_ahead, invoices
from tests.story import Story


async def test_a_discounted_year_is_not_paid_back_at_the_monthly_price(story: Story) -> None:
    """One month at 99,000 is left whole, and twelve that cost 990,000: not 13 × 99,000."""
    tenant = await paid(story, plan="hemat")
    await tenant.pays(await code_ahead(tenant, 12))
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    assert invoice["lines"][1]["amount"] == -(99_000 + 990_000)
    assert (invoice["status"], invoice["total"]) == ("paid", 0)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("tahunan", "2027-01-31")
    assert await credit(tenant) == 99_000
    upgrades = [one for one in await invoices(tenant) if one["kind"] == "upgrade"]
    assert sum(line["amount"] for line in upgrades[0]["lines"]) == 0
    assert (await story.heard_types()).count("subscription.plan_changed") == 1


async def test_of_two_changes_in_a_day_the_last_holds_and_no_money_is_lost(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    first = await tenant.asks_for_code()
    await changed(tenant, "tahunan")
    second = await tenant.asks_for_code()
    await changed(tenant, "murah")
    await tenant.pays(second)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("murah", "2026-03-31")
    assert await credit(tenant) == 990_000 - 49_000
    await tenant.pays(first)
    assert (await tenant.subscription())["paid_through"] == "2026-03-31"
    assert await credit(tenant) == 990_000 - 49_000 + 99_000


async def test_old_money_for_three_periods_drops_the_change_and_buys_all_three(
    story: Story,
) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    old = await code_ahead(tenant, 3)
    await changed(tenant, "tahunan")
    await tenant.pays(old)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["pending_change"]) == ("bulanan", None)
    assert (after["paid_through"], await credit(tenant)) == ("2026-05-31", 0)


async def test_a_change_for_the_renewal_takes_the_place_of_an_open_upgrade(story: Story) -> None:
    tenant = await paid(story)
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    code = await code_for(tenant, invoice)
    await changed(tenant, "murah")
    assert (await tenant.invoice(invoice["id"]))["status"] == "void"
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["pending_change"]["plan"]) == ("bulanan", "murah")
    assert await credit(tenant) == invoice["total"]


async def test_paying_the_renewal_first_makes_the_open_upgrade_void(story: Story) -> None:
    """Its unused days are other ones now; its money is credit, and nobody pays twice for a day."""
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    renewal = await tenant.asks_for_code()
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    upgrade = await code_for(tenant, invoice)
    await tenant.pays(renewal)
    assert (await tenant.invoice(invoice["id"]))["status"] == "void"
    await tenant.pays(upgrade)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("bulanan", "2026-03-31")
    assert await credit(tenant) == invoice["total"]


async def test_a_paid_upgrade_makes_the_open_renewal_void_and_its_money_credit(
    story: Story,
) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    renewal = await tenant.asks_for_code()
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    await tenant.pays(await code_for(tenant, invoice))
    assert (await tenant.invoice(renewal.invoice_id))["void_reason"] == "replaced"
    await tenant.pays(renewal)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("tahunan", "2027-02-25")
    assert await credit(tenant) == 99_000


async def test_credit_lowers_an_upgrade_and_the_rest_is_a_code(story: Story) -> None:
    tenant = await paid(story)
    one, three = await code_ahead(tenant, 1), await code_ahead(tenant, 3)
    await tenant.pays(one)
    await tenant.pays(three)
    assert await credit(tenant) == 297_000
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    assert (invoice["total"], invoice["credit_applied"]) == (990_000 - 198_000, 297_000)
    await tenant.pays(await code_for(tenant, invoice))
    assert (await tenant.subscription())["plan"]["code"] == "tahunan"
    assert await credit(tenant) == 0


async def test_an_upgrade_of_an_upgrade_on_the_same_day_pays_back_what_it_cost(
    story: Story,
) -> None:
    """On its first day nothing of Tahunan is used: the day itself is not in its period."""
    tenant = await paid(story)
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    await tenant.pays(await code_for(tenant, invoice))
    done = await changed(tenant, "besar", "now")
    again = done["upgrade_invoice"]
    assert [line["amount"] for line in again["lines"]] == [990_400, -990_000, -400]
    assert (again["status"], done["subscription"]["plan"]["code"]) == ("paid", "besar")


async def test_who_is_not_active_cannot_be_upgraded_for_what_is_over(story: Story) -> None:
    """In grace there are no unused days: `now` is the open invoice at the new price."""
    tenant = await paid(story)
    await story.until(date(2026, 3, 3))
    done = await changed(tenant, "tahunan", "now")
    assert done["upgrade_invoice"] is None
    assert done["subscription"]["open_invoice"]["total"] == 990_000
    assert done["subscription"]["open_invoice"]["due_on"] == "2026-02-28"


async def test_a_change_of_who_is_suspended_by_hand_waits_with_the_invoice(story: Story) -> None:
    tenant = await paid(story)
    owner = await story.admin()
    await owner.asks("POST", f"/v1/subscriptions/{tenant.id}/suspend", {"reason": "tiket 118"})
    done = (await changed(tenant, "murah"))["subscription"]
    assert (done["status"], done["open_invoice"]) == ("suspended", None)
    assert done["pending_change"] == {"plan": "murah", "price": 49_000}


async def test_who_is_told_to_end_or_is_over_changes_nothing(story: Story) -> None:
    tenant = await paid(story)
    await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel")
    before = await tenant.subscription()
    refused = await changes(tenant, "tahunan")
    assert (refused.status, refused.json["code"]) == (409, "cancellation_scheduled")
    assert await tenant.subscription() == before
    await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel", {"at": "now"})
    refused = await changes(tenant, "tahunan")
    assert (refused.status, refused.json["code"]) == (409, "subscription_state")
    assert (await changes(tenant, "tidak-ada")).json["code"] == "unknown_plan"


async def test_every_payment_is_one_event_of_the_subscription(story: Story) -> None:
    """`plan_changed` is for what takes effect without money."""
    tenant = await paid(story)
    seq = (await tenant.subscription())["seq"]
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    story.clock.advance(timedelta(seconds=5))
    await tenant.pays(await code_for(tenant, invoice))
    assert (await tenant.subscription())["seq"] == seq + 1
    types = await story.heard_types()
    assert types.count("subscription.renewed") == 1
    assert "subscription.plan_changed" not in types
