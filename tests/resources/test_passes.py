"""How long an access pass is good."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from payment_service.resources.passes import PassContent, life

NOON = datetime(2026, 1, 31, 5, tzinfo=UTC)
"""In Jakarta."""
PAID = PassContent(
    sub="tenant-42",
    app="app_1",
    subscription="sub_1",
    plan="bulanan",
    features={},
    access=True,
    access_until=date(2026, 2, 28),
    seq=2,
)


@pytest.mark.parametrize(
    ("last_day", "hours"),
    [
        (date(2026, 2, 28), 72),
        (date(2026, 2, 3), 72),
        (date(2026, 2, 2), 72),  # noon of the third is in 72 hours
        (date(2026, 2, 1), 48),
        (date(2026, 1, 31), 24),
        (date(2026, 1, 30), 1),  # the night's run is overdue: nobody loses access for that
        (date(2025, 1, 30), 1),
        (None, 72),
    ],
)
def test_it_ends_when_news_of_the_day_after_must_have_come(
    last_day: date | None, hours: int
) -> None:
    content = msgspec.structs.replace(PAID, access_until=last_day)
    assert life(content, "Asia/Jakarta", NOON) == timedelta(hours=hours)


def test_it_goes_by_the_apps_own_calendar() -> None:
    today = msgspec.structs.replace(PAID, access_until=date(2026, 1, 31))
    assert life(today, "Asia/Jayapura", NOON) == timedelta(hours=22)


def test_one_without_access_is_good_for_the_longest_time() -> None:
    locked = msgspec.structs.replace(PAID, access=False, access_until=None)
    assert life(locked, "Asia/Jakarta", NOON) == timedelta(hours=72)
