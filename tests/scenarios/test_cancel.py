"""Canceling: at the period's end, at once, undone; and money that comes all the same."""

from datetime import date
from typing import Any

from tests.books.test_credit import credit_of, paid_twice
from tests.story import Code, Story, Tenant

RENEWAL_COMES = date(2026, 2, 21)
"""Seven days before 28 February, through which whoever pays on 31 January has paid."""


async def paying(story: Story, name: str = "Bengkel Jaya", plan: str = "bulanan") -> Tenant:
    tenant = await story.subscribe(name, plan)
    await tenant.pays(await tenant.asks_for_code())
    return tenant


async def owing(story: Story) -> tuple[Tenant, Code]:
    """Paid through 28 February; the renewal is open and its code asked for."""
    tenant = await paying(story)
    await story.until(RENEWAL_COMES)
    return tenant, await tenant.asks_for_code()


async def does(tenant: Tenant, deed: str, body: Any = None) -> dict[str, Any]:
    answer = await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/{deed}", body)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json
    assert told == await tenant.subscription()
    return told


async def refused(tenant: Tenant, deed: str, body: Any = None) -> tuple[int, str]:
    answer = await tenant.app.asks("POST", f"/v1/subscriptions/{tenant.id}/{deed}", body)
    return answer.status, answer.json["code"]


async def test_a_canceled_subscription_has_access_to_its_last_day_and_then_ends(
    story: Story,
) -> None:
    tenant, code = await owing(story)
    told = await does(tenant, "cancel")
    assert (told["status"], told["access"], told["cancel_at_period_end"]) == ("active", True, True)
    assert told["open_invoice"] is None
    voided = await tenant.invoice(code.invoice_id)
    assert (voided["status"], voided["void_reason"]) == ("void", "subscription_ended")
    await story.until(date(2026, 2, 28))
    assert (await tenant.subscription())["access"] is True
    await story.days_pass()
    ended = await tenant.subscription()
    assert (ended["status"], ended["reason"], ended["access"]) == ("canceled", "requested", False)
    types = await story.heard_types()
    assert types.count("subscription.cancel_scheduled") == 1
    assert types.count("subscription.canceled") == 1
    assert "subscription.grace_started" not in types


async def test_canceled_now_it_ends_at_once(story: Story) -> None:
    tenant, code = await owing(story)
    told = await does(tenant, "cancel", {"at": "now"})
    assert (told["status"], told["reason"], told["access"]) == ("canceled", "requested", False)
    assert (await tenant.invoice(code.invoice_id))["void_reason"] == "subscription_ended"
    assert await refused(tenant, "cancel", {"at": "now"}) == (409, "subscription_state")


async def test_a_scheduled_cancellation_can_be_hastened(story: Story) -> None:
    tenant = await paying(story)
    await does(tenant, "cancel", {"at": "period_end"})
    assert await refused(tenant, "cancel") == (409, "cancellation_scheduled")
    told = await does(tenant, "cancel", {"at": "now"})
    assert (told["status"], told["cancel_at_period_end"]) == ("canceled", False)


async def test_past_due_and_canceled_is_not_charged_any_more(story: Story) -> None:
    """In grace nothing is left to wait for."""
    tenant, _ = await owing(story)
    await story.until(date(2026, 3, 1))
    assert await tenant.status() == "grace"
    told = await does(tenant, "cancel")
    assert (told["status"], told["open_invoice"]) == ("canceled", None)
    await story.days_pass(3)
    types = await story.heard_types()
    assert types.count("invoice.issued") == 2
    assert "subscription.suspended" not in types


async def test_a_pending_or_free_subscription_ends_at_once(story: Story) -> None:
    pending = await story.subscribe("Bengkel Jaya", "bulanan")
    free = await story.subscribe("Bengkel Maju", "gratis")
    for tenant in (pending, free):
        told = await does(tenant, "cancel")
        assert (told["status"], told["open_invoice"]) == ("canceled", None)


async def test_a_canceled_tenant_can_come_back(story: Story) -> None:
    tenant = await paying(story)
    await does(tenant, "cancel", {"at": "now"})
    answer = await tenant.subscribes_again("tahunan")
    assert (answer.status, answer.json["status"]) == (201, "pending")


async def test_money_for_a_renewal_that_was_canceled_is_credit_and_an_alert(story: Story) -> None:
    tenant, code = await owing(story)
    told = await does(tenant, "cancel")
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["paid_through"], after["seq"]) == ("2026-02-28", told["seq"])
    assert await credit_of(tenant) == 99_000
    assert "paid_after_cancel" in await story.alerts()


async def test_money_for_a_subscription_that_was_canceled_at_once_is_credit_and_an_alert(
    story: Story,
) -> None:
    tenant, code = await owing(story)
    await does(tenant, "cancel", {"at": "now"})
    await tenant.pays(code)
    assert await tenant.status() == "canceled"
    assert await credit_of(tenant) == 99_000
    assert "paid_after_cancel" in await story.alerts()


async def test_undoing_issues_the_renewal_again_in_time(story: Story) -> None:
    tenant, code = await owing(story)
    await does(tenant, "cancel")
    told = await does(tenant, "undo-cancel")
    assert (told["cancel_at_period_end"], told["seq"]) == (False, 4)
    again = told["open_invoice"]
    assert (again["kind"], again["due_on"], again["total"]) == ("renewal", "2026-02-28", 99_000)
    assert (again["period_start"], again["period_end"]) == ("2026-03-01", "2026-03-31")
    assert again["id"] != code.invoice_id
    await story.days_pass(2)
    assert (await tenant.subscription())["open_invoice"]["id"] == again["id"]


async def test_after_undoing_the_old_codes_money_pays_the_new_renewal(story: Story) -> None:
    tenant, code = await owing(story)
    await does(tenant, "cancel")
    again = (await does(tenant, "undo-cancel"))["open_invoice"]
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["paid_through"], after["open_invoice"]) == ("2026-03-31", None)
    assert (await tenant.invoice(again["id"]))["status"] == "paid"
    assert await credit_of(tenant) == 0


async def test_money_that_came_meanwhile_pays_the_renewal_when_it_is_undone(story: Story) -> None:
    tenant, code = await owing(story)
    await does(tenant, "cancel")
    await tenant.pays(code)
    told = await does(tenant, "undo-cancel")
    assert (told["paid_through"], told["open_invoice"]) == ("2026-03-31", None)
    assert await credit_of(tenant) == 0
    seqs = [e.data["seq"] for e in await story.heard() if e.data.get("id") == tenant.id]
    assert sorted(seqs) == list(range(1, told["seq"] + 1))


async def test_before_the_lead_undoing_issues_nothing(story: Story) -> None:
    tenant = await paying(story)
    await does(tenant, "cancel")
    assert (await does(tenant, "undo-cancel"))["open_invoice"] is None
    assert await refused(tenant, "undo-cancel") == (409, "cancellation_not_scheduled")


async def test_a_trial_that_is_canceled_ends_with_its_last_day(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    await story.days_pass(8)
    assert (await tenant.subscription())["open_invoice"]["kind"] == "first"
    assert (await does(tenant, "cancel"))["status"] == "trialing"
    undone = await does(tenant, "undo-cancel")
    assert (undone["status"], undone["open_invoice"]["kind"]) == ("trialing", "first")
    await does(tenant, "cancel")
    await story.days_pass(7)
    assert await tenant.status() == "canceled"


async def test_credit_that_a_canceled_renewal_gives_back_pays_another_subscription(
    story: Story,
) -> None:
    """Rp99.000 of credit was applied to a yearly renewal, and would cover a monthly one."""
    app = await story.app(many_subscriptions=True)
    yearly = await paid_twice(story)
    answer = await yearly.subscribes_again("tahunan")
    assert answer.json["open_invoice"]["credit_applied"] == 99_000
    monthly = (await app.subscribes("Bengkel Jaya", "bulanan")).json
    assert monthly["status"] == "pending"
    await does(Tenant(story, app, answer.json), "cancel")
    assert await Tenant(story, app, monthly).status() == "active"
    assert await credit_of(yearly) == 0


async def test_another_apps_subscription_cannot_be_canceled(story: Story) -> None:
    tenant = await paying(story)
    other = await story.app(name="Kasir Pintar", simulated=True)
    answer = await other.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel")
    assert (answer.status, answer.json["code"]) == (404, "subscription_not_found")


async def test_a_cancellation_sent_again_with_its_key_is_answered_again(story: Story) -> None:
    tenant = await paying(story)
    path = f"/v1/subscriptions/{tenant.id}/cancel"
    first, again = [
        await tenant.app.asks("POST", path, {"at": "period_end"}, idempotency_key="stop-1")
        for _ in range(2)
    ]
    assert first.body == again.body
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_what_cannot_be_meant_is_refused(story: Story) -> None:
    tenant = await paying(story)
    for body in ({"at": "tomorrow"}, {"at": None}, {"when": "now"}):
        assert await refused(tenant, "cancel", body) == (422, "invalid_request")
    assert (await tenant.subscription())["seq"] == 2
