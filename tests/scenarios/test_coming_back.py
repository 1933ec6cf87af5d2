"""Going and coming back: each return is a period of its own, and old codes still find a home."""

from datetime import date, time

from tests.books.test_credit import credit_of
from tests.scenarios.renewals import comes_due, last_day, pays_old, renews, starts, state
from tests.scenarios.test_cancel import does
from tests.story import Story, Tenant


async def returns(tenant: Tenant, plan: str = "bulanan") -> Tenant:
    answer = await tenant.subscribes_again(plan)
    assert answer.status == 201, answer.body
    assert answer.json["id"] != tenant.id
    return Tenant(tenant.story, tenant.app, answer.json)


async def test_canceled_and_back_after_a_month_it_begins_on_another_day(story: Story) -> None:
    tenant = await starts(story)
    await does(tenant, "cancel")
    await story.it_becomes(date(2026, 3, 1))
    assert await tenant.status() == "canceled"
    await story.it_becomes(date(2026, 4, 12))
    again = await returns(tenant)
    await again.pays(await again.asks_for_code())
    assert await renews(story, again) == date(2026, 6, 12)
    assert await state(tenant, "status", "paid_through") == ("canceled", "2026-02-28")


async def test_canceled_now_by_mistake_and_back_at_once(story: Story) -> None:
    """Paid days are not given back by themselves: that is the admin's to extend."""
    tenant = await starts(story)
    await does(tenant, "cancel", {"at": "now"})
    again = await returns(tenant, "tahunan")
    await again.pays(await again.asks_for_code())
    assert await state(again, "status", "paid_through") == ("active", "2027-01-31")
    answer = await tenant.subscribes_again("bulanan")
    assert (answer.status, answer.json["id"]) == (409, again.id)


async def test_the_code_from_before_pays_the_invoice_of_the_return(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant)
    old = await tenant.asks_for_code()
    await does(tenant, "cancel", {"at": "now"})
    again = await returns(tenant)
    await tenant.pays(old)
    assert await state(again, "status", "paid_through") == ("active", "2026-03-28")
    assert await state(tenant, "status") == ("canceled",)
    assert await credit_of(tenant) == 0


async def test_money_that_came_after_the_end_pays_for_the_return(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant)
    old = await tenant.asks_for_code()
    await does(tenant, "cancel")
    await tenant.pays(old)
    assert await credit_of(tenant) == 99_000
    await story.it_becomes(date(2026, 3, 1))
    await story.it_becomes(date(2026, 3, 5))
    again = await returns(tenant)
    assert again.first_answer["status"] == "active"
    assert (await last_day(again), await credit_of(tenant)) == (date(2026, 4, 5), 0)


async def test_whoever_subscribed_again_is_not_given_the_old_one_beside_it(story: Story) -> None:
    """Ended for non-payment, it would revive, were there no newer one."""
    tenant = await starts(story)
    await comes_due(story, tenant, 8)
    await story.it_becomes(date(2026, 5, 6), time(20))
    old = await tenant.asks_for_code()
    await story.it_becomes(date(2026, 5, 7))
    again = await returns(tenant)
    await pays_old(story, tenant, old)
    assert await state(tenant, "status") == ("canceled",)
    assert await state(again, "status", "paid_through") == ("active", "2026-06-07")


async def test_undone_in_the_last_hour_it_goes_on_as_if_nothing_had_been(story: Story) -> None:
    tenant = await starts(story)
    await does(tenant, "cancel")
    await story.it_becomes(date(2026, 2, 21))
    await story.it_becomes(date(2026, 2, 28), time(23, 30))
    undone = await does(tenant, "undo-cancel")
    assert undone["open_invoice"]["due_on"] == "2026-02-28"
    await tenant.pays(await tenant.asks_for_code())
    assert await last_day(tenant) == date(2026, 3, 31)
    await story.it_becomes(date(2026, 3, 1), time(1))
    assert await state(tenant, "status") == ("active",)


async def test_an_upgrade_in_the_middle_renews_a_year_on_at_its_own_price(story: Story) -> None:
    tenant = await starts(story)
    await story.it_becomes(date(2026, 2, 15))
    path = f"/v1/subscriptions/{tenant.id}/change-plan"
    answer = await tenant.app.asks("POST", path, {"plan": "tahunan", "at": "now"})
    code = (await tenant.tries_for_code(answer.json["upgrade_invoice"]["id"])).json
    await story.money_arrives(code["charge_id"])
    await story.service.rest()
    now = await tenant.subscription()
    assert (now["plan"]["code"], now["paid_through"]) == ("tahunan", "2027-02-15")
    await comes_due(story, tenant)
    (invoice,) = await state(tenant, "open_invoice")
    assert (invoice["total"], invoice["due_on"]) == (990_000, "2027-02-15")
    assert await renews(story, tenant) == date(2028, 2, 15)


async def test_a_downgrade_leaves_the_dear_year_whole_and_then_renews_cheaper(
    story: Story,
) -> None:
    tenant = await starts(story, plan="tahunan")
    path = f"/v1/subscriptions/{tenant.id}/change-plan"
    assert (await tenant.app.asks("POST", path, {"plan": "bulanan"})).status == 200
    await story.it_becomes(date(2026, 9, 1))
    assert (await tenant.subscription())["plan"]["code"] == "tahunan"
    assert await renews(story, tenant) == date(2027, 2, 28)
    now = await tenant.subscription()
    assert (now["plan"]["code"], now["price"], now["pending_change"]) == ("bulanan", 99_000, None)
    assert await renews(story, tenant) == date(2027, 3, 31)
