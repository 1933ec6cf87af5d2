"""Every anchor day of 12 years, 120 periods on, against an oracle that walks from day to day.

The oracle knows one thing: which day comes after which. Nothing in it counts months or knows how
long one is.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from payment_service.kit.calendar import ZONES, end_of, local_date, months_on, start_of
from payment_service.model.period import extend, start
from tests.model.records import subscription

DAY = timedelta(days=1)
FIRST, LAST = date(2024, 1, 1), date(2035, 12, 31)
PERIODS = 120
MONTHS = (1, 3, 6, 12)


def walked(until: date) -> list[list[date]]:
    """The days from `FIRST` on, one after the other, a list for each month they turn out to be."""
    months: list[list[date]] = [[]]
    day = FIRST
    while day <= until:
        if months[-1] and day.month != months[-1][-1].month:
            months.append([])
        months[-1].append(day)
        day += DAY
    return months


CALENDAR = walked(LAST + timedelta(days=366 * (PERIODS + 1)))
PLACE = {day: place for place, month in enumerate(CALENDAR) for day in month}


def expected(day: date, months: int, anchor: int) -> date:
    """The last day of that month whose number is not above the anchor's."""
    month = CALENDAR[PLACE[day] + months]
    return month[bisect_left([one.day for one in month], anchor + 1) - 1]


ENDS = [[expected(month[0], 0, anchor) for anchor in range(1, 32)] for month in CALENDAR]
"""For each month walked through, the end of a period by its anchor, from 1 to 31."""

START_DAYS = [FIRST + timedelta(days=days) for days in range((LAST - FIRST).days + 1)]


def test_there_are_as_many_cases_as_there_should_be() -> None:
    assert len(START_DAYS) == 4_383
    assert len(START_DAYS) * PERIODS == 525_960


@pytest.mark.parametrize("months", MONTHS)
def test_each_period_ends_where_the_oracle_says(months: int) -> None:
    """Stepping from end to end: so no gap, no overlap and no drift in 525,960 periods each."""
    wrong = []
    for day in START_DAYS:
        end, place, anchor = day, PLACE[day], day.day
        for _ in range(PERIODS):
            end = months_on(end, months, anchor)
            place += months
            if end != ENDS[place][anchor - 1]:
                wrong.append((day, end))
    assert wrong == []


@pytest.mark.parametrize("months", MONTHS)
def test_one_step_over_many_periods_is_as_long_as_many_steps(months: int) -> None:
    wrong = [
        (day, periods)
        for day in START_DAYS
        for periods in (1, 2, 3, 5, 6, 11, 12, 36, 119, 120)
        if months_on(day, months * periods, day.day)
        != ENDS[PLACE[day] + months * periods][day.day - 1]
    ]
    assert wrong == []


def test_each_period_is_one_month_of_days() -> None:
    """Days counted one by one: each is in exactly one of the periods between first and last."""
    for day in START_DAYS:
        ends = [months_on(day, count, day.day) for count in range(25)]
        lengths = [(later - end).days for end, later in pairwise(ends)]
        assert all(28 <= length <= 31 for length in lengths), day
        assert sum(lengths) == (ends[-1] - day).days


@pytest.mark.parametrize("months", MONTHS)
def test_buying_period_after_period_keeps_the_anchor(months: int) -> None:
    """What subscriptions are told, by the rules that payments follow, in every leap-year phase."""
    wrong = []
    for day in START_DAYS[: 4 * 366]:
        pending = subscription(
            status="pending", months=months, anchor_day=None, paid_through=None, activated_at=None
        )
        bought = start(pending, from_day=day, periods=1)
        for count in range(2, 26):
            before = bought.subscription.paid_through
            bought = extend(bought.subscription, periods=1)
            assert bought.counts_from == before  # the next day is the first of what is bought
            if bought.subscription.paid_through != ENDS[PLACE[day] + months * count][day.day - 1]:
                wrong.append((day, count))
    assert wrong == []


@pytest.mark.parametrize(("zone", "hours"), list(zip(ZONES, (7, 8, 9), strict=True)))
def test_a_local_day_begins_and_ends_at_its_own_midnight(zone: str, hours: int) -> None:
    """For each day of the 12 years, a microsecond on either side of both midnights."""
    tick = timedelta(microseconds=1)
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) - timedelta(hours=hours)
    day = FIRST
    while day <= LAST:
        assert start_of(day, zone) == midnight
        assert end_of(day, zone) == midnight + DAY
        assert local_date(midnight - tick, zone) == day - DAY
        assert local_date(midnight, zone) == day
        assert local_date(midnight + DAY - tick, zone) == day
        day, midnight = day + DAY, midnight + DAY
