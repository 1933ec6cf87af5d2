"""The forecast of the running month: what came, and an average day for each that is left."""

from datetime import date

import pytest

from payment_service.model.forecast import forecast


@pytest.mark.parametrize(
    ("revenue", "today", "foreseen"),
    [
        ((0, 0, 0, 0), date(2026, 4, 15), 0),
        ((0, 0, 0, 300), date(2026, 4, 15), 600),  # no month before: as this one goes on
        ((900, 900, 900, 0), date(2026, 4, 30), 0),
        ((310, 280, 310, 100), date(2026, 4, 20), 200),  # 900 in 90 days: 10 a day
        ((0, 0, 310, 100), date(2026, 4, 20), 200),  # one month before
        ((9_000, 310, 280, 310, 0), date(2026, 4, 10), 200),  # only the last three
        ((310, 0, 310, 0), date(2026, 4, 29), 6),  # a month without money counts
    ],
)
def test_the_days_that_are_left_are_like_those_of_the_last_months(
    revenue: tuple[int, ...], today: date, foreseen: int
) -> None:
    assert forecast(revenue, today) == foreseen
