"""Money that something is wrong with waits for a person, who decides once."""

import pytest

from payment_service.actions.decide_review import (
    credit_review,
    dismiss_review,
    refund_review,
    settle_review,
)
from payment_service.kit.errors import Conflict, Refusal
from payment_service.kit.statements import Transaction
from payment_service.model.alert import raise_alert
from payment_service.model.audit import ENTRIES_OF_SUBJECT, By
from payment_service.model.credit import balance
from payment_service.model.review import ATTENTION, Attention, Review
from tests.scenarios.test_gateway_trouble import SAYS_SANDBOX
from tests.story import Story, Tenant


def by(story: Story, reason: str = "sudah dicek") -> By:
    return By("command line", reason, story.clock.now())


async def in_doubt(story: Story, amount: int = 100_000) -> tuple[Tenant, str]:
    """The gateway booked another sum than was asked for."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.the_gateway_books(code.order_id, amount)
    await tenant.pays(code)
    (needing,) = await attention(story)
    assert (needing.what, needing.amount) == ("amount_differs", amount)
    assert (needing.customer, needing.invoice) == ("Bengkel Jaya", "BB-2026-000001")
    assert "the code asked for Rp99.000" in needing.message
    assert await tenant.status() == "pending"
    return tenant, needing.id


async def attention(story: Story) -> list[Attention]:
    return await story.service.runtime.db.read(lambda tx: tx.all(ATTENTION))


async def settles(story: Story, payment: str, invoice: str | None = None) -> Review:
    runtime = story.service.runtime
    return await runtime.db.write(
        settle_review, runtime.links, payment, invoice, by(story), story.clock.now()
    )


async def credit(story: Story, payment: str) -> Review:
    runtime = story.service.runtime
    return await runtime.db.write(
        credit_review, runtime.links, payment, by(story), story.clock.now()
    )


async def owed_to(story: Story, tenant: Tenant) -> int:
    customer = (await tenant.subscription())["customer"]["id"]
    return await story.service.runtime.db.read(balance, customer)


async def test_settling_pays_the_invoice_and_credits_what_is_over(story: Story) -> None:
    tenant, payment = await in_doubt(story)
    await settles(story, payment)
    assert await tenant.status() == "active"
    assert await owed_to(story, tenant) == 1_000
    assert (await attention(story), await story.alerts()) == ([], [])
    told = {event.type: event.data for event in await story.heard()}
    assert told["payment.credited"]["credited"] == 1_000
    assert told["subscription.activated"]["seq"] == 2


async def test_what_is_over_settles_another_open_invoice_that_it_covers(story: Story) -> None:
    await story.app(many_subscriptions=True)
    tenant, payment = await in_doubt(story, 198_000)
    await story.seconds_pass(1)
    other = (await tenant.subscribes_again("bulanan")).json
    await settles(story, payment)
    assert await tenant.status() == "active"
    after = await tenant.app.asks("GET", f"/v1/subscriptions/{other['id']}")
    assert after.json["status"] == "active"
    assert await owed_to(story, tenant) == 0


async def test_money_that_is_short_cannot_settle_and_becomes_credit(story: Story) -> None:
    tenant, payment = await in_doubt(story, 98_000)
    with pytest.raises(Conflict, match="invoice_not_covered"):
        await settles(story, payment)
    await credit(story, payment)
    assert (await tenant.status(), await owed_to(story, tenant)) == ("pending", 98_000)
    assert await attention(story) == []


async def test_credit_from_a_review_settles_the_open_invoice_that_it_covers(story: Story) -> None:
    tenant, payment = await in_doubt(story)
    await credit(story, payment)
    assert (await tenant.status(), await owed_to(story, tenant)) == ("active", 1_000)


async def test_a_refund_is_announced_and_nothing_is_paid(story: Story) -> None:
    tenant, payment = await in_doubt(story)
    await story.service.runtime.db.write(
        refund_review, payment, "BCA 9", by(story, "salah nominal"), story.clock.now()
    )
    (logged,) = await story.service.runtime.db.read(
        lambda tx: tx.all(ENTRIES_OF_SUBJECT, subject_id=payment)
    )
    assert (logged.deed, logged.reason) == ("review.refund", "salah nominal")
    assert logged.details == {"amount": 100_000, "reference": "BCA 9"}
    assert (await tenant.status(), await owed_to(story, tenant)) == ("pending", 0)
    (told,) = [event.data for event in await story.heard() if event.type == "payment.refunded"]
    assert (told["payment_id"], told["amount"], told["reference"]) == (payment, 100_000, "BCA 9")


async def test_dismissing_needs_a_note(story: Story) -> None:
    _, payment = await in_doubt(story)
    runtime = story.service.runtime
    with pytest.raises(Refusal, match="review_note"):
        await runtime.db.write(dismiss_review, payment, by(story, " "), story.clock.now())
    await runtime.db.write(dismiss_review, payment, by(story, "uji coba kami"), story.clock.now())
    assert await attention(story) == []


async def test_a_review_is_decided_once(story: Story) -> None:
    tenant, payment = await in_doubt(story)
    await settles(story, payment)
    for again in (settles(story, payment), credit(story, payment)):
        with pytest.raises(Conflict, match="review_decided"):
            await again
    assert (await tenant.subscription())["seq"] == 2


async def test_an_invoice_of_somebody_else_is_not_settled_with_it(story: Story) -> None:
    _, payment = await in_doubt(story)
    other = await story.subscribe("Bengkel Maju", "bulanan")
    with pytest.raises(Refusal, match="invoice_not_found"):
        await settles(story, payment, other.first_answer["open_invoice"]["id"])
    assert await other.status() == "pending"


async def test_sandbox_money_in_a_live_app_can_only_be_dismissed(live_story: Story) -> None:
    """The gateway's project was switched to sandbox after the code had been made."""
    story = live_story
    await story.app(mode="live")
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.pakasir.db.write(lambda tx: tx.run(SAYS_SANDBOX, order=code.order_id, says=True))
    await tenant.pays(code)
    (needing,) = await attention(story)
    assert needing.what == "sandbox_money_in_live_app"
    for deed in (settles(story, needing.id), credit(story, needing.id)):
        with pytest.raises(Conflict, match="not_usable_money"):
            await deed
    assert await tenant.status() == "pending"


async def test_everything_that_needs_a_person_is_one_list(story: Story) -> None:
    tenant, payment = await in_doubt(story)
    await story.minutes_pass(1)

    def unit(tx: Transaction) -> None:
        raise_alert(
            tx,
            app_id=tenant.app.id,
            kind="code_refused",
            subject_id="chg_1",
            message="crc is wrong",
            now=story.clock.now(),
        )

    await story.service.runtime.db.write(unit)
    assert [(one.id[:4], one.what) for one in await attention(story)] == [
        ("pay_", "amount_differs"),
        ("alr_", "code_refused"),
    ]
    assert payment.startswith("pay_")
