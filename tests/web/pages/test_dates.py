"""Dates and hours as people write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from payment_service.web.pages import dates

INSTANT = datetime(2026, 11, 25, 7, 35, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace(dates.NBSP, " ")


def test_a_date_is_written_in_words_and_never_broken() -> None:
    assert dates.long_date(date(2026, 12, 22), "id") == "22\xa0Desember\xa02026"
    assert dates.long_date(date(2026, 12, 22), "en") == "22\xa0December\xa02026"
    assert dates.short_date(date(2026, 12, 22), "id") == "22\xa0Des\xa02026"
    assert plain(dates.day_and_month(date(2026, 8, 1), "id")) == "1 Agustus"


def test_a_period_names_the_year_once_unless_there_are_two() -> None:
    one = dates.period(date(2026, 11, 23), date(2026, 12, 22), "id")
    two = dates.period(date(2026, 12, 23), date(2027, 1, 22), "en")
    assert plain(one) == "23 Nov – 22 Des 2026"
    assert plain(two) == "23 Dec 2026 – 22 Jan 2027"


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Asia/Jakarta", "14.35 WIB"),
        ("Asia/Makassar", "15.35 WITA"),
        ("Asia/Jayapura", "16.35 WIT"),
    ],
)
def test_an_hour_is_local_and_names_its_zone(zone: str, hour: str) -> None:
    assert plain(dates.hour(INSTANT, zone, "id")) == hour
    assert plain(dates.hour(INSTANT, zone, "en")) == hour.replace(".", ":")


def test_an_end_on_another_day_is_written_with_its_day() -> None:
    soon, later = INSTANT + timedelta(hours=1), INSTANT + timedelta(hours=20)
    assert plain(dates.until(soon, INSTANT, "Asia/Jakarta", "id")) == "15.35 WIB"
    assert plain(dates.until(later, INSTANT, "Asia/Jakarta", "id")) == "26 Nov 2026, 10.35 WIB"


@pytest.mark.parametrize(
    ("seconds", "left"), [(0, "00:00"), (872, "14:32"), (3600, "1:00:00"), (86_399, "23:59:59")]
)
def test_a_countdown_shows_hours_only_when_there_are_any(seconds: int, left: str) -> None:
    assert dates.countdown(seconds) == left
