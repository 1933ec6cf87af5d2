"""The money that came: payments, newest first, by app, what became of them, customer and days."""

from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.listed import ListedPayment, Shown, show
from payment_service.model.plan import Plan
from payment_service.model.waiting_count import undecided_payments
from payment_service.web.dashboard.ask import ZONE, Ask
from payment_service.web.dashboard.invoices.bills import is_narrow
from payment_service.web.dashboard.invoices.days import LAST, latest_months
from payment_service.web.dashboard.invoices.plans_of import plans_of
from payment_service.web.dashboard.invoices.wanted import wanted_in

ON_A_PAGE = 25
FILTERS = ("app", "outcome", "customer", "days", "plan", "paid_from", "paid_to")


class Money(NamedTuple):
    """A page of the list; `plans` and `months` are what it can be narrowed to; `undecided` how many
    wait for somebody, empty where it is narrowed."""

    rows: list[ListedPayment]
    shown: Shown
    apps: dict[str, App]
    nobody: bool
    plans: list[Plan]
    months: list[date]
    undecided: str


async def show_money(ask: Ask) -> Response:
    found = await ask.read(_found, ask)
    is_narrowed = any(ask.query.get(name) for name in FILTERS)
    return ask.page("invoices/money.html", found=found, days=LAST, is_narrowed=is_narrowed)


def _found(tx: Transaction, ask: Ask) -> Money:
    wanted = wanted_in(tx, ask, "payments")
    shown = show(tx, wanted.listing, wanted.turn, ON_A_PAGE)
    todays = (local_date(app.at(ask.now), app.zone) for app in wanted.apps.values())
    return Money(
        shown.rows,
        shown,
        wanted.apps,
        wanted.nobody,
        plans_of(tx, wanted.asked),
        latest_months(max(todays, default=local_date(ask.now, ZONE)), ask.query.get("days", "")),
        "" if is_narrow(ask, FILTERS) else undecided_payments(tx, [one.id for one in wanted.asked]),
    )
