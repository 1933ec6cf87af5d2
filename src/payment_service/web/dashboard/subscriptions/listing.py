"""The list of subscriptions: filters, counts, pages both ways, soonest due first."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.due_order import OTHERS, Place, due_before, due_from
from payment_service.model.listed import list_subscriptions, show
from payment_service.model.page import Between, page_of
from payment_service.model.plan import Plan
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.model.standing_count import count_standings
from payment_service.model.subscription import WITH_ACCESS, Status
from payment_service.model.subscription_list import STATUSES, Standing
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.wanted import (
    Filters,
    filters_in,
    in_due_order,
    in_each_app,
)

ON_A_PAGE = 25
MOST_PLANS = 100
RARE = 100
"""What is rarer than one in so many of those with access is told newest first unless asked for by
day: the walk by day would pass too many."""
OTHERS_WORD = "others"
SPANNED = ("paid_through_from", "paid_through_to")
GROUPS: tuple[tuple[str, tuple[Status, ...]], ...] = (
    ("", ()),
    ("active", ("active",)),
    ("grace", ("grace",)),
    ("suspended", ("suspended",)),
    ("trialing", ("trialing",)),
    ("pending", ("pending",)),
    ("canceled,expired", ("canceled", "expired")),
)
"""What each chip asks for, and what it counts."""


class Chip(NamedTuple):
    """`number` is None where nothing counts it: within days."""

    status: str
    number: int | None
    is_chosen: bool


class Found(NamedTuple):
    """A page; `newer` and `older` are what the neighbours are turned to by, None at an end."""

    apps: dict[str, App]
    plans: Sequence[Plan]
    counts: Counter[Status]
    by_day: bool
    rows: Sequence[Standing]
    newer: str | None
    older: str | None


async def show_subscriptions(ask: Ask) -> Response:
    filters = filters_in(ask.query)
    found = await ask.read(_found, ask, filters)
    chosen = ",".join(filters.statuses)
    within = filters.due or filters.span
    chips = [
        Chip(
            status,
            None if within else _count(found.counts, statuses or STATUSES),
            is_chosen=set(statuses) == set(filters.statuses),
        )
        for status, statuses in GROUPS
    ]
    return ask.page(
        "subscriptions/list.html",
        found=found,
        filters=filters,
        spanned={name: ask.query[name] for name in SPANNED if filters.span and name in ask.query},
        chosen=chosen,
        chips_of=chips,
        total=None if within else _count(found.counts, filters.statuses or STATUSES),
        first=_first(ask),
        on_a_page=ON_A_PAGE,
        todays={one.id: local_date(one.at(ask.now), one.zone) for one in found.apps.values()},
    )


def _found(tx: Transaction, ask: Ask, filters: Filters) -> Found:
    rows: Sequence[Standing]
    ends: tuple[str | None, str | None]
    apps = tx.all(APPS)
    chosen = [app for app in apps if filters.app in ("", app.id)]
    wanted = in_each_app(tx, filters, chosen, ask.now)
    plan_ids = [one.plan_id for one in wanted.values() if one.plan_id]
    counts = count_standings(tx, wanted, plan_ids)
    with_access = [one for one in filters.statuses or STATUSES if one in WITH_ACCESS]
    by_day = filters.order == "due"
    if not filters.order:
        hits, all_ = _count(counts, with_access), count_standings(tx, wanted)
        is_first = filters.statuses == ("grace",) and not filters.plan
        by_day = is_first or hits * RARE >= _count(all_, WITH_ACCESS)
    older, newer = ask.query.get("older_than"), ask.query.get("newer_than")
    if by_day:
        both = in_due_order(tx, wanted)
        if not _count(counts, with_access):  # nothing to look for among all the others
            both = both._replace(with_day={})
        later, sooner = _place(older), _place(newer)
        page = (
            due_from(tx, both, ON_A_PAGE, later)
            if sooner is None
            else due_before(tx, both, ON_A_PAGE, sooner)
        )
        rows, ends = page.rows, (_written(page.newer), _written(page.older))
    else:
        turn = Turn(older_than=older or None, newer_than=newer or None)
        shown = show(tx, list_subscriptions(wanted), turn, ON_A_PAGE)
        rows, ends = shown.rows, (shown.newer_than, shown.older_than)
    plans = _plans(tx, chosen[0].id) if len(chosen) == 1 else []
    return Found({one.id: one for one in apps}, plans, counts, by_day, rows, *ends)


def _plans(tx: Transaction, app_id: str) -> list[Plan]:
    page = page_of(tx, walk_plans(app_id, archived=None), Between(), MOST_PLANS)
    return sorted(tx.all(PLANS_LISTED, ids=page.ids), key=lambda one: one.name.casefold())


def _count(counts: Counter[Status], statuses: Sequence[Status]) -> int:
    return sum(counts[one] for one in statuses)


def _first(ask: Ask) -> int:
    """The number of the page's first row, as the link to it says; a hint, nothing is counted."""
    at = ask.query.get("at", "")
    turned = "older_than" in ask.query or "newer_than" in ask.query
    return int(at) if turned and at.isdecimal() and len(at) < 9 else 1


def _place(text: str | None) -> Place | None:
    """As `_written` writes it; None for what is none."""
    day, _, id_ = (text or "").partition("~")
    if text == OTHERS_WORD:
        return OTHERS
    if day.startswith("sub_"):
        return day[:60]
    try:
        return date.fromisoformat(day), id_
    except ValueError:
        return None


def _written(place: Place | None) -> str | None:
    if place is None or isinstance(place, str):
        return OTHERS_WORD if place == OTHERS else place
    return f"{place[0]}~{place[1]}"
