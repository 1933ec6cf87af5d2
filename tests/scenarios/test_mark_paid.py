"""Money that an admin saw come: it goes through the same door, and renews exactly once."""

import asyncio

from tests.audit import audited
from tests.story import App, Story, Tenant


async def marks(
    admin: App, invoice_id: str, reference: str = "BCA 1", **more: str
) -> tuple[int, str]:
    body = {"reference": reference, "note": "tunai, dilihat Rini", **more}
    answer = await admin.asks("POST", f"/v1/invoices/{invoice_id}/mark-paid", body)
    return answer.status, answer.json.get("code") or answer.json["outcome"]


async def owing(story: Story) -> tuple[Tenant, str, App]:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    invoice: str = tenant.first_answer["open_invoice"]["id"]
    return tenant, invoice, await story.admin()


async def test_an_invoice_marked_as_paid_lets_the_tenant_in(story: Story) -> None:
    tenant, invoice, admin = await owing(story)
    assert await marks(admin, invoice) == (201, "settled")
    after = await tenant.subscription()
    assert (after["status"], after["paid_through"]) == ("active", "2026-02-28")
    assert await story.heard_types() == [
        "invoice.issued",
        "invoice.paid",
        "subscription.activated",
        "subscription.created",
    ]


async def test_who_marked_it_and_why_is_in_the_audit_log(story: Story) -> None:
    _, invoice, admin = await owing(story)
    await marks(admin, invoice)
    await marks(admin, invoice, "BCA 2")  # refused: it is paid
    assert await audited(story, invoice) == [("invoice.mark_paid", "tunai, dilihat Rini")]


async def test_marking_it_again_changes_nothing(story: Story) -> None:
    tenant, invoice, admin = await owing(story)
    answers = await asyncio.gather(*(marks(admin, invoice) for _ in range(10)))
    assert sorted(answers)[0] == (201, "settled")
    assert {status for status, _ in sorted(answers)[1:]} == {409}
    assert await marks(admin, invoice, "BCA 2") == (409, "invoice_paid")
    assert (await tenant.subscription())["seq"] == 2


async def test_a_reference_belongs_to_one_payment_of_the_app(story: Story) -> None:
    _, invoice, admin = await owing(story)
    await marks(admin, invoice)
    other = await story.subscribe("Bengkel Maju", "bulanan")
    path = f"/v1/invoices/{other.first_answer['open_invoice']['id']}/mark-paid"
    answer = await admin.asks("POST", path, {"reference": "BCA 1", "note": "lagi"})
    assert (answer.status, answer.json["code"]) == (409, "reference_used")
    assert answer.json["invoice_id"] == invoice
    assert await other.status() == "pending"


async def test_a_key_without_the_scope_admin_cannot(story: Story) -> None:
    tenant, invoice, _ = await owing(story)
    assert await marks(tenant.app, invoice) == (403, "scope_missing")
    assert await tenant.status() == "pending"


async def test_the_day_that_an_admin_names_is_the_payment_day(story: Story) -> None:
    tenant, invoice, admin = await owing(story)
    await story.minutes_pass(2 * 24 * 60)
    assert await marks(admin, invoice, paid_on="2026-01-30") == (422, "paid_on")
    assert await marks(admin, invoice, paid_on="2026-02-03") == (422, "paid_on")
    assert await marks(admin, invoice, paid_on="2026-02-01") == (201, "settled")
    assert (await tenant.subscription())["paid_through"] == "2026-03-01"


async def test_money_on_the_code_of_an_invoice_marked_as_paid_is_credit(story: Story) -> None:
    tenant, invoice, admin = await owing(story)
    code = await tenant.asks_for_code()
    await marks(admin, invoice)
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["status"], after["paid_through"], after["seq"]) == ("active", "2026-02-28", 2)
    (told,) = [event for event in await story.heard() if event.type == "payment.credited"]
    assert told.data["amount"] == told.data["credited"] == 99_000


async def test_the_code_of_an_invoice_marked_as_paid_is_canceled_at_the_gateway(
    story: Story,
) -> None:
    tenant, invoice, admin = await owing(story)
    code = await tenant.asks_for_code()
    await marks(admin, invoice)
    await story.service.cancel_codes()
    assert (await story.pakasir.code(code.order_id)).status == "canceled"


async def test_marking_a_replaced_first_invoice_as_paid_activates_its_plan(story: Story) -> None:
    tenant, invoice, admin = await owing(story)
    await tenant.subscribes_again("tahunan")
    assert await marks(admin, invoice) == (201, "settled")
    after = await tenant.subscription()
    assert (after["status"], after["plan"]["code"]) == ("active", "bulanan")


async def test_a_code_that_comes_after_its_invoice_was_paid_is_not_shown_and_canceled(
    story: Story,
) -> None:
    """Cash is booked while the gateway is still making the code."""
    tenant, invoice, admin = await owing(story)
    story.pakasir.hold("create-transaction")
    asking = asyncio.create_task(tenant.tries_for_code(invoice))
    await story.pakasir.holds(1)
    await marks(admin, invoice)
    await story.pakasir.let_go()
    answer = await asking
    assert (answer.status, answer.json["code"]) == (409, "invoice_paid")
    await story.service.cancel_codes()
    order_id = await story.pakasir.only_order()
    assert (await story.pakasir.code(order_id)).status == "canceled"
