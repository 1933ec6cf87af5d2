"""An admin's suspension: no money lifts it, time runs on, and resuming goes by the dates."""

from datetime import date
from typing import Any

import pytest

from tests.audit import audited
from tests.books.test_credit import credit_of
from tests.scenarios.test_cancel import RENEWAL_COMES, does, owing, paying
from tests.story import App, Story, Tenant

WHY = {"reason": "Penyalahgunaan, tiket 118"}


async def asks(admin: App, tenant: Tenant, deed: str, body: Any = WHY) -> dict[str, Any]:
    answer = await admin.asks("POST", f"/v1/subscriptions/{tenant.id}/{deed}", body)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json
    assert told == await tenant.subscription()
    return told


async def test_suspended_by_hand_access_ends_and_comes_back_with_resume(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    told = await asks(admin, tenant, "suspend")
    assert (told["status"], told["reason"], told["access"]) == ("suspended", "manual", False)
    await story.days_pass(3)
    told = await asks(admin, tenant, "resume")
    assert (told["status"], told["reason"], told["access"]) == ("active", None, True)
    assert (told["paid_through"], told["open_invoice"]) == ("2026-02-28", None)
    types = await story.heard_types()
    assert (types.count("subscription.suspended"), types.count("subscription.resumed")) == (1, 1)
    assert await audited(story, tenant.id) == [
        ("subscription.suspend", WHY["reason"]),
        ("subscription.resume", WHY["reason"]),
    ]


async def test_a_trial_and_a_free_plan_come_back_as_what_they_were(story: Story) -> None:
    trial = await story.subscribe("Bengkel Jaya", "coba")
    free = await story.subscribe("Bengkel Maju", "gratis")
    admin = await story.admin()
    for tenant, status in ((trial, "trialing"), (free, "active")):
        await asks(admin, tenant, "suspend")
        assert (await asks(admin, tenant, "resume"))["status"] == status


async def test_money_does_not_lift_it_but_buys_the_period(story: Story) -> None:
    tenant, code = await owing(story)
    admin = await story.admin()
    assert (await asks(admin, tenant, "suspend"))["open_invoice"]["status"] == "open"
    await tenant.pays(code)
    held = await tenant.subscription()
    assert (held["status"], held["reason"], held["paid_through"]) == (
        "suspended",
        "manual",
        "2026-03-31",
    )
    assert "paid_while_suspended" in await story.alerts()
    assert (await asks(admin, tenant, "resume"))["access"] is True


async def test_time_runs_on_without_invoices_or_a_cancellation(story: Story) -> None:
    tenant = await paying(story)
    await asks(await story.admin(), tenant, "suspend")
    await story.until(date(2026, 5, 31))
    held = await tenant.subscription()
    assert (held["status"], held["open_invoice"]) == ("suspended", None)
    assert (await story.heard_types()).count("invoice.issued") == 1


async def test_resumed_after_its_period_it_is_paid_for_first(story: Story) -> None:
    tenant, old = await owing(story)
    admin = await story.admin()
    await asks(admin, tenant, "suspend")
    await story.until(date(2026, 3, 10))
    told = await asks(admin, tenant, "resume")
    assert (told["status"], told["reason"], told["access"]) == ("suspended", "nonpayment", False)
    invoice = told["open_invoice"]
    assert (invoice["due_on"], invoice["period_start"]) == ("2026-03-10", "2026-03-11")
    assert (await tenant.invoice(old.invoice_id))["void_reason"] == "replaced"
    assert "subscription.resumed" not in await story.heard_types()
    await tenant.pays(await tenant.asks_for_code())
    after = await tenant.subscription()
    assert (after["status"], after["paid_through"]) == ("active", "2026-04-10")
    assert (await story.heard_types()).count("subscription.resumed") == 1


@pytest.mark.parametrize("late_payment", ["period_end", "payment_day", "grace_then_payment_day"])
async def test_nobody_pays_for_the_days_that_an_admin_locked_out(
    story: Story, late_payment: str
) -> None:
    admin = await story.admin()
    plan = {"code": "telat", "name": "Telat", "price": 99_000, "months": 1}
    await admin.asks("POST", "/v1/plans", {**plan, "late_payment": late_payment})
    tenant = await story.subscribe("Bengkel Jaya", "telat")
    await tenant.pays(await tenant.asks_for_code())
    await story.until(date(2026, 2, 10))
    await asks(admin, tenant, "suspend")
    await story.until(date(2026, 3, 20))
    offered = (await asks(admin, tenant, "resume"))["open_invoice"]
    assert (offered["period_start"], offered["period_end"]) == ("2026-03-21", "2026-04-20")
    await tenant.pays(await tenant.asks_for_code())
    assert (await tenant.subscription())["paid_through"] == "2026-04-20"
    bought = await tenant.invoice(offered["id"])
    assert bought["period_start"] == "2026-03-21"


async def test_a_restart_that_is_paid_under_another_suspension_keeps_its_days(
    story: Story,
) -> None:
    tenant, _ = await owing(story)
    admin = await story.admin()
    await asks(admin, tenant, "suspend")
    await story.until(date(2026, 3, 10))
    await asks(admin, tenant, "resume")
    await asks(admin, tenant, "suspend")
    await tenant.pays(await tenant.asks_for_code())
    held = await tenant.subscription()
    assert (held["reason"], held["paid_through"]) == ("manual", "2026-04-10")


async def test_credit_pays_for_the_restart_at_once(story: Story) -> None:
    tenant, code = await owing(story)
    await does(tenant, "cancel")
    await tenant.pays(code)
    await does(tenant, "undo-cancel")  # the credit has bought March
    await story.until(date(2026, 3, 24))
    renewal = await tenant.asks_for_code()
    admin = await story.admin()
    await asks(admin, tenant, "suspend")
    path = f"/v1/invoices/{renewal.invoice_id}/void"
    assert (await admin.asks("POST", path, WHY)).json["status"] == "void"
    await tenant.pays(renewal)
    assert await credit_of(tenant) == 99_000
    await story.until(date(2026, 4, 2))
    told = await asks(admin, tenant, "resume")
    assert (told["status"], told["access"], told["paid_through"]) == ("active", True, "2026-05-02")
    assert await credit_of(tenant) == 0
    seqs = [e.data["seq"] for e in await story.heard() if e.data.get("id") == tenant.id]
    assert sorted(seqs) == list(range(1, told["seq"] + 1))


async def test_one_that_was_to_end_is_not_resumed_after_its_end(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    await does(tenant, "cancel")
    await asks(admin, tenant, "suspend")
    await story.until(date(2026, 3, 10))
    path = f"/v1/subscriptions/{tenant.id}/resume"
    answer = await admin.asks("POST", path, WHY)
    assert (answer.status, answer.json["code"]) == (409, "cancellation_due")
    assert (await asks(admin, tenant, "undo-cancel", None))["status"] == "suspended"
    assert (await asks(admin, tenant, "resume"))["open_invoice"]["status"] == "open"


async def test_resumed_in_its_last_week_it_has_its_renewal_at_once(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    await asks(admin, tenant, "suspend")
    await story.until(RENEWAL_COMES)
    assert (await tenant.subscription())["open_invoice"] is None
    assert (await asks(admin, tenant, "resume"))["open_invoice"]["due_on"] == "2026-02-28"


async def test_an_admins_deed_needs_the_scope_and_a_reason(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    path = f"/v1/subscriptions/{tenant.id}/suspend"
    assert (await tenant.app.asks("POST", path, WHY)).json["code"] == "scope_missing"
    for body in ({"reason": "  "}, {}):
        answer = await admin.asks("POST", path, body)
        assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert await tenant.status() == "active"
    assert await audited(story, tenant.id) == []
