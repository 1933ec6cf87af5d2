"""The list of customers: newest first, of one app or all, those who are owed something."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.listed import CUSTOMERS_SHOWN, ListedCustomer, list_customers, show
from payment_service.model.search import search
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask

ON_A_PAGE = 25
LONGEST = 200


class Found(NamedTuple):
    """A page; `newer` and `older` are what the neighbours are turned to by, None at an end."""

    apps: dict[str, App]
    rows: Sequence[ListedCustomer]
    newer: str | None
    older: str | None

    @property
    def since(self) -> dict[str, date]:
        """The local day on which each was first heard of."""
        return {
            row.customer.id: local_date(
                row.customer.created_at, self.apps[row.customer.app_id].zone
            )
            for row in self.rows
        }


async def show_customers(ask: Ask) -> Response:
    return ask.page("customers/list.html", found=await ask.read(_found, ask), first=_first(ask))


def _found(tx: Transaction, ask: Ask) -> Found:
    apps = {app.id: app for app in tx.all(APPS)}
    asked = [app for app in apps.values() if ask.query.get("app") in (None, "", app.id)]
    is_owed = ask.query.get("credit") == "true"
    named = ask.query.get("reference", "").strip()[:LONGEST]
    if named:
        rows = [one for one in _named(tx, named, asked) if one.credit or not is_owed]
        return Found(apps, rows, None, None)
    turn = Turn(ask.query.get("older_than") or None, ask.query.get("newer_than") or None)
    listing = list_customers([app.id for app in asked], is_owed=is_owed)
    shown = show(tx, listing, turn, ON_A_PAGE)
    return Found(apps, shown.rows, shown.newer_than, shown.older_than)


def _named(tx: Transaction, named: str, apps: Sequence[App]) -> list[ListedCustomer]:
    """Those whom the apps know by exactly this; where there are none, whom else it may mean."""
    exact = [tx.one(CUSTOMER_BY_REFERENCE, app_id=app.id, reference=named) for app in apps]
    ids = [one.id for one in exact if one is not None]
    if not ids:
        only = apps[0].id if len(apps) == 1 else None
        hits = search(tx, named, only)
        ids = [one.id for one in hits if one.kind == "customer"]
    return tx.all(CUSTOMERS_SHOWN, ids=ids) if ids else []


def _first(ask: Ask) -> int:
    """The number of the page's first row, as the link to it says; nothing is counted."""
    at = ask.query.get("at", "")
    turned = "older_than" in ask.query or "newer_than" in ask.query
    return int(at) if turned and at.isdecimal() and len(at) < 9 else 1
