"""Subscriptions by their last paid day, the soonest first: who has to be looked after next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, asc, case, desc, select, tuple_

from payment_service.kit.schema import LocalDate, Number
from payment_service.kit.statements import Record, Statement, Transaction, param, query
from payment_service.model.page import (
    MOST_WINDOWS,
    WINDOW,
    BothWays,
    Span,
    among,
    given,
)
from payment_service.model.subscription import WITH_ACCESS, Status, subscriptions
from payment_service.model.subscription_list import STANDING, Standing

Key = tuple[date, str]
"""A last paid day and an id: by both together the list is in order."""
FIRST: Key = (date(1, 1, 1), "")


class OnDay(Record, frozen=True):
    """A subscription that was walked over, and whether it is wanted."""

    id: str
    day: date
    fits: int


class Wanted(NamedTuple):
    """Of an app; None and empty where it does not matter. Only what has access has a day that
    comes."""

    plan_id: str | None = None
    statuses: Collection[Status] = ()
    days: Span = Span()


class Sooner(NamedTuple):
    """A page: rows, the soonest first, and the keys between which its neighbours lie; None at an
    end. It may hold fewer than were asked for where many had to be looked at."""

    rows: Sequence[Standing]
    sooner_than: Key | None
    later_than: Key | None


class _Stretch(NamedTuple):
    """Keys in the order of the walk, and up to where all are known; None to the end."""

    keys: list[Key]
    known: Key | None


_s = subscriptions.c
_key = tuple_(_s.paid_through, _s.id)
_given_key = tuple_(param("day", LocalDate), param("id", Text))
_fits = and_(among(_s.status, "statuses"), given(_s.plan_id, "plan_id"))


def _walked(*, backwards: bool) -> Statement[OnDay]:
    towards = desc if backwards else asc
    return query(
        select(_s.id, _s.paid_through.label("day"), case((_fits, 1), else_=0).label("fits"))
        .where(
            _s.app_id == param("app_id"),
            _s.status.in_(WITH_ACCESS),
            _s.paid_through.between(param("first_day", LocalDate), param("last_day", LocalDate)),
            _key < _given_key if backwards else _key > _given_key,
        )
        .order_by(towards(_s.paid_through), towards(_s.id))
        .limit(param("window", Number)),
        OnDay,
    )


BY_LAST_DAY = BothWays(_walked(backwards=False), _walked(backwards=True))


def soonest(
    tx: Transaction,
    wanted: Mapping[str, Wanted],
    limit: int,
    *,
    later_than: Key | None = None,
    sooner_than: Key | None = None,
) -> Sooner:
    """By the id of each app that is looked through. From the beginning, or behind `later_than`, or
    before `sooner_than`."""
    if sooner_than is not None:
        keys, known = _merged(tx, wanted, sooner_than, limit, backwards=True)
        if known is None and len(keys) < limit:  # the beginning: whole, not what is left over
            return soonest(tx, wanted, limit)
        keys.reverse()
        before, behind = known, keys[-1] if keys else sooner_than
        return Sooner(_rows(tx, keys), before, behind)
    keys, known = _merged(tx, wanted, later_than or FIRST, limit, backwards=False)
    return Sooner(_rows(tx, keys), later_than and (keys[0] if keys else later_than), known)


def _merged(
    tx: Transaction, wanted: Mapping[str, Wanted], start: Key, limit: int, *, backwards: bool
) -> _Stretch:
    """The next of all these apps together. What lies behind the end of any stretch that goes on is
    not known yet."""
    found = [
        _stretch(tx, app_id, one, start, limit, backwards=backwards)
        for app_id, one in wanted.items()
    ]
    ends = [one.known for one in found if one.known is not None]
    known = (max if backwards else min)(ends, default=None)
    keys = sorted(
        (
            key
            for one in found
            for key in one.keys
            if known is None or (key >= known if backwards else key <= known)
        ),
        reverse=backwards,
    )
    if len(keys) > limit:
        return _Stretch(keys[:limit], keys[limit - 1])
    return _Stretch(keys, known)


def _stretch(
    tx: Transaction, app_id: str, wanted: Wanted, start: Key, limit: int, *, backwards: bool
) -> _Stretch:
    statement = BY_LAST_DAY.newer if backwards else BY_LAST_DAY
    fixed: dict[str, Any] = {
        "app_id": app_id,
        "plan_id": wanted.plan_id,
        "statuses": ",".join(wanted.statuses or WITH_ACCESS),
        "first_day": wanted.days.first,
        "last_day": wanted.days.last,
    }
    keys: list[Key] = []
    window = limit + 1
    for _ in range(MOST_WINDOWS):
        seen = tx.all(statement, **fixed, day=start[0], id=start[1], window=window)
        keys += [(row.day, row.id) for row in seen if row.fits]
        if len(keys) > limit:
            return _Stretch(keys[:limit], keys[limit - 1])
        if len(seen) < window:
            return _Stretch(keys, None)
        start, window = (seen[-1].day, seen[-1].id), max(limit + 1, WINDOW)
    return _Stretch(keys, start)


def _rows(tx: Transaction, keys: Sequence[Key]) -> list[Standing]:
    ids = [id_ for _, id_ in keys]
    found = {one.subscription.id: one for one in tx.all(STANDING, ids=ids)} if ids else {}
    return [found[id_] for id_ in ids if id_ in found]
