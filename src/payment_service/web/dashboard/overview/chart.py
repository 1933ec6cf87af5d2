"""How a chart is laid out: places along it in percent, so that it stretches while its words keep
their size, and heights in pixels."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate, pairwise
from typing import NamedTuple

from payment_service.model.overview import MONTHS

TOP, HIGH, BELOW = 22.0, 176.0, 24.0
"""Pixels: for the sum on the highest bar, for the bars, for the months below them."""
STEPS = (1.0, 2.0, 2.5, 4.0, 5.0)
MOST_LINES = 4
SERIES = 3
"""Apps that are drawn one by one; the others are one more series together."""
UNITS = ((1_000_000_000, "billions"), (1_000_000, "millions"), (1_000, "thousands"), (1, "ones"))
FEW_MONTHS = 6
STEEP = 16.0
"""Pixels up from one month to the next."""


class Line(NamedTuple):
    """A line across, at a sum in units."""

    y: float
    value: float


class Scale(NamedTuple):
    """`unit` is in rupiah, `most` what the topmost line stands for."""

    unit: int
    name: str
    most: float
    lines: Sequence[Line]

    def y(self, amount: int) -> float:
        share = amount / self.unit / self.most if self.most else 0.0
        return round(TOP + HIGH * (1 - share), 1)


class Piece(NamedTuple):
    series: int
    y: float
    height: float


class Bar(NamedTuple):
    """One month. `x`, `middle` and `width` are percent. `foreseen` is an outline, or None."""

    month: date
    x: float
    middle: float
    width: float
    pieces: Sequence[Piece]
    value: float
    top: float
    foreseen: Piece | None


class Point(NamedTuple):
    """`words_y` is where its sum is written: above it, or below where the line goes up from it."""

    month: date
    x: float
    y: float
    value: float
    words_y: float


class Drawing(NamedTuple):
    """Drawn for so many months; `left` is where the lines begin, in percent."""

    size: str
    left: float
    scale: Scale
    bars: Sequence[Bar] = ()
    points: Sequence[Point] = ()

    @property
    def stretches(self) -> list[tuple[Point, Point]]:
        return list(pairwise(self.points))

    @property
    def bottom(self) -> float:
        return TOP + HIGH

    @property
    def height(self) -> float:
        return TOP + HIGH + BELOW


def scale_for(most: int) -> Scale:
    """Lines at round sums, the lowest at nothing, and none far above what there is."""
    unit, name = next((one for one in UNITS if most >= one[0]), UNITS[-1])
    if most <= 0:
        return Scale(unit, name, 0.0, (Line(TOP + HIGH, 0.0),))
    step, size = 0.0, 10.0 ** (len(str(most // unit)) - 2)
    while not step:
        step = next((one * size for one in STEPS if most / unit <= one * size * MOST_LINES), 0.0)
        size *= 10
    count = 1
    while count * step < most / unit:
        count += 1
    lines = [Line(round(TOP + HIGH * (1 - at / count), 1), at * step) for at in range(count + 1)]
    return Scale(unit, name, count * step, lines)


def draw_bars(
    months: Sequence[date], series: Sequence[Sequence[int]], foreseen: int
) -> list[Drawing]:
    """Bars of several series on one another, twice: of all months, and of the last few."""
    return [
        _bars(months[-last:], [one[-last:] for one in series], foreseen)
        for last in (MONTHS, FEW_MONTHS)
    ]


def draw_points(months: Sequence[date], amounts: Sequence[int]) -> list[Drawing]:
    return [_points(months[-last:], amounts[-last:]) for last in (MONTHS, FEW_MONTHS)]


def _bars(months: Sequence[date], series: Sequence[Sequence[int]], foreseen: int) -> Drawing:
    totals = [sum(column) for column in zip(*series, strict=True)] or [0] * len(months)
    scale = scale_for(max(*totals, foreseen))
    size, left, slot = _places(len(months))
    bars = []
    for place, (month, total) in enumerate(zip(months, totals, strict=True)):
        amounts = [one[place] for one in series]
        tops = [scale.y(upto) for upto in accumulate(amounts, initial=0)]
        pieces = [
            Piece(number, top, round(below - top, 1))
            for number, (below, top) in enumerate(pairwise(tops))
            if below > top
        ]
        is_running = place == len(months) - 1 and foreseen > total
        high = scale.y(foreseen)
        bars.append(
            Bar(
                month,
                round(left + slot * (place + 0.19), 3),
                round(left + slot * (place + 0.5), 3),
                round(slot * 0.62, 3),
                pieces,
                total / scale.unit,
                tops[-1],
                Piece(0, high, round(tops[-1] - high, 1)) if is_running else None,
            )
        )
    return Drawing(size, left, scale, bars=bars)


def _points(months: Sequence[date], amounts: Sequence[int]) -> Drawing:
    scale = scale_for(max(amounts))
    size, left, slot = _places(len(months))
    heights = [scale.y(amount) for amount in amounts]
    points = [
        Point(
            month,
            round(left + slot * (place + 0.5), 3),
            heights[place],
            amounts[place] / scale.unit,
            heights[place] + (20 if _is_crossed(heights, place) else -10),
        )
        for place, month in enumerate(months)
    ]
    return Drawing(size, left, scale, points=points)


def _is_crossed(heights: Sequence[float], place: int) -> bool:
    """Whether the line goes through what would stand above more than through what stands below."""
    here = heights[place]
    beside = [*heights[max(place - 1, 0) : place], *heights[place + 1 : place + 2]]
    above = sum(here - one > STEEP for one in beside)
    below = sum(one - here > STEEP for one in beside)
    return above > below and here < TOP + HIGH - STEEP


def _places(months: int) -> tuple[str, float, float]:
    """Its name, where it begins and how wide a month is, in percent."""
    size, left = ("many", 6.0) if months > FEW_MONTHS else ("few", 9.0)
    return size, left, (100 - left) / months
