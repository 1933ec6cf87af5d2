"""The list of subscriptions: filters, counts, pages both ways, soonest due first where asked."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.listed import list_subscriptions, show
from payment_service.model.page import Between, page_of
from payment_service.model.plan import Plan
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.model.soonest import Key, soonest
from payment_service.model.standing_count import count_standings
from payment_service.model.subscription import WITH_ACCESS, Status
from payment_service.model.subscription_list import STATUSES, Standing
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.wanted import (
    Filters,
    by_day,
    filters_in,
    in_each_app,
)

ON_A_PAGE = 25
MOST_PLANS = 100
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
    rows: Sequence[Standing]
    newer: str | None
    older: str | None


async def show_subscriptions(ask: Ask) -> Response:
    filters = filters_in(ask.query)
    found = await ask.read(_found, ask, filters)
    chosen = ",".join(filters.statuses)
    within = filters.due or filters.span
    everything = WITH_ACCESS if filters.by_day else STATUSES
    chips = [
        Chip(
            status,
            None if within else _count(found.counts, statuses or everything),
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
        total=None if within else _count(found.counts, filters.statuses or everything),
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
    older, newer = ask.query.get("older_than"), ask.query.get("newer_than")
    if filters.by_day and not _count(counts, filters.statuses or WITH_ACCESS):
        rows, ends = [], (None, None)  # nothing to look for among all the others
    elif filters.by_day:
        later, sooner = _key(older), _key(newer)
        page = soonest(tx, by_day(wanted), ON_A_PAGE, later_than=later, sooner_than=sooner)
        rows, ends = page.rows, (_written(page.sooner_than), _written(page.later_than))
    else:
        turn = Turn(older_than=older or None, newer_than=newer or None)
        shown = show(tx, list_subscriptions(wanted), turn, ON_A_PAGE)
        rows, ends = shown.rows, (shown.newer_than, shown.older_than)
    plans = _plans(tx, chosen[0].id) if len(chosen) == 1 else []
    return Found({one.id: one for one in apps}, plans, counts, rows, *ends)


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


def _key(text: str | None) -> Key | None:
    day, _, id_ = (text or "").partition("~")
    try:
        return date.fromisoformat(day), id_
    except ValueError:
        return None


def _written(key: Key | None) -> str | None:
    return f"{key[0]}~{key[1]}" if key else None
