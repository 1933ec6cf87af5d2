"""What a payment makes of a subscription, in every state and on the days around every boundary."""

from datetime import date
from typing import Any, get_args

import pytest

from payment_service.kit.errors import Conflict
from payment_service.model.period import Bought, buy, shift
from payment_service.model.plan import LatePayment
from payment_service.model.subscription import MOVES, OPEN, WITH_ACCESS, Status, moved
from tests.model.records import subscription

LAST_DAY = date(2026, 2, 28)
LAST_OF_GRACE = date(2026, 3, 7)
GRACE = {"status": "grace", "grace_until": LAST_OF_GRACE}
SUSPENDED = {"status": "suspended", "reason": "nonpayment", "grace_until": LAST_OF_GRACE}
ENDED = {"status": "canceled", "reason": "nonpayment", "grace_until": LAST_OF_GRACE}


def bought(
    state: dict[str, Any],
    paid_on: date,
    *,
    today: date | None = None,
    late_payment: LatePayment = "grace_then_payment_day",
    periods: int = 1,
    grace_until: date | None = None,
    offered_from: date = LAST_DAY,
) -> Bought:
    before = subscription(**state)
    return buy(
        before,
        periods=periods,
        paid_on=paid_on,
        today=today or paid_on,
        late_payment=late_payment,
        grace_until=grace_until or before.grace_until or LAST_DAY,
        offered_from=offered_from,
    )


PENDING = {"status": "pending", "paid_through": None, "anchor_day": None}


@pytest.mark.parametrize("status", ["pending", "expired"])
def test_the_first_payment_counts_from_its_day_which_becomes_the_anchor(status: Status) -> None:
    after, counts_from = bought({**PENDING, "status": status}, date(2026, 1, 30))
    assert (after.status, after.paid_through, after.anchor_day) == ("active", LAST_DAY, 30)
    assert counts_from == date(2026, 1, 30)


@pytest.mark.parametrize("paid_on", [date(2026, 2, 1), date(2026, 2, 27), LAST_DAY])
def test_paying_in_time_extends_from_the_old_end_on_the_anchor(paid_on: date) -> None:
    for late_payment in get_args(LatePayment):
        after, counts_from = bought({}, paid_on, late_payment=late_payment)
        assert (after.status, after.paid_through) == ("active", date(2026, 3, 31))
        assert (after.anchor_day, counts_from) == (31, LAST_DAY)


def test_paying_in_a_trial_extends_from_its_end() -> None:
    after, _ = bought({"status": "trialing", "anchor_day": 28}, date(2026, 2, 20))
    assert (after.status, after.paid_through) == ("active", date(2026, 3, 28))


@pytest.mark.parametrize("paid_on", [date(2026, 3, 1), LAST_OF_GRACE])
def test_paying_in_grace_extends_from_the_old_end(paid_on: date) -> None:
    after, _ = bought(GRACE, paid_on)
    assert (after.status, after.paid_through, after.anchor_day) == (
        "active",
        date(2026, 3, 31),
        31,
    )
    assert (after.grace_until, after.reason) == (None, None)


@pytest.mark.parametrize("state", [{}, {"status": "trialing"}])
def test_paying_in_the_grace_that_no_run_has_begun_extends_from_the_old_end(
    state: dict[str, Any],
) -> None:
    for paid_on in (date(2026, 3, 1), LAST_OF_GRACE):
        after, _ = bought(state, paid_on, grace_until=LAST_OF_GRACE)
        assert (after.paid_through, after.anchor_day) == (date(2026, 3, 31), 31)
    after, _ = bought(state, date(2026, 3, 8), grace_until=LAST_OF_GRACE)
    assert (after.paid_through, after.anchor_day) == (date(2026, 4, 8), 8)


def test_a_restart_is_what_it_was_offered_as() -> None:
    unpaid = {"status": "suspended", "reason": "nonpayment"}
    held = {"status": "suspended", "reason": "manual"}
    for state in (unpaid, held):
        after, _ = bought(
            state, date(2026, 3, 25), late_payment="period_end", offered_from=date(2026, 3, 20)
        )
        assert (after.paid_through, after.anchor_day) == (date(2026, 4, 20), 20)
    after, _ = bought(unpaid, date(2026, 3, 25), offered_from=date(2026, 3, 20))
    assert (after.paid_through, after.anchor_day) == (date(2026, 4, 25), 25)


@pytest.mark.parametrize("state", [SUSPENDED, ENDED])
def test_paying_after_suspension_counts_from_the_payment_day(state: dict[str, Any]) -> None:
    after, counts_from = bought(state, date(2026, 3, 8))
    assert (after.status, after.paid_through) == ("active", date(2026, 4, 8))
    assert (after.anchor_day, counts_from) == (8, date(2026, 3, 8))
    assert (after.reason, after.suspended_at, after.ended_at) == (None, None, None)


def test_money_of_the_grace_that_is_found_later_counts_as_paid_in_grace() -> None:
    after, _ = bought(SUSPENDED, LAST_OF_GRACE, today=date(2026, 3, 20))
    assert (after.status, after.paid_through) == ("active", date(2026, 3, 31))


def test_a_period_that_would_be_over_already_counts_from_the_payment_day() -> None:
    for today, through in (
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 4, 7)),
    ):
        after, _ = bought(SUSPENDED, LAST_OF_GRACE, today=today)
        assert after.paid_through == through


def test_money_that_came_in_time_and_was_found_very_late_buys_the_period_it_was_for() -> None:
    """Counted from its day it would overlap the period before, and buy less than was paid for."""
    for late_payment in get_args(LatePayment):
        after, counts_from = bought(
            SUSPENDED, date(2026, 2, 20), today=date(2026, 4, 9), late_payment=late_payment
        )
        assert (after.status, after.paid_through) == ("active", date(2026, 3, 31))
        assert (after.anchor_day, counts_from) == (31, LAST_DAY)


@pytest.mark.parametrize(
    ("late_payment", "state", "paid_on", "through"),
    [
        ("payment_day", GRACE, date(2026, 3, 1), date(2026, 4, 1)),
        ("payment_day", SUSPENDED, date(2026, 3, 8), date(2026, 4, 8)),
        ("period_end", GRACE, date(2026, 3, 1), date(2026, 3, 31)),
        ("period_end", SUSPENDED, date(2026, 3, 31), date(2026, 3, 31)),
        ("period_end", SUSPENDED, date(2026, 4, 1), date(2026, 5, 1)),
    ],
)
def test_a_late_payment_counts_as_the_plan_says(
    late_payment: LatePayment, state: dict[str, Any], paid_on: date, through: date
) -> None:
    after, _ = bought(state, paid_on, late_payment=late_payment)
    assert after.paid_through == through


@pytest.mark.parametrize(("periods", "through"), [(3, date(2026, 5, 31)), (12, date(2027, 2, 28))])
def test_several_periods_are_bought_at_once(periods: int, through: date) -> None:
    assert bought({}, LAST_DAY, periods=periods).subscription.paid_through == through


def test_a_leap_day_comes_back_in_the_leap_year() -> None:
    state = {"months": 12, "anchor_day": 29, "paid_through": date(2027, 2, 28)}
    after, _ = bought(state, date(2027, 2, 1))
    assert after.paid_through == date(2028, 2, 29)


def test_a_manual_suspension_stays_though_the_period_is_bought() -> None:
    held = {"status": "suspended", "reason": "manual"}
    after, _ = bought(held, date(2026, 3, 10))
    assert (after.status, after.reason) == ("suspended", "manual")
    assert after.paid_through == date(2026, 3, 31)


def test_a_manual_suspension_stays_though_a_free_plans_first_period_is_bought() -> None:
    held = {"status": "suspended", "reason": "manual", "paid_through": None, "anchor_day": None}
    after, counts_from = bought(held, date(2026, 3, 10))
    assert (after.status, after.reason, counts_from) == ("suspended", "manual", date(2026, 3, 10))
    assert (after.paid_through, after.anchor_day) == (date(2026, 4, 10), 10)


def test_another_last_day_ends_what_came_of_the_old_one() -> None:
    for state in (GRACE, SUSPENDED):
        after = shift(subscription(**state), date(2026, 3, 20))
        assert (after.status, after.reason, after.grace_until) == ("active", None, None)
        assert (after.paid_through, after.anchor_day) == (date(2026, 3, 20), 20)
    never_paid = shift(subscription(**GRACE, activated_at=None), date(2026, 3, 20))
    assert never_paid.status == "trialing"


def test_every_move_is_in_the_table_and_no_other_is_made() -> None:
    every = get_args(Status)
    assert set(MOVES) == set(every)
    for status in every:
        for to in every:
            if to in MOVES[status]:
                assert moved(subscription(status=status), to).status == to
            else:
                with pytest.raises(Conflict) as refused:
                    moved(subscription(status=status), to)
                assert refused.value.code == "subscription_state"
    assert MOVES["canceled"] == MOVES["expired"] == ("active",)


def test_access_is_for_those_who_tried_paid_or_are_in_grace() -> None:
    for status in get_args(Status):
        assert subscription(status=status).access == (status in WITH_ACCESS)
    assert set(WITH_ACCESS) == {"trialing", "active", "grace"}
    assert set(get_args(Status)) - set(OPEN) == {"canceled", "expired"}
