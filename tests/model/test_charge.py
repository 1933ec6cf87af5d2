"""A code's states, when it is looked at again, and how long it can be handed out."""

from datetime import timedelta
from typing import get_args

import pytest

from payment_service.kit.errors import Conflict
from payment_service.model.charge import MOVES, Charge, Status, is_reusable, moved
from payment_service.model.verification import after_failure, next_check
from tests.model.records import NOW, charge

END = timedelta(minutes=15)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def looks(code: Charge) -> list[timedelta]:
    """When it is looked at, counted from the moment it was opened."""
    found = []
    at = next_check(code, NOW)
    while at is not None:
        found.append(at - NOW)
        at = next_check(code, at)
    return found


def test_a_code_is_looked_at_every_two_minutes_while_somebody_may_pay_it() -> None:
    minutes = [look.total_seconds() / 60 for look in looks(charge()) if look <= 2 * END]
    assert minutes == [2, 4, 6, 8, 10, 12, 14, 15, 17, 19, 20, 22, 24, 26, 28, 30]


def test_after_its_end_it_is_looked_at_ever_more_rarely_for_a_week() -> None:
    late = [look - END for look in looks(charge()) if look > 2 * END]
    assert late == [HOUR, *(DAY * days for days in range(1, 8))]


def test_a_code_that_nobody_sees_is_looked_at_every_ten_minutes() -> None:
    code = charge(shown_at=None, expires_at=NOW + HOUR)
    minutes = [look.total_seconds() / 60 for look in looks(code) if look <= HOUR]
    assert minutes == [10, 20, 30, 40, 50, 60]


def test_showing_it_again_begins_the_half_hour_anew() -> None:
    code = charge(shown_at=NOW + HOUR, expires_at=NOW + 2 * HOUR)
    assert next_check(code, NOW + HOUR) == NOW + HOUR + timedelta(minutes=2)


@pytest.mark.parametrize("status", ["paid", "failed"])
def test_nothing_is_hoped_of_a_code_that_is_done(status: Status) -> None:
    assert next_check(charge(status=status), NOW) is None


def test_what_has_no_end_yet_is_not_planned() -> None:
    assert next_check(charge(status="opening", expires_at=None), NOW) is None


def test_a_silent_gateway_is_asked_ever_more_rarely() -> None:
    waits = [
        (after_failure(charge(failed_checks=count), NOW) - NOW).total_seconds()
        for count in range(6)
    ]
    assert waits == [4, 15, 60, 300, 300, 300]


@pytest.mark.parametrize(
    ("life", "left", "enough"),
    [
        (timedelta(minutes=15), timedelta(minutes=2), True),
        (timedelta(minutes=15), timedelta(minutes=2, microseconds=-1), False),
        (timedelta(minutes=1), timedelta(seconds=30), True),
        (timedelta(minutes=1), timedelta(seconds=29), False),
        (timedelta(minutes=15), timedelta(0), False),
    ],
)
def test_a_code_is_handed_out_while_it_has_life_enough(
    life: timedelta, left: timedelta, enough: bool
) -> None:
    code = charge(expires_at=NOW + life)
    assert is_reusable(code, 99_000, 1, NOW + life - left) is enough


def test_a_code_over_another_sum_is_not_handed_out() -> None:
    assert is_reusable(charge(), 99_000, 1, NOW)
    assert not is_reusable(charge(), 98_000, 1, NOW)
    assert not is_reusable(charge(), 99_000, 3, NOW)
    assert not is_reusable(charge(status="opening"), 98_000, 1, NOW)


def test_only_an_open_code_is_handed_out_and_one_under_way_is_waited_for() -> None:
    fit = {
        status for status in get_args(Status) if is_reusable(charge(status=status), 99_000, 1, NOW)
    }
    assert fit == {"open", "opening"}


def test_every_move_is_in_the_table_and_no_other_is_made() -> None:
    every = get_args(Status)
    assert set(MOVES) == set(every)
    for status in every:
        for to in every:
            if to in MOVES[status]:
                assert moved(charge(status=status), to).status == to
            else:
                with pytest.raises(Conflict):
                    moved(charge(status=status), to)


def test_money_is_taken_in_whatever_became_of_the_code() -> None:
    assert {status for status in MOVES if "paid" not in MOVES[status]} == {"paid"}
