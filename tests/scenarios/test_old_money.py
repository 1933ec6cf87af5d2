"""Money for a renewal that was replaced long ago: it drops no change that it knows nothing of."""

from datetime import date, timedelta

from tests.scenarios.test_billing_run import paid
from tests.scenarios.test_changing_plan import changed, code_for, credit
from tests.scenarios.test_paying_ahead import code_ahead
from tests.story import Story, Tenant


async def stands(tenant: Tenant) -> tuple[str, str, str | None]:
    now = await tenant.subscription()
    change = now["pending_change"]
    return now["plan"]["code"], now["paid_through"], change and change["plan"]


async def test_a_renewal_that_an_upgrade_replaced_gives_the_dearer_plan_up_no_more(
    story: Story,
) -> None:
    tenant = await paid(story)
    old = await code_ahead(tenant, 1)
    await tenant.pays(
        await code_for(tenant, (await changed(tenant, "tahunan", "now"))["upgrade_invoice"])
    )
    await changed(tenant, "besar")
    await code_ahead(tenant, 1)
    before = await stands(tenant)
    assert before == ("tahunan", "2027-01-31", "besar")
    story.clock.advance(timedelta(seconds=5))
    await tenant.pays(old)
    assert await stands(tenant) == before
    assert await credit(tenant) == 99_000
    assert (await tenant.invoice(old.invoice_id))["status"] == "void"


async def test_not_even_one_of_the_same_days_as_what_is_open(story: Story) -> None:
    """An upgrade on the first day of a year ends when the old year would have."""
    tenant = await paid(story, plan="tahunan")
    old = await code_ahead(tenant, 1)
    await changed(tenant, "besar", "now")
    owner = await story.admin()
    plan = {"code": "raja", "name": "Raja", "price": 2_000_000, "months": 12}
    assert (await owner.asks("POST", "/v1/plans", plan)).status == 201
    await changed(tenant, "raja")
    new = await code_ahead(tenant, 1)
    days = [(await tenant.invoice(one.invoice_id))["period_start"] for one in (old, new)]
    assert days == ["2027-02-01", "2027-02-01"]
    story.clock.advance(timedelta(seconds=5))
    await tenant.pays(old)
    assert await stands(tenant) == ("besar", "2027-01-31", "raja")
    assert await credit(tenant) == 990_000


async def test_old_money_after_two_changes_still_buys_the_period_that_is_unpaid(
    story: Story,
) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    first = await tenant.asks_for_code()
    await changed(tenant, "tahunan")
    await changed(tenant, "besar")
    await tenant.pays(first)
    assert await stands(tenant) == ("bulanan", "2026-03-31", None)
    assert await credit(tenant) == 0
    bought = await tenant.invoice(first.invoice_id)
    assert bought["status"] == "paid"
    assert bought["void_reason"] is None
    assert bought["voided_at"] is None


async def test_money_for_days_that_an_admin_moved_meanwhile_is_credit(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    old = await tenant.asks_for_code()
    await changed(tenant, "tahunan")
    owner = await story.admin()
    body = {"days": 3, "reason": "tiket 7"}
    assert (await owner.asks("POST", f"/v1/subscriptions/{tenant.id}/extend", body)).status == 200
    await tenant.pays(old)
    assert await stands(tenant) == ("bulanan", "2026-03-03", "tahunan")
    assert await credit(tenant) == 99_000
