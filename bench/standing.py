"""Where the subscriptions of a crowd stand, and what a day's run must do with them."""

import random
from typing import NamedTuple


class Standing(NamedTuple):
    """The last paid day, counted from the day of the run, and what is there to pay."""

    days: int
    has_invoice: bool = False
    """An open one, issued a week before that day."""
    has_code: bool = False
    """One that has run out, and that the gateway was asked about two hours before."""

    @property
    def is_in_grace(self) -> bool:
        return self.days < -1


class Expected(NamedTuple):
    """What the run of the day must do."""

    renewals: int
    graces: int
    suspensions: int

    @property
    def changes(self) -> int:
        return sum(self)


RENEWED = Standing(7)
INTO_GRACE = Standing(-1, has_invoice=True)
OVER = Standing(-8, has_invoice=True)
INSIDE = [*range(-7, -1), *range(7), *range(1, 7)]
"""The days of those who have an open invoice and nothing to do: six of grace, one of each, and
seven of the lead days, in such shares that the next day's run finds as much to do."""
OUTSIDE = range(8, 33)


def standings(count: int) -> list[Standing]:
    """3 % to renew, 1 % whose grace begins, 1 % whose grace is over; of the rest a fifth with an
    open invoice and nothing to do. In no order: the worst for any cache."""
    each = count // 100
    found = [RENEWED] * (3 * each) + [INTO_GRACE] * each
    found += [OVER._replace(has_code=place % 2 == 0) for place in range(each)]
    inside = (count - len(found)) // 5
    found += [Standing(INSIDE[place % len(INSIDE)], True) for place in range(inside)]
    left = count - len(found)
    found += [Standing(OUTSIDE[place % len(OUTSIDE)]) for place in range(left)]
    random.Random(14).shuffle(found)
    return found


def expected_of(standings: list[Standing]) -> Expected:
    """Of the first day's run."""
    over = sum(one.days == OVER.days for one in standings)
    return Expected(standings.count(RENEWED), standings.count(INTO_GRACE), over)
