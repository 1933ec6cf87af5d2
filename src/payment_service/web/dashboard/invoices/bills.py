"""The history of invoices: what was issued, newest first, by app, state, customer and days."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.listed import ListedInvoice, Shown, show
from payment_service.model.plan import Plan
from payment_service.model.waiting_count import open_invoices
from payment_service.web.dashboard.ask import ZONE, Ask
from payment_service.web.dashboard.invoices.days import LAST, latest_months
from payment_service.web.dashboard.invoices.plans_of import plans_of
from payment_service.web.dashboard.invoices.wanted import wanted_in

ON_A_PAGE = 25
COUNTED = ("app", "status", "outcome")
FILTERS = ("app", "status", "customer", "days", "plan", "kind", "issued_from", "issued_to")


class Bills(NamedTuple):
    """A page of the list; `todays` are the apps' local dates, by which an invoice is overdue;
    `plans` and `months` are what it can be narrowed to, `counts` how many there are of a state,
    where nothing but the app narrows it."""

    rows: list[ListedInvoice]
    shown: Shown
    apps: dict[str, App]
    todays: dict[str, date]
    nobody: bool
    plans: list[Plan]
    months: list[date]
    counts: dict[str, str]


async def show_bills(ask: Ask) -> Response:
    found = await ask.read(_found, ask)
    is_narrowed = any(ask.query.get(name) for name in FILTERS)
    return ask.page("invoices/bills.html", found=found, days=LAST, is_narrowed=is_narrowed)


def _found(tx: Transaction, ask: Ask) -> Bills:
    wanted = wanted_in(tx, ask, "invoices")
    shown = show(tx, wanted.listing, wanted.turn, ON_A_PAGE)
    todays = {app.id: local_date(app.at(ask.now), app.zone) for app in wanted.apps.values()}
    today = max(todays.values(), default=local_date(ask.now, ZONE))
    return Bills(
        shown.rows,
        shown,
        wanted.apps,
        todays,
        wanted.nobody,
        plans_of(tx, wanted.asked),
        latest_months(today, ask.query.get("days", "")),
        {} if is_narrow(ask, FILTERS) else open_invoices(tx, _todays_of(wanted.asked, todays)),
    )


def is_narrow(ask: Ask, filters: Sequence[str]) -> bool:
    """Whether more narrows the list than its app and its state: nothing counts that."""
    return any(ask.query.get(name) for name in filters if name not in COUNTED)


def _todays_of(apps: Sequence[App], todays: dict[str, date]) -> dict[str, date]:
    return {app.id: todays[app.id] for app in apps}
