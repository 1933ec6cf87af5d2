"""A line as it is read with the eyes, from left to right: stretches of one direction in the order
in which they stand on paper.

The line runs from left to right, as on the page; Arabic or Hebrew in it runs the other way, and
numbers in that again from left to right. Signs that turn the direction by force are not heard.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

LEFTWARDS = ("R", "AL")
DIGITS = ("EN", "AN")
WITHIN_NUMBERS = ("ES", "CS", "ET", "NSM")


class Stretch(NamedTuple):
    """In the order in which it is spoken; `is_leftwards` says how it is drawn."""

    text: str
    is_leftwards: bool


def in_sight(text: str) -> list[Stretch]:
    levels = _levels(text)
    stretches: list[Stretch] = []
    for is_turned, group in groupby(range(len(text)), key=lambda at: levels[at] > 0):
        places = list(group)
        if not is_turned:
            stretches.append(Stretch(text[places[0] : places[-1] + 1], is_leftwards=False))
        else:
            stretches += reversed(list(_by_level(text, levels, places)))
    return stretches


def _by_level(text: str, levels: list[int], places: list[int]) -> Iterator[Stretch]:
    for level, group in groupby(places, key=lambda at: levels[at]):
        run = list(group)
        yield Stretch(text[run[0] : run[-1] + 1], is_leftwards=level == 1)


def _levels(text: str) -> list[int]:
    """Of each letter: 0 to the right, 1 to the left, 2 a number among those to the left."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    levels: list[int | None] = []
    before = 0
    for at, kind in enumerate(kinds):
        if kind == "L":
            before = 0
            levels.append(0)
        elif kind in LEFTWARDS:
            before = 1
            levels.append(1)
        elif kind in DIGITS:
            levels.append(2 if before else 0)
        elif kind in WITHIN_NUMBERS and levels and levels[-1] == 2 and _goes_on(kinds, at):
            levels.append(2)
        elif kind == "NSM" and levels:
            levels.append(levels[-1])
        else:
            levels.append(None)
    return _filled(levels)


def _goes_on(kinds: list[str], at: int) -> bool:
    """Whether the number that stood before has more behind this sign."""
    return at + 1 < len(kinds) and kinds[at + 1] in DIGITS


def _filled(levels: list[int | None]) -> list[int]:
    """What has no direction of its own takes that of both its sides, else the line's."""
    filled: list[int] = []
    for at, level in enumerate(levels):
        if level is not None:
            filled.append(level)
            continue
        after = next((one for one in levels[at:] if one is not None), 0)
        before = filled[-1] if filled else 0
        filled.append(1 if before and after else 0)
    return filled
