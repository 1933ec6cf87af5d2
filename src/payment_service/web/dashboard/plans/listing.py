"""All plans of all apps, each with its ladder; those that are no longer sold on a page apart."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.ladder import Step, ladder_of
from payment_service.model.listed import Listing, show
from payment_service.model.plan import ARCHIVED_PLANS, Plan
from payment_service.model.plan_holding import Holding, holdings
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask

ON_A_PAGE = 20


class Row(NamedTuple):
    app: App
    plan: Plan
    holding: Holding
    ladder: list[Step]


class Found(NamedTuple):
    """A page; `newer` and `older` are what the neighbours are turned to by, None at an end."""

    apps: Sequence[App]
    rows: Sequence[Row]
    archived: int
    newer: str | None
    older: str | None


async def show_plans(ask: Ask) -> Response:
    is_archived = ask.query.get("archived") == "true"
    found = await ask.read(_found, ask, is_archived)
    return ask.page("plans/list.html", found=found, is_archived=is_archived)


def _found(tx: Transaction, ask: Ask, is_archived: bool) -> Found:
    apps = tx.all(APPS)
    asked = [app for app in apps if ask.query.get("app") in (None, "", app.id)]
    turn = Turn(ask.query.get("older_than") or None, ask.query.get("newer_than") or None)
    walks = tuple(walk_plans(app.id, archived=is_archived) for app in asked)
    shown = show(tx, Listing(walks, PLANS_LISTED), turn, ON_A_PAGE)
    rows = [row for app in asked for row in _rows(tx, ask, app, shown.rows)]
    archived = sum(tx.one(ARCHIVED_PLANS, app_id=app.id) or 0 for app in asked)
    return Found(apps, rows, archived, shown.newer_than, shown.older_than)


def _rows(tx: Transaction, ask: Ask, app: App, found: Sequence[Plan]) -> list[Row]:
    """An app's of these, the oldest first: the order in which they were thought of."""
    own = sorted((one for one in found if one.app_id == app.id), key=lambda one: one.id)
    held = holdings(tx, own, local_date(app.at(ask.now), app.zone))
    return [Row(app, one, held[one.id], ladder_of(one, held[one.id])) for one in own]
