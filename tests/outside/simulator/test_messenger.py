"""Faults on the way of a notice: lost, late, twice, out of order, too early, in a strange dress."""

import asyncio

import pytest

from payment_service.kit.database import Database
from payment_service.outside.simulator.codes import complete
from tests.clocks import HandClock
from tests.outside.simulator.conftest import Simulate

ORDER, STATUS = "order_id", "status"


async def test_a_lost_notice_is_never_sent(simulate: Simulate) -> None:
    at = await simulate()
    at.will(kind="notice_lost", order_id="chg_1")

    lost = await at.paid("chg_1")
    await at.paid("chg_2")

    assert [notice[ORDER] for notice in at.heard] == ["chg_2"]
    assert (await at.status(lost)).json["status"] == "completed"
    assert at.faults.fired_by_order == {("notice_lost", "chg_1"): 1}


async def test_a_late_notice_keeps_nobody_waiting_and_comes(simulate: Simulate) -> None:
    at = await simulate()
    at.will(kind="notice_late", seconds=0.2)

    await at.paid()
    at_once = len(at.notices)
    await at.faults.rest()

    assert (at_once, len(at.notices)) == (0, 1)


@pytest.mark.parametrize("variant", ["together", "again"])
async def test_a_notice_can_come_twice(simulate: Simulate, variant: str) -> None:
    at = await simulate()
    at.will(kind="notice_twice", variant=variant)

    await at.paid()

    assert len(at.notices) == 2
    assert at.notices[0] == at.notices[1]
    assert at.faults.fired == {"notice_twice": 1}


async def test_of_two_payments_the_later_can_be_told_first(simulate: Simulate) -> None:
    at = await simulate()
    at.will(kind="notices_out_of_order", variant="swapped", seconds=30, times=1)

    await at.paid("chg_1")
    before = dict(at.faults.fired)
    await at.paid("chg_2")
    await at.paid("chg_3")
    async with asyncio.timeout(30):
        await at.faults.rest()

    assert [notice[ORDER] for notice in at.heard] == ["chg_2", "chg_1", "chg_3"]
    assert (before, at.faults.fired_by_order) == ({}, {("notices_out_of_order", "chg_1"): 1})


async def test_a_notice_that_nobody_overtakes_comes_all_the_same_and_does_not_count(
    simulate: Simulate,
) -> None:
    at = await simulate()
    at.will(kind="notices_out_of_order", variant="swapped")

    await at.paid()
    await at.faults.rest()

    assert len(at.notices) == 1
    assert not at.faults.fired


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("status", ["pending", "canceled"])
async def test_an_older_word_can_come_after_the_payment(
    simulate: Simulate, api: str, status: str
) -> None:
    at = await simulate(api=api)
    at.will(kind="notices_out_of_order", variant=f"{status}_after")

    await at.paid()

    assert [notice[STATUS] for notice in at.heard] == ["completed", status]
    assert at.heard[1]["completed_at"] is None
    assert at.faults.fired == {"notices_out_of_order": 1}


@pytest.mark.parametrize("call", ["v1", "v2"])
async def test_a_notice_can_arrive_before_the_answer_to_create(
    simulate: Simulate, call: str
) -> None:
    at = await simulate(seconds=0.2)
    at.will(kind="notice_before_answer")

    creating = asyncio.create_task(at.create() if call == "v2" else at.v1("transactioncreate/qris"))
    await at.hears()
    answered = creating.done()
    said = await creating

    assert not answered
    assert said.json.get("status", "pending") == "pending"
    assert at.heard[0][STATUS] == "completed"
    assert (await at.create()).json["status"] == "completed"
    assert at.faults.fired == {"notice_before_answer": 1}


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain"])
async def test_a_notice_can_call_itself_something_else(
    simulate: Simulate, content_type: str
) -> None:
    at = await simulate()
    await at.paid("chg_1")
    at.will(kind="notice_form", variant=content_type)

    await at.paid("chg_2")

    assert [notice.content_type for notice in at.notices] == ["application/json", content_type]
    assert at.heard[1][ORDER] == "chg_2"


async def test_what_a_notice_says_can_be_wrong_or_old(simulate: Simulate) -> None:
    old, wrong = await simulate(api="v1"), await simulate()
    old.will(kind="no_flag")
    wrong.will(kind="sandbox_flag", calls=["notice"])
    wrong.will(kind="other_amount", calls=["notice"], variant="more")
    wrong.will(kind="no_flag", calls=["notice"])

    await old.paid("chg_1")
    await wrong.paid("chg_2")

    assert "is_sandbox" not in old.heard[0]
    assert (wrong.heard[0]["is_sandbox"], wrong.heard[0]["amount"]) == (False, 100_000)
    assert "no_flag" not in wrong.faults.fired


async def test_a_payment_that_another_process_booked_is_told_by_the_button(
    simulate: Simulate, file_of_codes: Database, clock: HandClock
) -> None:
    at = await simulate()
    reference = await at.made()
    await file_of_codes.write(complete, reference, clock.now())

    await at.pay(reference)

    assert len(at.notices) == 1
