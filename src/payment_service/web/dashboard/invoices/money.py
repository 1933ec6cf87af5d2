"""The money that came: payments, newest first, by app, what became of them, customer and days."""

from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.listed import ListedPayment, Shown, show
from payment_service.model.review import REVIEWS, Review
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.invoices.wanted import DAYS, wanted_in

ON_A_PAGE = 25
FILTERS = ("app", "outcome", "customer", "days")


class Money(NamedTuple):
    """A page of the list; `reviews` are what was decided, by payment."""

    rows: list[ListedPayment]
    shown: Shown
    apps: dict[str, App]
    reviews: dict[str, Review]
    nobody: bool


async def show_money(ask: Ask) -> Response:
    found = await ask.read(_found, ask)
    is_narrowed = any(ask.query.get(name) for name in FILTERS)
    return ask.page("invoices/money.html", found=found, days=DAYS, is_narrowed=is_narrowed)


def _found(tx: Transaction, ask: Ask) -> Money:
    wanted = wanted_in(tx, ask, "payments")
    shown = show(tx, wanted.listing, wanted.turn, ON_A_PAGE)
    doubted = [row.payment.id for row in shown.rows if row.payment.outcome == "needs_review"]
    decided = tx.all(REVIEWS, ids=doubted) if doubted else []
    reviews = {one.payment_id: one for one in decided}
    return Money(shown.rows, shown, wanted.apps, reviews, wanted.nobody)
