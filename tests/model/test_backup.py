"""Which backups stay: 7 days, 4 weeks, 12 months, and never fewer because some were missed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.model.backup import kept, made_at, name_of

NIGHT = datetime(2026, 11, 29, 19, 30, tzinfo=UTC)
instants = st.integers(0, 4 * 366 * 86_400).map(lambda seconds: NIGHT + timedelta(seconds=seconds))


def test_of_two_years_of_nights_a_week_a_month_and_a_year_stay() -> None:
    """As they come: each night one is made, and what is not kept is gone the next night."""
    there: set[datetime] = set()
    for night in range(730):
        there = kept(there | {NIGHT - timedelta(days=729 - night)})
    days = sorted((NIGHT.date() - one.date()).days for one in there)
    assert days[:7] == list(range(7))
    assert [one.date().isoformat() for one in sorted(there)] == [
        *("2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"),
        *("2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31"),
        *("2026-11-08", "2026-11-15", "2026-11-22"),
        *("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28"),
        "2026-11-29",
    ]


def test_when_none_are_made_any_more_the_old_ones_stay() -> None:
    old = {NIGHT - timedelta(days=300 + day) for day in range(7)}
    assert kept({NIGHT, *old}) == {NIGHT, *sorted(old)[1:]}
    assert kept(old) == old


def test_of_one_day_the_newest_stays() -> None:
    hours = [NIGHT - timedelta(hours=hour) for hour in range(5)]
    assert kept(hours) == {NIGHT}


@given(st.sets(instants, max_size=60))
def test_the_newest_always_stays_and_keeping_again_changes_nothing(made: set[datetime]) -> None:
    staying = kept(made)
    assert staying <= made
    assert not made or max(made) in staying
    assert len(staying) <= 7 + 4 + 12
    assert kept(staying) == staying


@given(instants)
def test_a_name_tells_the_second_in_which_the_backup_was_made(made: datetime) -> None:
    assert made_at(name_of(made)) == made


@pytest.mark.parametrize(
    "name",
    ["payment-service", "payment-service-2026-11-29", "payment-service-2026-13-29T193000Z",
     "payment-service-2026-11-29T193000Z-keep", "x-payment-service-2026-11-29T193000Z"],
)  # fmt: skip
def test_what_is_called_otherwise_is_no_dated_backup(name: str) -> None:
    assert made_at(name) is None
