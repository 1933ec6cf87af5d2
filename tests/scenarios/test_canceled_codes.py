"""Codes that nobody should pay any more are canceled at the gateway; money for them is not lost."""

from datetime import timedelta

from payment_service.actions.cancel_codes import lease_codes_to_cancel
from payment_service.model.charge import CHARGE, Charge, close_codes
from tests.story import Code, Story, Tenant


async def charge_of(story: Story, code: Code) -> Charge:
    found = await story.service.runtime.db.read(lambda tx: tx.one(CHARGE, id=code.order_id))
    assert found is not None
    return found


async def two_codes(story: Story) -> tuple[Tenant, Code, Code]:
    """The old one has too little life left to be handed out, and can still be paid."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    old = await tenant.asks_for_code()
    await story.minutes_pass(14)
    fresh = await tenant.asks_for_code()
    assert fresh.order_id != old.order_id
    return tenant, old, fresh


async def is_closed(story: Story, code: Code, but: Code | None = None) -> None:
    """What settling and voiding do."""
    now = story.clock.now()
    except_id = but.order_id if but else ""
    await story.service.runtime.db.write(close_codes, code.invoice_id, now, but=except_id)


async def canceling_takes_its_turn(story: Story, seconds: float = 0) -> int:
    """How many calls the gateway gets."""
    story.clock.advance(timedelta(seconds=seconds))
    before = story.pakasir.calls["cancel-transaction"]
    await story.service.cancel_codes()
    return story.pakasir.calls["cancel-transaction"] - before


async def test_when_the_fresh_code_is_paid_the_old_one_is_canceled(story: Story) -> None:
    tenant, old, fresh = await two_codes(story)
    await tenant.pays(fresh)
    await is_closed(story, old, but=fresh)
    assert await canceling_takes_its_turn(story) == 1
    assert (await story.pakasir.code(old.order_id)).status == "canceled"
    assert (await story.pakasir.code(fresh.order_id)).status == "completed"
    await story.seconds_pass(4)
    assert (await charge_of(story, old)).status == "canceled"
    assert await canceling_takes_its_turn(story, 3_600) == 0
    assert await tenant.status() == "active"


async def test_what_cannot_be_canceled_is_tried_three_times_and_holds_up_nothing(
    story: Story,
) -> None:
    tenant, old, fresh = await two_codes(story)
    await tenant.pays(fresh)
    told = await story.heard_types()
    await is_closed(story, old, but=fresh)
    await story.pakasir.stop()
    assert await canceling_takes_its_turn(story) == 0
    assert (await charge_of(story, old)).cancel_at == story.clock.now() + timedelta(minutes=1)
    await canceling_takes_its_turn(story, 60)
    assert (await charge_of(story, old)).cancel_at == story.clock.now() + timedelta(minutes=10)
    await canceling_takes_its_turn(story, 600)
    charge = await charge_of(story, old)
    assert (charge.cancel_at, charge.cancel_tries, charge.status) == (None, 3, "replaced")
    await story.pakasir.start()
    assert await canceling_takes_its_turn(story, 3_600) == 0
    assert await tenant.status() == "active"
    assert await story.heard_types() == told
    assert await story.alerts() == []


async def test_the_gateway_is_asked_again_after_a_minute(story: Story) -> None:
    tenant, old, fresh = await two_codes(story)
    await tenant.pays(fresh)
    await is_closed(story, old, but=fresh)
    await story.pakasir.stop()
    await canceling_takes_its_turn(story)
    await story.pakasir.start()
    assert await canceling_takes_its_turn(story, 59) == 0
    assert await canceling_takes_its_turn(story, 1) == 1
    assert (await story.pakasir.code(old.order_id)).status == "canceled"


async def test_money_that_was_quicker_than_the_cancel_is_credited(story: Story) -> None:
    tenant, old, fresh = await two_codes(story)
    await tenant.pays(fresh)
    await is_closed(story, old, but=fresh)
    await tenant.pays_without_notice(old)
    before = await tenant.subscription()
    assert await canceling_takes_its_turn(story) == 1  # the gateway says no: it is paid
    await story.seconds_pass(4)
    assert (await charge_of(story, old)).status == "paid"
    assert (await story.heard_types()).count("payment.credited") == 1
    assert await tenant.subscription() == before
    assert await canceling_takes_its_turn(story, 3_600) == 0


async def test_a_replaced_first_invoice_has_its_codes_canceled(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    old = await tenant.asks_for_code()
    await tenant.subscribes_again("tahunan")
    await is_closed(story, old)
    assert await canceling_takes_its_turn(story) == 1
    await story.seconds_pass(4)
    assert (await charge_of(story, old)).status == "canceled"
    await tenant.pays(await tenant.asks_for_code())
    assert (await tenant.subscription())["plan"]["code"] == "tahunan"


async def test_money_for_a_replaced_invoice_that_beat_the_cancel_activates_its_plan(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    old = await tenant.asks_for_code()
    await tenant.subscribes_again("tahunan")
    await is_closed(story, old)
    await tenant.pays_without_notice(old)
    await canceling_takes_its_turn(story)
    await story.seconds_pass(4)
    after = await tenant.subscription()
    assert (after["status"], after["plan"]["code"]) == ("active", "bulanan")


async def test_a_process_that_dies_while_asking_leaves_it_to_the_next_after_its_lease(
    story: Story,
) -> None:
    tenant, old, fresh = await two_codes(story)
    await tenant.pays(fresh)
    await is_closed(story, old, but=fresh)
    runtime = story.service.runtime
    assert await canceling_takes_its_turn(story, -1) == 0
    story.clock.advance(timedelta(seconds=1))
    leased = await lease_codes_to_cancel(runtime, 0)  # and it dies
    assert [charge.id for charge in leased] == [old.order_id]
    assert await canceling_takes_its_turn(story, 14.9) == 0
    assert await canceling_takes_its_turn(story, 0.1) == 1
