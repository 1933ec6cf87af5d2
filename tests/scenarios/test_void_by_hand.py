"""Voiding an open invoice by hand, and what becomes of the subscription it was for."""

from typing import Any

import msgspec

from payment_service.books.draft_invoice import Terms, draft_first
from payment_service.kit.statements import save
from payment_service.model.plan import plan_for_sale
from tests.actions.standing import Stage, on_stage
from tests.audit import audited
from tests.books.test_credit import credit_of
from tests.scenarios.test_cancel import owing, paying
from tests.story import App, Story, Tenant

WHY = {"reason": "Salah terbit"}


async def voids(admin: App, invoice_id: str) -> dict[str, Any]:
    answer = await admin.asks("POST", f"/v1/invoices/{invoice_id}/void", WHY)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json
    assert (told["status"], told["void_reason"]) == ("void", "admin")
    return told


async def refused(admin: App, invoice_id: str) -> tuple[int, str]:
    answer = await admin.asks("POST", f"/v1/invoices/{invoice_id}/void", WHY)
    return answer.status, answer.json["code"]


async def test_a_pending_subscription_expires_with_its_first_invoice(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await voids(await story.admin(), code.invoice_id)
    assert await tenant.status() == "expired"
    assert await audited(story, code.invoice_id) == [("invoice.void", WHY["reason"])]
    assert "subscription.expired" in await story.heard_types()
    await tenant.pays(code)  # money revives, as after any timeout
    assert await tenant.status() == "active"


async def test_a_renewal_is_issued_afresh_by_the_next_billing_run(story: Story) -> None:
    tenant, code = await owing(story)
    admin = await story.admin()
    await voids(admin, code.invoice_id)
    after = await tenant.subscription()
    assert (after["status"], after["open_invoice"], after["seq"]) == ("active", None, 2)
    await story.days_pass()
    again = (await tenant.subscription())["open_invoice"]
    assert (again["kind"], again["due_on"]) == ("renewal", "2026-02-28")
    paid = {"reference": "BCA 1", "note": "for the voided one, over as much"}
    path = f"/v1/invoices/{code.invoice_id}/mark-paid"
    assert (await admin.asks("POST", path, paid)).json["invoice_id"] == again["id"]
    assert (await tenant.subscription())["paid_through"] == "2026-03-31"


async def test_money_for_what_was_voided_is_credit(story: Story) -> None:
    tenant, code = await owing(story)
    await voids(await story.admin(), code.invoice_id)
    await tenant.pays(code)
    assert await credit_of(tenant) == 99_000
    await story.days_pass()
    assert (await tenant.subscription())["paid_through"] == "2026-03-31"


async def test_what_is_paid_or_void_stays_so(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    paid = tenant.first_answer["open_invoice"]["id"]
    assert await refused(admin, paid) == (409, "invoice_paid")
    other = await story.subscribe("Bengkel Maju", "bulanan")
    open_one = other.first_answer["open_invoice"]["id"]
    await voids(admin, open_one)
    assert await refused(admin, open_one) == (409, "invoice_void")
    assert await refused(admin, "inv_0") == (404, "invoice_not_found")
    assert await audited(story, paid) == []


async def test_a_free_plan_drops_the_change_that_its_invoice_was_for(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")

    def change(stage: Stage) -> str:
        plan = plan_for_sale(stage.tx, stage.app.id, "bulanan")
        before = stage.contract(tenant.id).subscription
        waiting = msgspec.structs.replace(before, next_plan_id=plan.id, next_price=plan.price)
        save(stage.tx, before, waiting)
        terms = Terms(plan, plan.price, plan.months)
        return stage.issues(draft_first(stage.app, waiting, terms, story.clock.now()))

    invoice = await on_stage(tenant.app, change)
    assert (await tenant.subscription())["pending_change"] is not None
    await voids(await story.admin(), invoice)
    after = await tenant.subscription()
    assert (after["status"], after["pending_change"], after["open_invoice"]) == (
        "active",
        None,
        None,
    )
    assert (await story.heard_types()).count("subscription.updated") == 1


async def test_it_needs_the_scope_admin(story: Story) -> None:
    tenant: Tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    invoice = tenant.first_answer["open_invoice"]["id"]
    assert await refused(tenant.app, invoice) == (403, "scope_missing")
    assert await tenant.status() == "pending"
