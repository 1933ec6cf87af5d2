"""The sweep: what no notice told is found, and what a gateway takes back is told to a person."""

from datetime import timedelta

from sqlalchemy import update

from payment_service.kit.statements import command, param
from payment_service.model.charge import CHARGE, Charge
from payment_service.model.verification import claim_noticed
from payment_service.outside.simulator.codes import simulated_codes
from tests.story import Code, Story, Tenant

TAKE_BACK = command(
    update(simulated_codes)
    .where(simulated_codes.c.order_id == param("order"))
    .values(status="canceled", completed_at=None)
)


async def charge_of(story: Story, code: Code) -> Charge:
    found = await story.service.runtime.db.read(lambda tx: tx.one(CHARGE, id=code.order_id))
    assert found is not None
    return found


async def test_with_every_notice_lost_all_payments_are_found_in_time(story: Story) -> None:
    pays_at = [7.0, 14.5, 15.0, 22.5, 29.5]
    tenants = [await story.subscribe(f"Bengkel {minute}", "bulanan") for minute in pays_at]
    codes = [await tenant.asks_for_code() for tenant in tenants]
    began = story.clock.now()
    waiting: dict[float, Tenant] = {}
    while story.clock.now() - began < timedelta(minutes=32):
        minutes = (story.clock.now() - began) / timedelta(minutes=1)
        for at, tenant, code in zip(pays_at, tenants, codes, strict=True):
            if minutes == at:
                await tenant.pays_without_notice(code)
                waiting[at] = tenant
        await story.seconds_pass(30)
        minutes += 0.5
        for at in [at for at in waiting if minutes - at >= 2]:
            assert await waiting.pop(at).status() == "active", f"paid after {at} minutes"
    assert not waiting


async def test_money_for_a_code_long_expired_is_found_within_a_day(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    for _ in range(5):
        await story.minutes_pass(20)
    await tenant.pays_without_notice(code)
    await story.minutes_pass(22 * 60 + 34)
    assert await tenant.status() == "pending"
    await story.minutes_pass(1)  # a day after the code's end
    assert await tenant.status() == "active"


async def test_a_code_that_nobody_pays_is_let_go_after_a_week(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    for _ in range(10 * 24):
        await story.minutes_pass(60)
    assert (await charge_of(story, code)).check_at is None
    # It was canceled by the gateway after a day; until then it was looked at now and then.
    assert 3 <= story.pakasir.calls["transaction-status"] <= 24


async def paid_and_taken_back(story: Story) -> tuple[Tenant, Code, dict[str, str]]:
    """The gateway said completed, and says canceled from here on. Gives the notice about it."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await tenant.pays(code)
    assert await tenant.status() == "active"
    await story.pakasir.db.write(lambda tx: tx.run(TAKE_BACK, order=code.order_id))
    story.pakasir.calls.clear()
    return tenant, code, {"order_id": code.order_id, "status": "canceled"}


async def test_a_completed_that_later_turns_canceled_stays_paid_and_is_told(story: Story) -> None:
    tenant, code, notice = await paid_and_taken_back(story)
    before = await tenant.subscription()
    await story.seconds_pass(60)
    assert story.pakasir.calls["transaction-status"] == 0
    assert (await story.notice_comes(notice)).status == 200
    assert await story.alerts() == ["paid_then_canceled"]
    assert await tenant.subscription() == before
    charge = await charge_of(story, code)
    assert (charge.status, charge.check_at, charge.lease_until) == ("paid", None, None)


async def test_a_notice_about_a_paid_charge_is_asked_about_once_in_four_seconds(
    story: Story,
) -> None:
    _, code, notice = await paid_and_taken_back(story)
    for _ in range(5):  # the gateway was asked at this very instant, and said completed
        await story.notice_comes(notice)
    assert story.pakasir.calls["transaction-status"] == 0
    await story.seconds_pass(3)
    assert await story.alerts() == []
    await story.seconds_pass(1)
    assert await story.alerts() == ["paid_then_canceled"]
    await story.minutes_pass(60)
    assert story.pakasir.calls["transaction-status"] == 1
    assert (await charge_of(story, code)).check_at is None


async def test_a_false_word_that_a_payment_was_canceled_changes_nothing(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await tenant.pays(code)
    before, told = await tenant.subscription(), await story.heard_types()
    await story.seconds_pass(5)
    await story.notice_comes({"order_id": code.order_id, "status": "canceled"})
    charge = await charge_of(story, code)
    assert (charge.status, charge.check_at, charge.lease_until) == ("paid", None, None)
    assert await tenant.subscription() == before
    assert await story.heard_types() == told
    assert await story.alerts() == []


async def test_a_gateway_that_is_silent_about_a_paid_charge_is_asked_again_ever_more_rarely(
    story: Story,
) -> None:
    _, code, notice = await paid_and_taken_back(story)
    await story.seconds_pass(5)
    await story.pakasir.stop()
    await story.notice_comes(notice)
    charge = await charge_of(story, code)
    assert charge.check_at == story.clock.now() + timedelta(seconds=4)
    await story.seconds_pass(4)
    await story.pakasir.start()
    await story.seconds_pass(15)
    assert await story.alerts() == ["paid_then_canceled"]
    assert (await charge_of(story, code)).check_at is None


async def test_a_late_copy_of_a_notice_asks_nothing_about_what_was_paid_meanwhile(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await tenant.pays(code)
    before = await charge_of(story, code)
    for seconds in (1, 10):
        now = story.clock.advance(timedelta(seconds=seconds))
        claimed = await story.service.runtime.db.write(
            claim_noticed, code.order_id, None, now, even_paid=False
        )
        assert not claimed
    assert await charge_of(story, code) == before
