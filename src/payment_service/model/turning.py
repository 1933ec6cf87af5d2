"""Turning the pages of a list both ways, in one app or through all of them at once."""

from collections.abc import Sequence
from typing import NamedTuple

from payment_service.kit.statements import Transaction
from payment_service.model.page import NEWEST, Between, Page, Walk, page_before, page_of


class Turn(NamedTuple):
    """Where a page begins: below `older_than`, or above `newer_than`; without both at the newest.
    `within` is where the whole list ends, both ways."""

    older_than: str | None = None
    newer_than: str | None = None
    within: Between = Between()


class Turned(NamedTuple):
    """The ids of a page, newest first, and what its neighbours are turned to by; None at an end.

    It may hold fewer than were asked for where many had to be looked at: its neighbours go on.
    """

    ids: Sequence[str]
    older_than: str | None
    newer_than: str | None


def turn(tx: Transaction, walks: Sequence[Walk], to: Turn, limit: int) -> Turned:
    """The page of these lists together, whose ids are of one kind."""
    if to.newer_than is not None:
        floor = max(to.newer_than + "0", to.within.floor)
        pages = [page_before(tx, one, Between(to.within.before, floor), limit) for one in walks]
        ids, newer = merge_newer(pages, limit)
        if newer is None and len(ids) < limit:  # the beginning: whole, not what is left over
            return turn(tx, walks, Turn(within=to.within), limit)
        return Turned(ids, ids[-1] if ids else _just_above(to.newer_than), newer)
    before = min(to.older_than or NEWEST, to.within.before)
    pages = [page_of(tx, one, Between(before, to.within.floor), limit) for one in walks]
    ids, older = merge_older(pages, limit)
    return Turned(ids, older, to.older_than and (ids[0] if ids else _just_below(to.older_than)))


def merge_older(pages: Sequence[Page], limit: int) -> tuple[list[str], str | None]:
    """The newest of several lists, and below what it goes on. What lies below the end of any page
    that goes on is not known yet: it may hold more."""
    ends = [page.next_after for page in pages if page.next_after is not None]
    known = max(ends, default="")
    ids = sorted((one for page in pages for one in page.ids if one >= known), reverse=True)
    if len(ids) > limit:
        return ids[:limit], ids[limit - 1]
    return ids, known or None


def merge_newer(pages: Sequence[Page], limit: int) -> tuple[list[str], str | None]:
    """The same the other way, of pages that `page_before` gave."""
    ends = [page.next_after for page in pages if page.next_after is not None]
    known = min(ends, default=NEWEST)
    ids = sorted(one for page in pages for one in page.ids if one <= known)
    if len(ids) > limit:
        return ids[limit - 1 :: -1], ids[limit - 1]
    return ids[::-1], known if ends else None


def _just_above(id_: str) -> str:
    """Turned to from here, a page begins with that id itself."""
    return id_ + "0"


def _just_below(id_: str) -> str:
    return id_[:-1]
