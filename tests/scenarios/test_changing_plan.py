"""Changing plans: with the next invoice, at once as an upgrade, and back again."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.scenarios.test_billing_run import paid
from tests.service import Answer
from tests.story import Code, Story, Tenant

LAST_DAY = date(2026, 2, 28)


async def changes(tenant: Tenant, plan: str, at: str = "renewal") -> Answer:
    return await tenant.app.asks(
        "POST", f"/v1/subscriptions/{tenant.id}/change-plan", {"plan": plan, "at": at}
    )


async def changed(tenant: Tenant, plan: str, at: str = "renewal") -> dict[str, Any]:
    answer = await changes(tenant, plan, at)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


async def code_for(tenant: Tenant, invoice: dict[str, Any]) -> Code:
    told = (await tenant.tries_for_code(invoice["id"])).json
    return Code(
        told["charge_id"], told["invoice_id"], told["qr_string"], told["amount"], told["total"]
    )


async def credit(tenant: Tenant) -> int:
    customer = (await tenant.subscription())["customer"]["id"]
    return int((await tenant.app.asks("GET", f"/v1/customers/{customer}/credit")).json["balance"])


async def test_a_change_waits_for_the_next_renewal_and_its_payment(story: Story) -> None:
    tenant = await paid(story)
    done = (await changed(tenant, "tahunan"))["subscription"]
    assert (done["plan"]["code"], done["pending_change"]) == (
        "bulanan",
        {"plan": "tahunan", "price": 990_000},
    )
    await story.until(date(2026, 2, 21))
    invoice = (await tenant.subscription())["open_invoice"]
    assert (invoice["total"], invoice["period_end"]) == (990_000, "2027-02-28")
    assert (await tenant.subscription())["plan"]["code"] == "bulanan"
    await tenant.pays(await tenant.asks_for_code())
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["price"], after["pending_change"]) == (
        "tahunan",
        990_000,
        None,
    )
    assert after["paid_through"] == "2027-02-28"
    assert (await story.heard_types()).count("subscription.renewed") == 1


async def test_an_open_renewal_is_issued_again_at_the_new_price(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    old = (await tenant.subscription())["open_invoice"]
    done = (await changed(tenant, "murah"))["subscription"]
    new = done["open_invoice"]
    assert (new["total"], new["due_on"]) == (49_000, old["due_on"])
    assert (await tenant.invoice(old["id"]))["void_reason"] == "replaced"


async def test_old_money_that_covers_the_new_renewal_settles_it(story: Story) -> None:
    """Downgrade: the dearer code of the old renewal is paid; the rest is credit."""
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    old_code = await tenant.asks_for_code()
    await changed(tenant, "murah")
    await tenant.pays(old_code)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("murah", "2026-03-31")
    assert await credit(tenant) == 50_000


async def test_old_money_that_does_not_cover_the_new_renewal_drops_the_change(
    story: Story,
) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    old_code = await tenant.asks_for_code()
    await changed(tenant, "tahunan")
    await tenant.pays(old_code)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["pending_change"]) == ("bulanan", None)
    assert (after["paid_through"], after["open_invoice"]) == ("2026-03-31", None)
    assert await credit(tenant) == 0
    assert (await story.heard_types()).count("subscription.renewed") == 1


async def test_an_upgrade_on_the_first_day_costs_the_difference(story: Story) -> None:
    tenant = await paid(story)
    done = await changed(tenant, "tahunan", "now")
    invoice = done["upgrade_invoice"]
    assert [line["amount"] for line in invoice["lines"]] == [990_000, -99_000]
    assert (invoice["total"], invoice["due_on"]) == (891_000, "2026-01-31")
    assert done["subscription"]["plan"]["code"] == "bulanan"
    await tenant.pays(await code_for(tenant, invoice))
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("tahunan", "2027-01-31")
    assert after["price"] == 990_000


async def test_an_upgrade_in_the_middle_counts_unused_days_and_begins_today(story: Story) -> None:
    """Of 28 days 13 are left after 15 February: 99,000 × 13 / 28, rounded up, is 45,965."""
    tenant = await paid(story)
    await story.until(date(2026, 2, 15))
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    assert invoice["lines"][1]["amount"] == -45_965
    await tenant.pays(await code_for(tenant, invoice))
    after = await tenant.subscription()
    assert after["paid_through"] == "2027-02-15"
    await story.days_pass(3)
    assert await tenant.status() == "active"


async def test_an_upgrade_that_is_not_paid_today_is_void(story: Story) -> None:
    tenant = await paid(story)
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    await story.days_pass()
    assert (await tenant.invoice(invoice["id"]))["status"] == "void"
    assert (await tenant.subscription())["plan"]["code"] == "bulanan"


async def test_a_void_upgrades_money_is_credit(story: Story) -> None:
    tenant = await paid(story)
    invoice = (await changed(tenant, "tahunan", "now"))["upgrade_invoice"]
    code = await code_for(tenant, invoice)
    await changed(tenant, "tahunan", "now")
    story.clock.advance(timedelta(seconds=5))
    await tenant.pays(code)
    after = await tenant.subscription()
    assert after["plan"]["code"] == "tahunan", "the open one is over the same amount"


async def test_an_upgrade_that_the_old_days_cover_is_made_at_once(story: Story) -> None:
    """Tahunan on its first day is worth more than a dearer month."""
    tenant = await paid(story, plan="tahunan")
    assert (await changes(tenant, "bulanan", "now")).status == 409
    done = await changed(tenant, "besar", "now")
    invoice = done["upgrade_invoice"]
    assert (invoice["status"], invoice["total"]) == ("paid", 0)
    assert done["subscription"]["plan"]["code"] == "besar"
    assert await credit(tenant) == 0
    assert "subscription.plan_changed" in await story.heard_types()


@pytest.mark.parametrize("at", ["renewal", "now"])
async def test_a_change_to_the_same_plan_is_refused(story: Story, at: str) -> None:
    tenant = await paid(story)
    before = await tenant.subscription()
    answer = await changes(tenant, "bulanan", at)
    assert (answer.status, answer.json["code"]) == (409, "same_plan")
    assert await tenant.subscription() == before


async def test_a_pending_change_is_dropped_by_asking_for_the_old_plan(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    await changed(tenant, "tahunan")
    done = (await changed(tenant, "bulanan"))["subscription"]
    assert (done["pending_change"], done["open_invoice"]["total"]) == (None, 99_000)


async def test_free_to_paid_changes_when_the_first_invoice_is_paid(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    done = (await changed(tenant, "bulanan"))["subscription"]
    assert (done["plan"]["code"], done["access"]) == ("gratis", True)
    await tenant.pays(await tenant.asks_for_code())
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("bulanan", "2026-02-28")


async def test_free_stays_free_when_its_first_invoice_is_not_paid(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    await changed(tenant, "bulanan")
    await story.days_pass(4)
    after = await tenant.subscription()
    assert (after["status"], after["plan"]["code"]) == ("active", "gratis")
    assert (after["pending_change"], after["open_invoice"]) == (None, None)


async def test_paid_to_free_comes_at_the_periods_end(story: Story) -> None:
    tenant = await paid(story)
    assert (await changes(tenant, "gratis", "now")).status == 409
    await changed(tenant, "gratis")
    await story.until(LAST_DAY)
    assert (await tenant.subscription())["plan"]["code"] == "bulanan"
    await story.days_pass()
    after = await tenant.subscription()
    assert (after["status"], after["plan"]["code"], after["paid_through"]) == (
        "active",
        "gratis",
        None,
    )
    assert "subscription.plan_changed" in await story.heard_types()


async def test_in_a_trial_the_plan_changes_at_once_and_nothing_is_owed(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    done = await changed(tenant, "bulanan")
    assert done["upgrade_invoice"] is None
    assert (done["subscription"]["status"], done["subscription"]["plan"]["code"]) == (
        "trialing",
        "bulanan",
    )


async def test_in_grace_the_open_invoice_is_replaced_and_grace_goes_on(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 3, 3))
    done = (await changed(tenant, "murah"))["subscription"]
    assert (done["status"], done["grace_until"]) == ("grace", "2026-03-07")
    assert (done["open_invoice"]["total"], done["open_invoice"]["due_on"]) == (49_000, "2026-02-28")
    await tenant.pays(await tenant.asks_for_code())
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("murah", "2026-03-31")


async def test_a_suspended_tenant_comes_back_on_a_cheaper_plan(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 3, 10))
    assert await tenant.status() == "suspended"
    await changed(tenant, "murah")
    await tenant.pays(await tenant.asks_for_code())
    after = await tenant.subscription()
    assert (after["status"], after["plan"]["code"], after["paid_through"]) == (
        "active",
        "murah",
        "2026-04-10",
    )


async def test_another_plan_while_pending_replaces_the_first_invoice(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    old = await tenant.asks_for_code()
    done = (await changed(tenant, "tahunan"))["subscription"]
    assert (done["status"], done["open_invoice"]["total"]) == ("pending", 990_000)
    await tenant.pays(old)
    assert (await tenant.subscription())["plan"]["code"] == "bulanan"


async def test_the_old_plan_can_be_kept_though_it_is_archived_meanwhile(story: Story) -> None:
    tenant = await paid(story)
    await changed(tenant, "tahunan")
    plans = (await tenant.app.asks("GET", "/v1/plans?limit=100")).json["data"]
    plan = next(one["id"] for one in plans if one["code"] == "bulanan")
    await tenant.app.asks("PATCH", f"/v1/plans/{plan}", {"archived": True})
    assert (await changed(tenant, "bulanan"))["subscription"]["pending_change"] is None
