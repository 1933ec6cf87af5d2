"""What the dashboard asks of the books, each time about something else."""

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from bench.pages import drawer
from bench.past import Past, called
from bench.pay_page import GOAL as PAY_GOAL
from bench.pay_page import draw_pay_page, pay_links
from payment_service.actions.foresee_tonight import foresee_tonight
from payment_service.model.app import APPS
from payment_service.model.attention import attention
from payment_service.model.history import history, history_of_invoice
from payment_service.model.invoice_list import InvoiceFilter
from payment_service.model.listed import (
    Listing,
    due_soon,
    list_customers,
    list_invoices,
    list_payments,
    list_subscriptions,
    show,
)
from payment_service.model.overview import overview
from payment_service.model.page import Span
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.plan import PLANS_OF_APP
from payment_service.model.search import search
from payment_service.model.subscription_list import SubscriptionFilter
from payment_service.model.turning import Turn
from payment_service.runtime import Runtime

GOAL = 0.3
"""Seconds, of 95 in 100."""
PAGE = 50

Ask = Callable[[], Awaitable[Any]]


class Question(NamedTuple):
    name: str
    ask: Ask
    goal: float = GOAL


async def questions(runtime: Runtime, past: Past, day: date) -> list[Question]:
    db, app, chance = runtime.db, past.app, random.Random(14)
    now = runtime.clock.now()
    plans = await db.read(lambda tx: tx.all(PLANS_OF_APP, app_id=app.id, before="~", limit=1))
    apps = await db.read(lambda tx: tx.all(APPS))

    async def shows(listing: Listing, to: Turn) -> list[Any]:
        return (await db.read(show, listing, to, PAGE)).rows

    async def needs() -> Any:
        return (await db.read(attention, now)).shown

    async def told() -> Any:
        return (await db.read(history, chance.choice(past.told).id)).entries

    async def told_of_one() -> Any:
        return (await db.read(history_of_invoice, chance.choice(invoice_ids))).entries

    def drawn(of: str) -> Ask:
        async def draw() -> None:
            await draw_pay_page(runtime, chance.choice(links[of]))

        return draw

    def looked_at(name: str, path: Callable[[], str]) -> Question:
        return Question(f"page: {name}", lambda: draw(path()))

    def listed(name: str, listing: Listing, to: Callable[[], Turn] = Turn) -> Question:
        return Question(name, lambda: shows(listing, to()))

    def sought(name: str, text: Callable[[], str]) -> Question:
        return Question(f"search: {name}", lambda: db.read(search, text()))

    def one() -> Any:
        return called(chance.choice(past.whose).reference)

    def of_invoices(**wanted: Any) -> Listing:
        return list_invoices({app.id: InvoiceFilter(**wanted)})

    def of_payments(**wanted: Any) -> Listing:
        return list_payments({app.id: PaymentFilter(**wanted)})

    def of_subscriptions(**wanted: Any) -> Listing:
        return list_subscriptions({app.id: SubscriptionFilter(**wanted)})

    seen = await _some_ids(runtime, of_invoices(), of_payments(), list_customers([app.id]))
    invoice_ids, payment_ids, customer_ids = seen
    month = Span(day - timedelta(days=150), day - timedelta(days=120))
    references = [payment.reference for payment in await _payments(runtime, of_payments())]
    shown = await db.read(show, of_invoices(), Turn(), 100)
    numbers = [row.invoice.number for row in shown.rows]
    draw = await drawer(runtime)
    links = await pay_links(runtime, [row.invoice for row in shown.rows])
    return [
        Question("overview", lambda: db.read(overview, "test", now)),
        Question("tonight", lambda: foresee_tonight(runtime, app, day)),
        Question("attention", needs),
        sought("a common word", lambda: "bengkel"),
        sought("two common words", lambda: "bengkel jaya"),
        sought("a whole name", lambda: str(one().name)),
        sought("a beginning", lambda: str(one().name)[:3]),
        sought("phone", lambda: str(one().phone)),
        sought("e-mail", lambda: str(one().email)),
        sought("reference", lambda: str(one().reference)),
        sought("invoice number", lambda: chance.choice(numbers)),
        sought("short number", lambda: chance.choice(numbers)[-6:].lstrip("0")),
        sought("invoice id", lambda: chance.choice(invoice_ids)),
        sought("gateway reference", lambda: chance.choice(references)),
        sought("nothing", lambda: "zzzzzz qqqq"),
        listed("subscriptions", of_subscriptions()),
        listed("subscriptions: in grace", of_subscriptions(statuses=("grace",))),
        listed("subscriptions: suspended (none)", of_subscriptions(statuses=("suspended",))),
        listed("subscriptions: due soon", list_subscriptions({app.id: due_soon(day)})),
        listed("subscriptions: plan", of_subscriptions(plan_id=plans[0].id)),
        listed("customers", list_customers([app.id])),
        listed("customers: deep", list_customers([app.id]), _turns(chance, customer_ids)),
        listed("invoices", of_invoices()),
        listed("invoices: deep, older", of_invoices(), _turns(chance, invoice_ids)),
        listed("invoices: deep, newer", of_invoices(), _turns(chance, invoice_ids, newer=True)),
        listed("invoices: open", of_invoices(statuses=("open",))),
        listed("invoices: void (none)", of_invoices(statuses=("void",))),
        listed("invoices: one-off (none)", of_invoices(kinds=("one_off",))),
        listed("invoices: of a month", of_invoices(due=month)),
        listed("invoices: open and overdue", of_invoices(statuses=("open",), due=Span(last=day))),
        listed("invoices of all apps", list_invoices({one.id: InvoiceFilter() for one in apps})),
        listed("payments", of_payments()),
        listed("payments: deep", of_payments(), _turns(chance, payment_ids)),
        listed("payments: of a month", of_payments(paid=month)),
        listed("payments: credited (none)", of_payments(outcome="credited")),
        Question("history", told),
        Question("history of an invoice", told_of_one),
        looked_at("overview", lambda: "/dashboard"),
        looked_at("tonight", lambda: "/dashboard/tonight"),
        looked_at("attention", lambda: "/dashboard/attention"),
        looked_at("search a name", lambda: f"/dashboard/search?q={quote(str(one().name))}"),
        looked_at("search a common word", lambda: "/dashboard/search?q=bengkel"),
        looked_at("search a number", lambda: f"/dashboard/search?q={chance.choice(numbers)}"),
        looked_at("plans", lambda: "/dashboard/plans"),
        looked_at("moving a plan's subscribers", lambda: f"/dashboard/plans/{plans[0].id}/move"),
        looked_at("customers", lambda: "/dashboard/customers"),
        looked_at("customers with credit", lambda: "/dashboard/customers?credit=true"),
        looked_at("a customer", lambda: f"/dashboard/customers/{chance.choice(customer_ids)}"),
        Question("pay page: an invoice's", drawn("an invoice"), PAY_GOAL),
        Question("pay page: a subscription's", drawn("a subscription"), PAY_GOAL),
    ]


def _turns(chance: random.Random, ids: Sequence[str], *, newer: bool = False) -> Callable[[], Turn]:
    if newer:
        return lambda: Turn(newer_than=chance.choice(ids))
    return lambda: Turn(older_than=chance.choice(ids))


async def _payments(runtime: Runtime, listing: Listing) -> list[Any]:
    shown = await runtime.db.read(show, listing, Turn(), 100)
    return [row.payment for row in shown.rows]


async def _some_ids(runtime: Runtime, *listings: Listing) -> list[list[str]]:
    """From one end of each list to the other, some of it passed over each time."""
    found = []
    for listing in listings:
        ids: list[str] = []
        for _ in range(20):
            shown = await runtime.db.read(show, listing, Turn(ids[-1] if ids else None), 100)
            ids += [row[0].id for row in shown.rows]
        found.append(ids)
    return found
