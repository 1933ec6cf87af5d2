"""Subscriptions in the order in which they want looking after: by their last paid day, the soonest
first, and behind them those that have no day to come, the newest first."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from payment_service.kit.statements import Transaction
from payment_service.model.listed import list_subscriptions, show
from payment_service.model.page import Between, page_before
from payment_service.model.soonest import Key, Wanted, soonest
from payment_service.model.subscription_list import STANDING, Standing, SubscriptionFilter
from payment_service.model.turning import Turn, merge_newer

Place = Key | str
"""A day and an id among those that have a day, an id among the others."""
OTHERS = ""
"""Before the first of those without a day."""
LAST: Key = (date(9999, 12, 31), "zz")


class InDueOrder(NamedTuple):
    """A page, and the places from which its neighbours are turned to; None at an end."""

    rows: Sequence[Standing]
    newer: Place | None
    older: Place | None


class Both(NamedTuple):
    """What is asked for in each app: of those with a day, and of the others."""

    with_day: Mapping[str, Wanted]
    others: Mapping[str, SubscriptionFilter]


def due_from(tx: Transaction, both: Both, limit: int, after: Place | None = None) -> InDueOrder:
    """From the beginning, or what comes after a place."""
    if isinstance(after, str):
        shown = show(tx, list_subscriptions(both.others), Turn(older_than=after or None), limit)
        return InDueOrder(shown.rows, _first_of(shown.rows, after), shown.older_than)
    page = soonest(tx, both.with_day, limit, later_than=after)
    if page.later_than is not None:
        return InDueOrder(page.rows, page.sooner_than, page.later_than)
    room = limit - len(page.rows)
    rest = show(tx, list_subscriptions(both.others), Turn(), max(room, 1))
    if not room:
        return InDueOrder(page.rows, page.sooner_than, OTHERS if rest.rows else None)
    return InDueOrder([*page.rows, *rest.rows], page.sooner_than, rest.older_than)


def due_before(tx: Transaction, both: Both, limit: int, place: Place) -> InDueOrder:
    """What comes before a place. At the beginning it is the first page, whole."""
    if not isinstance(place, str):
        page = soonest(tx, both.with_day, limit, sooner_than=place)
        if page.sooner_than is None:
            return due_from(tx, both, limit)
        return InDueOrder(page.rows, page.sooner_than, page.later_than)
    walks = list_subscriptions(both.others).walks
    above = Between(floor=place + "0")
    ids, newer = merge_newer([page_before(tx, one, above, limit) for one in walks], limit)
    rows: Sequence[Standing] = tx.all(STANDING, ids=ids) if ids else []
    older = ids[-1] if ids else OTHERS
    if newer is not None:
        return InDueOrder(rows, newer, older)
    room = limit - len(rows)
    if not room:
        return InDueOrder(rows, ids[0], older)
    page = soonest(tx, both.with_day, room, sooner_than=LAST)
    if page.sooner_than is None:
        return due_from(tx, both, limit)
    return InDueOrder([*page.rows, *rows], page.sooner_than, older)


def _first_of(rows: Sequence[Standing], otherwise: str) -> str:
    return rows[0].subscription.id if rows else otherwise
