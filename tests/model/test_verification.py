"""When the gateway is asked about a charge: every payment is found in time without a notice."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payment_service.model.charge import Charge, moved
from payment_service.model.verification import (
    CALL_GAP,
    LEASE,
    after_failure,
    next_check,
)
from tests.clocks import HandClock
from tests.model.records import NOW, charge

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLOWEST = timedelta(seconds=10.5)
"""From the instant a charge falls due to its answer: it is taken up in half, answered in 10."""
lives = st.integers(2, 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
paces = st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 10)), min_size=1, max_size=7)


def found_after(code: Charge, paid_at: datetime, pace: list[tuple[float, float]]) -> timedelta:
    """How long the money lies there unnoticed, by the worker's way of looking.

    `pace` is how many seconds late each look begins and how many its answer takes. The gateway
    makes up its mind at the call's begin, which is the worst it can do.
    """
    clock = HandClock(code.opened_at or NOW)
    code = msgspec.structs.replace(code, check_at=clock.now() + 2 * MINUTE)
    for look in range(20_000):
        assert code.check_at is not None, f"given up; paid at {paid_at}"
        late, takes = pace[look % len(pace)]
        clock.set(max(clock.now(), code.check_at + timedelta(seconds=late)))
        asked = clock.now()
        code = msgspec.structs.replace(code, checked_at=asked, lease_until=asked + LEASE)
        clock.advance(timedelta(seconds=takes))
        if paid_at <= asked:
            return clock.now() - paid_at
        seen = msgspec.structs.replace(code, lease_until=None)
        if seen.status == "open" and seen.expires_at and clock.now() >= seen.expires_at:
            seen = moved(seen, "expired")
        code = msgspec.structs.replace(seen, check_at=next_check(seen, clock.now()))
    raise AssertionError("it is looked at for ever")


@given(life=lives, after=st.floats(0, 1), pace=paces)
@example(life=24 * HOUR, after=30 / (24 * 60), pace=[(0.5, 10.0)])
@example(life=HOUR, after=0.4999999, pace=[(0.5, 10.0)])
def test_without_notices_money_is_found_while_the_code_lives(
    life: timedelta, after: float, pace: list[tuple[float, float]]
) -> None:
    paid_after = life * after
    code = charge(expires_at=NOW + life)
    wait = found_after(code, NOW + paid_after, pace)
    limit = 2 * MINUTE if paid_after < 30 * MINUTE else 10 * MINUTE
    assert wait <= limit + SLOWEST


@given(life=lives, after=st.floats(0, 1), pace=paces)
def test_without_notices_money_is_found_for_a_week_after_the_codes_end(
    life: timedelta, after: float, pace: list[tuple[float, float]]
) -> None:
    late = 7 * DAY * after
    wait = found_after(charge(expires_at=NOW + life), NOW + life + late, pace)
    looks = [timedelta(0), 5 * MINUTE, HOUR, *(DAY * days for days in range(1, 8))]
    next_look = min(look for look in looks if look >= late)
    assert wait <= next_look - late + SLOWEST


@given(shown_after=st.integers(0, 20 * 60), paid_after=st.floats(0, 1), pace=paces)
def test_showing_the_code_again_brings_the_two_minutes_back(
    shown_after: int, paid_after: float, pace: list[tuple[float, float]]
) -> None:
    shown = NOW + MINUTE * shown_after
    code = charge(opened_at=shown, shown_at=shown, expires_at=NOW + DAY)
    assert found_after(code, shown + 30 * MINUTE * paid_after, pace) <= 2 * MINUTE + SLOWEST


def test_a_code_that_we_canceled_is_looked_at_after_its_end_all_the_same() -> None:
    ours = charge(status="canceled", cancel_tries=1)
    looks, at = [], next_check(ours, NOW)
    while at is not None:
        looks.append(at - NOW - 15 * MINUTE)
        at = next_check(ours, at)
    assert looks == [timedelta(0), 5 * MINUTE, HOUR, *(DAY * days for days in range(1, 8))]
    assert next_check(charge(status="canceled"), NOW) is None


@given(
    noticed=st.integers(-30, 60),
    checked=st.integers(-15, 0),
    failed=st.integers(0, 20),
    life=st.integers(-10, 3_600),
)
def test_what_falls_due_may_be_asked_about(
    noticed: int, checked: int, failed: int, life: int
) -> None:
    code = charge(
        noticed_at=NOW + timedelta(seconds=noticed),
        checked_at=NOW + timedelta(seconds=checked),
        failed_checks=failed,
        expires_at=NOW + timedelta(seconds=life),
    )
    now = NOW + timedelta(seconds=max(noticed, 0))
    for at in (next_check(code, now), after_failure(code, now)):
        assert at is None or (code.checked_at and at >= code.checked_at + CALL_GAP)


@pytest.mark.parametrize("status", ["paid", "failed"])
def test_a_done_charge_is_looked_at_only_when_a_notice_came_during_the_last_look(
    status: str,
) -> None:
    seen = charge(status=status, checked_at=NOW, noticed_at=NOW + timedelta(seconds=1))
    assert next_check(seen, NOW + timedelta(seconds=2)) == NOW + CALL_GAP
    later = charge(status=status, checked_at=NOW, noticed_at=NOW)
    assert status == "failed" or next_check(later, NOW + timedelta(seconds=2)) is None


def test_a_gateway_that_asks_for_time_is_given_it_up_to_an_hour() -> None:
    waits = [(after_failure(charge(), NOW, wait) - NOW).total_seconds() for wait in (30, 10**6)]
    assert waits == [30, 3600]
