"""What renewing and suspending has got wrong elsewhere, each told as it must be here."""

import asyncio
from datetime import date, time, timedelta

import pytest

from tests.books.test_credit import credit_of
from tests.scenarios.renewals import comes_due, invoices, last_day, pays_old, renews, starts, state
from tests.scenarios.test_billing_run import run
from tests.scenarios.test_changing_plan import changed
from tests.scenarios.test_mark_paid import marks
from tests.scenarios.test_suspend_by_hand import asks
from tests.story import Story

SUSPENDED_ON = date(2026, 3, 8)
"""Paid on 31 January for a month, seven days of grace."""


@pytest.mark.parametrize(
    ("day", "through"), [(date(2026, 3, 1), "2026-03-31"), (SUSPENDED_ON, "2026-04-08")]
)
async def test_the_run_and_the_money_together_renew_once(
    story: Story, day: date, through: str
) -> None:
    """In the minute in which grace begins, and in the one in which it is over."""
    tenant = await starts(story)
    await comes_due(story, tenant, (day - date(2026, 3, 1)).days)
    await story.it_becomes(day, time(0, 50))
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    story.clock.advance(timedelta(minutes=10))
    await asyncio.gather(run(story), story.notice_comes(notice), run(story))
    await story.minutes_pass(1)
    assert await state(tenant, "status", "access", "paid_through") == ("active", True, through)
    assert [one["status"] for one in await invoices(tenant)] == ["paid", "paid"]
    types = await story.heard_types()
    assert types.count("subscription.renewed") + types.count("subscription.resumed") == 1
    assert await credit_of(tenant) == 0


async def test_money_is_taken_although_the_run_has_suspended_already(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 7)
    await story.it_becomes(SUSPENDED_ON - timedelta(days=1), time(23, 50))
    code = await tenant.asks_for_code()
    await story.it_becomes(SUSPENDED_ON - timedelta(days=1), time(23, 53))
    await story.it_becomes(SUSPENDED_ON, time(1))
    assert await state(tenant, "status") == ("suspended",)
    await pays_old(story, tenant, code)
    assert await state(tenant, "status", "access", "paid_through") == ("active", True, "2026-04-08")
    assert (await tenant.invoice(code.invoice_id))["status"] == "paid"


async def test_nobody_is_suspended_without_an_invoice(story: Story) -> None:
    """An admin voids the only one on the last day of grace; the next has its days again."""
    tenant = await starts(story)
    await comes_due(story, tenant, 7)
    admin = await story.admin()
    invoice = (await tenant.subscription())["open_invoice"]["id"]
    await admin.asks("POST", f"/v1/invoices/{invoice}/void", {"reason": "Salah terbit"})
    await story.it_becomes(SUSPENDED_ON)
    again, access = await state(tenant, "open_invoice", "access")
    assert (access, again["issued_on"], again["due_on"]) == (True, "2026-03-08", "2026-02-28")
    await story.it_becomes(date(2026, 3, 15))
    assert await state(tenant, "access") == (True,)
    await story.it_becomes(date(2026, 3, 16))
    assert await state(tenant, "status", "reason") == ("suspended", "nonpayment")


async def test_letting_in_by_hand_and_marking_as_paid_does_not_double_the_period(
    story: Story,
) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 8)
    admin = await story.admin()
    invoice = (await tenant.subscription())["open_invoice"]["id"]
    let_in = {"paid_through": "2026-03-08", "reason": "Transfer sudah terlihat"}
    await asks(admin, tenant, "move", let_in)
    assert await marks(admin, invoice) == (201, "settled")
    assert await marks(admin, invoice, "BCA 2") == (409, "invoice_paid")
    assert await state(tenant, "status", "paid_through") == ("active", "2026-04-08")


async def test_resuming_and_marking_as_paid_buys_one_period(story: Story) -> None:
    tenant = await starts(story)
    admin = await story.admin()
    await asks(admin, tenant, "suspend")
    await story.it_becomes(date(2026, 3, 10))
    await asks(admin, tenant, "resume")
    invoice = (await tenant.subscription())["open_invoice"]["id"]
    assert await marks(admin, invoice) == (201, "settled")
    assert await state(tenant, "status", "paid_through") == ("active", "2026-04-10")


async def test_credit_that_covers_the_renewal_renews_instead_of_suspending_everybody(
    story: Story,
) -> None:
    tenants = [await starts(story, name=f"Bengkel {number}") for number in range(4)]
    await story.it_becomes(date(2026, 2, 21))
    for tenant in tenants:
        code = await tenant.asks_for_code()
        assert (await marks(await story.admin(), code.invoice_id, tenant.id))[0] == 201
        await tenant.pays(code)
        assert await credit_of(tenant) == 99_000
    await story.it_becomes(date(2026, 3, 24))
    await story.it_becomes(date(2026, 4, 1))
    for tenant in tenants:
        assert await state(tenant, "status", "paid_through") == ("active", "2026-04-30")
        assert await credit_of(tenant) == 0
    types = await story.heard_types()
    assert types.count("subscription.renewed") == 2 * len(tenants)
    assert "subscription.grace_started" not in types


async def test_the_overdue_state_follows_the_open_invoice_and_not_when_we_last_looked(
    story: Story,
) -> None:
    """The open invoice is replaced in grace, again and again: the new one is as late as the old."""
    tenant = await starts(story)
    await comes_due(story, tenant, 3)
    await changed(tenant, "murah")
    await story.it_becomes(date(2026, 3, 7))
    await changed(tenant, "tahunan")
    assert await state(tenant, "status", "grace_until") == ("grace", "2026-03-07")
    invoice = (await tenant.subscription())["open_invoice"]
    assert (invoice["due_on"], invoice["issued_on"]) == ("2026-02-28", "2026-03-07")
    await story.it_becomes(date(2026, 3, 8))
    assert await state(tenant, "status") == ("suspended",)


async def test_a_month_paid_late_is_not_overdue_any_more(story: Story) -> None:
    tenant = await starts(story)
    await renews(story, tenant, 5)
    await story.it_becomes(SUSPENDED_ON)
    assert await state(tenant, "status", "grace_until", "open_invoice") == ("active", None, None)


async def test_a_plan_change_leaves_no_renewal_at_the_old_price(story: Story) -> None:
    """Whether it comes before the renewal's issue, after it, or twice."""
    tenant = await starts(story)
    await changed(tenant, "murah")
    await story.it_becomes(date(2026, 2, 21))
    assert (await tenant.subscription())["open_invoice"]["total"] == 49_000
    await changed(tenant, "besar")
    await changed(tenant, "tahunan")
    await story.it_becomes(date(2026, 2, 24))
    asked = {one["total"] for one in await invoices(tenant) if one["status"] == "open"}
    assert asked == {990_000}
    await tenant.pays(await tenant.asks_for_code())
    assert await last_day(tenant) == date(2027, 2, 28)


async def test_canceled_while_in_grace_is_not_billed(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 3)
    await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel")
    for day in (date(2026, 3, 8), date(2026, 3, 24), date(2026, 5, 20)):
        await story.it_becomes(day)
    assert await state(tenant, "status", "reason", "open_invoice") == (
        "canceled", "requested", None,
    )  # fmt: skip
    assert [one["status"] for one in await invoices(tenant)] == ["paid", "void"]
    assert (await story.heard_types()).count("invoice.issued") == 2


async def test_who_is_late_hears_of_grace_and_of_no_end(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 5)
    types = await story.heard_types()
    assert types.count("subscription.grace_started") == 1
    assert {"subscription.canceled", "subscription.suspended", "subscription.expired"}.isdisjoint(
        types
    )


async def test_what_is_past_due_is_on_the_pay_page(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 5)
    page = await story.service.ask("GET", tenant.first_answer["pay_url"])
    assert page.status == 200
    assert b"Rp99.000" in page.body
    assert (await tenant.subscription())["open_invoice"]["number"].encode() in page.body


async def test_a_late_run_reminds_and_dates_by_the_schedule_and_not_by_its_own_hour(
    story: Story,
) -> None:
    tenant = await starts(story)
    await story.it_becomes(date(2026, 2, 21), time(23, 55))
    (invoice,) = await state(tenant, "open_invoice")
    assert (invoice["issued_on"], invoice["due_on"], invoice["period_start"]) == (
        "2026-02-21", "2026-02-28", "2026-03-01",
    )  # fmt: skip
    await story.it_becomes(date(2026, 3, 1), time(23, 55))
    assert await state(tenant, "status", "grace_until") == ("grace", "2026-03-07")
    assert await renews(story, tenant) == date(2026, 3, 31)


async def test_what_lives_on_a_test_clock_is_in_the_plain_lists(story: Story) -> None:
    app = await story.app(simulated=True)
    made = (await app.subscribes("Bengkel Jaya", "bulanan")).json
    await app.asks("POST", f"/v1/test/invoices/{made['open_invoice']['id']}/pay")
    assert (await app.asks("POST", "/v1/test/clock", {"advance_to": "2026-02-22"})).status == 200
    listed = (await app.asks("GET", "/v1/subscriptions")).json["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    bills = (await app.asks("GET", "/v1/invoices")).json["data"]
    assert sorted((one["kind"], one["status"]) for one in bills) == [
        ("first", "paid"), ("renewal", "open"),
    ]  # fmt: skip
