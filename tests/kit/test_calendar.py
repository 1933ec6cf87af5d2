"""Month steps against an oracle that walks day by day, and the ends of local days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.calendar import (
    ZONE_LETTERS,
    ZONES,
    anchored,
    end_of,
    local_date,
    months_on,
    start_of,
)

DAY = timedelta(days=1)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
anchors = st.integers(1, 31)


def walk(day: date, months: int, anchor_day: int) -> date:
    """The same as months_on, found by counting the firsts of months on the way."""
    current = day.replace(day=1)
    while months:
        current += DAY
        months -= current.day == 1
    while current.day < anchor_day and (current + DAY).month == current.month:
        current += DAY
    return current


@given(days, st.integers(0, 36), anchors)
def test_month_steps_agree_with_walking_day_by_day(day: date, months: int, anchor: int) -> None:
    assert months_on(day, months, anchor) == walk(day, months, anchor)


@given(days, st.integers(0, 60), st.integers(0, 60), anchors)
def test_two_steps_are_as_long_as_one(day: date, first: int, second: int, anchor: int) -> None:
    between = months_on(day, first, anchor)
    assert months_on(between, second, anchor) == months_on(day, first + second, anchor)


@given(days, st.integers(1, 60), anchors)
def test_a_step_back_undoes_a_step_on(day: date, months: int, anchor: int) -> None:
    start = anchored(day.year, day.month, anchor)
    assert months_on(months_on(start, months, anchor), -months, anchor) == start


def test_an_anchor_on_the_31st_survives_february() -> None:
    dates = [months_on(date(2026, 1, 31), months, 31) for months in range(4)]
    assert dates == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_an_anchor_on_the_29th_takes_the_leap_day_when_there_is_one() -> None:
    assert months_on(date(2027, 2, 28), 12, 29) == date(2028, 2, 29)
    assert months_on(date(2028, 2, 29), 12, 29) == date(2029, 2, 28)


@pytest.mark.parametrize(("zone", "hours"), list(zip(ZONES, (7, 8, 9), strict=True)))
def test_a_local_day_lasts_from_midnight_to_midnight(zone: str, hours: int) -> None:
    day = date(2026, 2, 1)
    start, end = start_of(day, zone), end_of(day, zone)
    assert start == datetime(2026, 1, 31, 24 - hours, tzinfo=UTC)
    assert start.tzinfo is UTC
    assert end - start == DAY
    assert local_date(start, zone) == day
    assert local_date(start - timedelta(microseconds=1), zone) == day - DAY
    assert local_date(end, zone) == day + DAY


def test_every_zone_has_its_letters() -> None:
    assert tuple(ZONE_LETTERS) == ZONES
