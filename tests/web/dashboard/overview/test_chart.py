"""Charts: round lines, bars that add up, a forecast where there is one, and whatever the sums."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.calendar import months_on
from payment_service.web.dashboard.overview.chart import (
    HIGH,
    MOST_LINES,
    TOP,
    draw_bars,
    draw_points,
    scale_for,
)

MONTHS = tuple(months_on(date(2026, 1, 1), at, 1) for at in range(12))
AMOUNTS = st.lists(st.integers(0, 10**13), min_size=12, max_size=12)


@pytest.mark.parametrize(
    ("most", "name", "lines"),
    [
        (0, "ones", [0]),
        (7, "ones", [0, 2, 4, 6, 8]),
        (12_000_000, "millions", [0, 4, 8, 12]),
        (999_999, "thousands", [0, 250, 500, 750, 1000]),
        (1_400_000_000, "billions", [0, 0.4, 0.8, 1.2, 1.6]),
    ],
)
def test_lines_stand_at_round_sums(most: int, name: str, lines: list[float]) -> None:
    scale = scale_for(most)
    assert scale.name == name
    assert [line.value for line in scale.lines] == pytest.approx(lines)


@given(st.lists(AMOUNTS, max_size=4), st.integers(0, 10**13))
def test_bars_of_any_sums_stay_within_the_drawing_and_on_one_another(
    series: list[list[int]], foreseen: int
) -> None:
    for drawing in draw_bars(MONTHS, series, foreseen):
        assert len(drawing.scale.lines) <= MOST_LINES + 1
        for bar in drawing.bars:
            assert TOP - 0.1 <= bar.top <= TOP + HIGH
            assert 0 < bar.x < bar.x + bar.width < 100
            for below, above in pairwise(bar.pieces):
                assert above.y + above.height == pytest.approx(below.y, abs=0.2)
        assert all(bar.foreseen is None for bar in drawing.bars[:-1])


@given(AMOUNTS)
def test_points_of_any_sums_stay_within_the_drawing(amounts: list[int]) -> None:
    for drawing in draw_points(MONTHS, amounts):
        assert all(TOP - 0.1 <= point.y <= TOP + HIGH for point in drawing.points)
        assert len(drawing.stretches) == len(drawing.points) - 1


def test_the_last_month_has_its_forecast_and_a_phone_has_six_months() -> None:
    many, few = draw_bars(MONTHS, [[1_000_000] * 12], 2_000_000)
    assert (len(many.bars), len(few.bars)) == (12, 6)
    for drawing in (many, few):
        last = drawing.bars[-1]
        assert last.foreseen is not None
        assert last.foreseen.y + last.foreseen.height == pytest.approx(last.top, abs=0.2)
