"""Notices: hints that are never believed, forged, lost, early, and too soon after the last look."""

import asyncio
from datetime import timedelta

from tests.invariants import row_counts
from tests.story import Story


async def test_a_forged_notice_changes_nothing(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    before = await tenant.subscription()
    reference = (await story.pakasir.code(code.order_id)).reference
    forged = {
        "order_id": code.order_id,
        "txn_id": reference,
        "amount": 99_000,
        "status": "completed",
        "completed_at": "2026-01-31T03:00:00Z",
        "is_sandbox": True,
    }
    assert (await story.notice_comes(forged)).status == 200
    await story.minutes_pass(5)
    assert await tenant.subscription() == before
    assert "invoice.paid" not in await story.heard_types()


async def test_a_forged_notice_does_not_keep_the_true_money_away(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    forged = {"order_id": code.order_id, "txn_id": "made-up", "status": "completed"}
    assert (await story.notice_comes(forged)).status == 200
    await story.seconds_pass(4)
    await tenant.pays(code)
    await story.seconds_pass(4)  # the gateway was just asked about it
    assert await tenant.status() == "active"


async def test_a_notice_that_is_ahead_of_the_gateways_own_word_is_followed_up(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    early = {"order_id": code.order_id, "status": "completed"}
    assert (await story.notice_comes(early)).status == 200
    await tenant.pays_without_notice(code)
    assert await tenant.status() == "pending"
    await story.seconds_pass(4)
    assert await tenant.status() == "active"


async def test_a_wrong_secret_is_refused_and_changes_nothing(
    story: Story, database_url: str
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    before = row_counts(database_url)
    for secret in ("", "salah", "rahasia-kaba", "rähasia"):
        answer = await story.notice_comes(notice, secret=secret)
        assert (answer.status, answer.json["code"]) == (401, "wrong_secret"), secret
    assert row_counts(database_url) == before
    assert await tenant.status() == "pending"


async def test_a_wrong_secret_does_not_stop_the_sweep(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    await story.notice_comes(notice, secret="salah")
    await story.minutes_pass(2)
    assert await tenant.status() == "active"


async def test_a_notice_for_an_unknown_order_is_answered_and_asks_nobody(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.asks_for_code()
    story.pakasir.calls.clear()
    answer = await story.notice_comes({"order_id": "chg_unknown", "txn_id": "sim_unknown"})
    assert answer.status == 200
    assert not story.pakasir.calls


async def test_a_notice_for_another_apps_order_is_unknown(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    others_app = await story.app(name="Other", simulated=True)
    headers = {"X-Secret": "rahasia-kabar"}
    answer = await story.service.ask("POST", others_app.notice_path, data=notice, headers=headers)
    assert answer.status == 401
    await story.service.rest()
    assert await tenant.status() == "pending"


async def test_a_notice_that_is_none_is_refused(story: Story) -> None:
    await story.app()
    for body in (b"", b"{", b"[]", b'{"order_id": 7}', b"\xff\xfe", b"null"):
        answer = await story.notice_comes(body)
        assert (answer.status, answer.json["code"]) == (422, "malformed_notice"), body


async def test_the_notice_never_comes_and_the_sweep_finds_the_money(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays_without_notice(await tenant.asks_for_code())
    await story.seconds_pass(119)
    assert await tenant.status() == "pending"
    await story.seconds_pass(1)
    assert await tenant.status() == "active"


async def test_money_that_comes_after_the_code_has_expired_is_found(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    for _ in range(10):
        await story.minutes_pass(2)
    await tenant.pays_without_notice(code)
    await story.minutes_pass(2)
    assert await tenant.status() == "active"


async def test_a_notice_soon_after_the_last_look_waits_its_turn(limited_story: Story) -> None:
    story = limited_story
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.minutes_pass(2)  # the gateway has just been asked, and said that it is pending
    await story.seconds_pass(1)
    assert await tenant.status() == "pending"
    await tenant.pays(code)
    assert await tenant.status() == "pending"
    await story.seconds_pass(2)
    assert await tenant.status() == "pending"
    await story.seconds_pass(1)
    assert await tenant.status() == "active"
    assert "gateway_busy" not in await story.alerts()


async def test_a_notice_during_a_look_that_found_nothing_is_gone_into_soon(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    story.pakasir.hold("transaction-status")
    looking = asyncio.create_task(story.minutes_pass(2))
    await story.pakasir.holds(1)
    # The gateway has said "pending", and its answer is still under way when the money comes.
    story.clock.advance(timedelta(seconds=1))
    notice = await tenant.pays_without_notice(code)
    assert (await story.notice_comes(notice)).status == 200
    await story.pakasir.let_go()
    await looking
    assert await tenant.status() == "pending"
    await story.seconds_pass(3)
    assert await tenant.status() == "active"


async def test_the_notice_outruns_the_answer_to_the_call_that_made_the_code(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    story.pakasir.hold("create-transaction")
    asking = asyncio.create_task(tenant.tries_for_code())
    await story.pakasir.holds(1)
    await story.money_arrives(await story.pakasir.only_order())
    await story.service.rest()
    assert await tenant.status() == "active"
    await story.pakasir.let_go()
    assert (await asking).status == 409
    after = await tenant.subscription()
    assert (after["status"], after["seq"]) == ("active", 2)
    again = await tenant.tries_for_code(tenant.first_answer["open_invoice"]["id"])
    assert (again.status, again.json["code"]) == (409, "invoice_paid")
