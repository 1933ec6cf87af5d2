"""The simulator's codes, on both databases: found or made, paid once, forgotten after a day."""

import asyncio
from datetime import timedelta

import pytest
import qriskit

from payment_service.kit.database import Database
from payment_service.kit.errors import Conflict
from payment_service.outside.simulator import codes as ledger
from tests.clocks import HandClock


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        (99_000, 1_003),
        (10_000, 380),
        (200_000, 2_000),
        (12_000, 394),
        (105_000, 1_045),
        (105_001, 1_051),
    ],
)
def test_the_fee_is_the_one_pakasir_takes(amount: int, fee: int) -> None:
    assert ledger.fee_of(amount) == fee


async def test_the_same_order_gets_the_same_code(codes: Database, clock: HandClock) -> None:
    first = await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, clock.now())
    later = clock.advance(timedelta(minutes=3))
    again = await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, later)
    other = await codes.write(ledger.find_or_create, "q", "chg_1", 99_000, later)

    assert again == first
    assert first.total_payment == 100_003
    assert first.expires_at - first.created_at == timedelta(minutes=15)
    assert other.reference != first.reference


async def test_another_amount_for_the_same_order_is_refused(
    codes: Database, clock: HandClock
) -> None:
    await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, clock.now())

    with pytest.raises(Conflict):
        await codes.write(ledger.find_or_create, "p", "chg_1", 98_000, clock.now())


async def test_eight_who_ask_at_once_get_one_code(codes: Database, clock: HandClock) -> None:
    for round_ in range(12):  # the first rounds only fill PostgreSQL's pool
        made = await asyncio.gather(
            *(ledger.open_code(codes, "p", f"chg_{round_}", 99_000, clock.now()) for _ in range(8))
        )

        assert len({code.reference for code in made}) == 1


async def test_paying_and_canceling_at_once_agree_on_the_outcome(
    codes: Database, clock: HandClock
) -> None:
    for round_ in range(12):
        code = await ledger.open_code(codes, "p", f"chg_{round_}", 99_000, clock.now())
        outcomes = await asyncio.gather(
            *(
                codes.write(deed, code.reference, clock.now())
                for deed in (ledger.complete, ledger.cancel) * 3
            )
        )

        assert len(set(outcomes)) == 1


async def test_paying_twice_keeps_the_first_time(codes: Database, clock: HandClock) -> None:
    code = await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, clock.now())
    at = clock.advance(timedelta(minutes=1))

    paid = await codes.write(ledger.complete, code.reference, at)
    again = await codes.write(ledger.complete, code.reference, clock.advance(timedelta(hours=1)))

    assert paid is not None
    assert (paid.status, paid.completed_at) == ("completed", at)
    assert again == paid


async def test_a_paid_code_stays_paid_when_it_is_canceled(
    codes: Database, clock: HandClock
) -> None:
    code = await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, clock.now())
    await codes.write(ledger.complete, code.reference, clock.now())

    after = await codes.write(ledger.cancel, code.reference, clock.now())

    assert after is not None
    assert after.status == "completed"


async def test_a_canceled_code_cannot_be_paid(codes: Database, clock: HandClock) -> None:
    code = await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, clock.now())
    await codes.write(ledger.cancel, code.reference, clock.now())

    after = await codes.write(ledger.complete, code.reference, clock.now())

    assert after is not None
    assert after.status == "canceled"


async def test_an_unpaid_code_is_canceled_after_a_day(codes: Database, clock: HandClock) -> None:
    code = await codes.write(ledger.find_or_create, "p", "chg_1", 99_000, clock.now())

    almost = clock.now() + timedelta(hours=23, minutes=59)
    day = clock.now() + timedelta(hours=24)
    before = await codes.read(ledger.by_reference, code.reference, almost)
    after = await codes.read(ledger.get, "p", "chg_1", day)
    too_late = await codes.write(ledger.complete, code.reference, day)

    assert before is not None
    assert before.status == "pending"
    assert after is not None
    assert after.status == "canceled"
    assert too_late == after


async def test_what_does_not_exist_is_none(codes: Database, clock: HandClock) -> None:
    assert await codes.read(ledger.by_reference, "sim_x", clock.now()) is None
    assert await codes.read(ledger.get, "p", "chg_x", clock.now()) is None
    assert await codes.write(ledger.complete, "sim_x", clock.now()) is None
    assert await codes.write(ledger.cancel, "sim_x", clock.now()) is None


def test_the_code_is_a_valid_qris_that_names_itself_a_test() -> None:
    payload = ledger.payload("sim_01m82hkc9r8q41m62rp25s2wse", 100_003)

    theirs = qriskit.parse(payload)

    assert qriskit.validate(payload) == []
    assert payload.startswith("000201")
    assert theirs.merchant_name == "TEST JANGAN DIBAYAR"
    assert theirs.nmid == "ID0000000000000"
    assert str(theirs.amount) == "100003.00"
