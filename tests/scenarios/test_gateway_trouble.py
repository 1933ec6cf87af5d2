"""The gateway is down, says no, or says something that cannot be believed."""

import asyncio

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from payment_service.kit.statements import command, param
from payment_service.outside.gateway_calls import CALLS
from payment_service.outside.simulator.codes import simulated_codes
from tests.invariants import row_counts
from tests.story import Story

SAYS_AMOUNT = command(
    update(simulated_codes)
    .where(simulated_codes.c.order_id == param("order"))
    .values(amount=param("says"))
)
SAYS_SANDBOX = command(
    update(simulated_codes)
    .where(simulated_codes.c.order_id == param("order"))
    .values(is_sandbox=param("says"))
)
RENAME = command(
    update(simulated_codes)
    .where(simulated_codes.c.order_id == param("order"))
    .values(order_id=param("to"))
)


async def test_the_gateway_is_down_for_a_code_and_the_subscription_stays(
    story: Story, database_url: str
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    before = await tenant.subscription()
    await story.pakasir.stop()
    refused = await tenant.tries_for_code()
    assert (refused.status, refused.json["code"]) == (503, "gateway_unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    assert await tenant.subscription() == before
    assert row_counts(database_url)["payments"] == 0
    await story.pakasir.start()
    await tenant.pays(await tenant.asks_for_code())
    assert await tenant.status() == "active"


async def test_the_gateway_is_down_at_the_notice_and_is_asked_again(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    await story.pakasir.stop()
    assert (await story.notice_comes(notice)).status == 200
    await story.seconds_pass(5)
    assert await tenant.status() == "pending"
    await story.pakasir.start()
    await story.seconds_pass(15)
    assert await tenant.status() == "active"


async def test_another_amount_than_was_asked_for_is_looked_at_by_a_person(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    notice = await tenant.pays_without_notice(code)
    await story.pakasir.db.write(lambda tx: tx.run(SAYS_AMOUNT, order=code.order_id, says=98_000))
    assert (await story.notice_comes(notice)).status == 200
    assert await tenant.status() == "pending"
    assert "payment.needs_review" in await story.heard_types()
    assert await story.alerts() == ["payment_needs_review"]
    await story.minutes_pass(30)
    assert (await story.heard_types()).count("payment.needs_review") == 1


async def test_sandbox_money_in_a_live_app_is_looked_at_by_a_person(live_story: Story) -> None:
    story = live_story
    await story.app(mode="live")
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    notice = await tenant.pays_without_notice(code)
    await story.pakasir.db.write(lambda tx: tx.run(SAYS_SANDBOX, order=code.order_id, says=True))
    assert (await story.notice_comes(notice)).status == 200
    assert await tenant.status() == "pending"
    assert await story.alerts() == ["payment_needs_review"]


async def test_live_money_in_a_live_app_is_paid(live_story: Story) -> None:
    await live_story.app(mode="live")
    tenant = await live_story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    assert await tenant.status() == "active"


async def test_a_test_app_shows_no_code_that_moves_real_money(live_story: Story) -> None:
    tenant = await live_story.subscribe("Bengkel Jaya", "bulanan")
    answer = await tenant.tries_for_code()
    assert (answer.status, answer.json["code"]) == (503, "code_refused")
    assert await live_story.alerts() == ["code_refused"]


async def test_live_money_in_a_test_app_is_looked_at_by_a_person(story: Story) -> None:
    """The project was taken out of sandbox after the code had been made."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.pakasir.db.write(lambda tx: tx.run(SAYS_SANDBOX, order=code.order_id, says=False))
    await tenant.pays(code)
    assert await tenant.status() == "pending"
    assert await story.alerts() == ["payment_needs_review"]


async def test_a_sandbox_code_is_never_shown_by_a_live_app(story: Story) -> None:
    await story.app(mode="live")
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    answer = await tenant.tries_for_code()
    assert (answer.status, answer.json["code"]) == (503, "code_refused")
    assert await story.alerts() == ["code_refused"]


async def test_a_live_app_without_a_gateway_gives_no_codes(story: Story) -> None:
    app = await story.app(name="Tanpa Gerbang", mode="live", simulated=True)
    subscribed = await app.subscribes("Bengkel Jaya", "bulanan")
    invoice_id = subscribed.json["open_invoice"]["id"]
    answer = await app.asks("POST", f"/v1/invoices/{invoice_id}/qris")
    assert (answer.status, answer.json["code"]) == (409, "gateway_not_configured")


async def test_a_damaged_live_code_is_never_shown_and_the_next_try_asks_anew(
    live_story: Story,
) -> None:
    story = live_story
    await story.app(mode="live")
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    story.pakasir.hold("create-transaction")
    asking = asyncio.create_task(tenant.tries_for_code())
    await story.pakasir.holds(1)
    damaged = await story.pakasir.only_order()
    story.pakasir.breaks_its_answers = True
    await story.pakasir.let_go()
    refused = await asking
    assert (refused.status, refused.json["code"]) == (503, "code_refused")
    assert await story.alerts() == ["code_refused"]

    story.pakasir.breaks_its_answers = False
    code = await tenant.asks_for_code()
    assert code.order_id != damaged
    # What was never shown can still be paid by whoever has it.
    await story.notice_comes(await story.pakasir.receives_money(damaged))
    assert await tenant.status() == "active"


async def test_many_calls_for_one_code_at_a_busy_gateway_give_the_one_code(
    limited_story: Story,
) -> None:
    tenant = await limited_story.subscribe("Bengkel Jaya", "bulanan")
    answers = await asyncio.gather(*(tenant.tries_for_code() for _ in range(10)))
    assert [answer.status for answer in answers] == [200] * 10
    assert len({answer.json["charge_id"] for answer in answers}) == 1


async def test_a_gateway_silent_for_six_calls_is_told_until_it_answers(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.pakasir.stop()
    for seconds in (120, 4, 15, 60, 300):
        await story.seconds_pass(seconds)
    assert await story.alerts() == []
    await story.seconds_pass(300)
    assert await story.alerts() == ["gateway_unreachable"]
    await story.pakasir.start()
    await tenant.pays_without_notice(code)
    await story.seconds_pass(300)
    assert await tenant.status() == "active"
    assert await story.alerts() == []


async def test_a_gateway_that_is_away_for_a_day_is_told_once_counted_and_made_up_for(
    lone_story: Story,
) -> None:
    story = lone_story
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await tenant.pays_without_notice(code)
    await story.pakasir.stop()
    before = CALLS.count("unreachable")
    with capture_logs() as logs:
        for _ in range(24 * 12):  # a day, five minutes at a time
            await story.minutes_pass(5)
    assert await story.alerts() == ["gateway_unreachable"]
    failed = [line for line in logs if line["event"] == "status_call_failed"]
    assert {line["fault"] for line in failed} == {"unreachable"}
    assert len(failed) <= 40  # it is asked less and less often
    assert CALLS.count("unreachable") - before >= len(failed)
    assert await tenant.status() == "pending"
    await story.pakasir.start()
    await story.minutes_pass(60)
    assert await tenant.status() == "active"
    assert await story.alerts() == []


async def test_an_answer_after_a_refusal_ends_the_alert(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.pakasir.db.write(lambda tx: tx.run(RENAME, order=code.order_id, to="elsewhere"))
    await story.minutes_pass(2)
    assert await story.alerts() == ["gateway_nonsense"]
    await story.pakasir.db.write(lambda tx: tx.run(RENAME, order="elsewhere", to=code.order_id))
    await story.seconds_pass(4)
    assert await story.alerts() == []


@pytest.mark.parametrize(("says_sandbox", "becomes"), [(True, "pending"), (False, "active")])
async def test_a_notice_that_says_sandbox_counts_where_version_1s_status_does_not_tell(
    live_story: Story, says_sandbox: bool, becomes: str
) -> None:
    story = live_story
    await story.app(mode="live", version="v1")
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await tenant.pays_without_notice(code)
    notice = {"order_id": code.order_id, "status": "completed", "is_sandbox": says_sandbox}
    assert (await story.notice_comes(notice)).status == 200
    assert await tenant.status() == becomes
    assert await story.alerts() == ["payment_needs_review"] * says_sandbox
