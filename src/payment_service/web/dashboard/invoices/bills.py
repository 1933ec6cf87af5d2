"""The history of invoices: what was issued, newest first, by app, state, customer and days."""

from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.listed import ListedInvoice, Shown, show
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.invoices.wanted import DAYS, wanted_in

ON_A_PAGE = 25
FILTERS = ("app", "status", "customer", "days")


class Bills(NamedTuple):
    """A page of the list; `todays` are the apps' local dates, by which an invoice is overdue."""

    rows: list[ListedInvoice]
    shown: Shown
    apps: dict[str, App]
    todays: dict[str, date]
    nobody: bool


async def show_bills(ask: Ask) -> Response:
    found = await ask.read(_found, ask)
    is_narrowed = any(ask.query.get(name) for name in FILTERS)
    return ask.page("invoices/bills.html", found=found, days=DAYS, is_narrowed=is_narrowed)


def _found(tx: Transaction, ask: Ask) -> Bills:
    wanted = wanted_in(tx, ask, "invoices")
    shown = show(tx, wanted.listing, wanted.turn, ON_A_PAGE)
    todays = {app.id: local_date(app.at(ask.now), app.zone) for app in wanted.apps.values()}
    return Bills(shown.rows, shown, wanted.apps, todays, wanted.nobody)
