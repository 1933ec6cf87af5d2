"""What a list is asked for in its address: `app`, `status`, `customer`, `days`, and its page."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple, get_args

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.customer import CUSTOMER, CUSTOMER_BY_REFERENCE, Customer
from payment_service.model.delivery_list import ENDPOINTS
from payment_service.model.invoice import Status
from payment_service.model.invoice_list import KINDS, InvoiceFilter
from payment_service.model.invoice_list import STATUSES as INVOICE_STATUSES
from payment_service.model.listed import (
    Listing,
    list_customers,
    list_invoices,
    list_payments,
    list_subscriptions,
)
from payment_service.model.page import Span
from payment_service.model.payment import Outcome
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.plan import PLAN_BY_CODE
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.invoices.days import ids_of, span_in
from payment_service.web.dashboard.subscriptions.wanted import filters_in, in_each_app
from payment_service.web.dashboard.webhooks.asked import asked_in
from payment_service.web.dashboard.webhooks.listing import listing_of

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
PLACE = re.compile(r"[a-z]{2,4}_[0-9a-z]{0,40}")
LONGEST = 200


class Wanted(NamedTuple):
    """`whose` is empty where no customer is named, and `nobody` where there is none such."""

    apps: dict[str, App]
    asked: list[App]
    whose: Mapping[str, Customer]
    nobody: bool
    listing: Listing
    turn: Turn


class Among(NamedTuple):
    """The apps that are asked, and in each the customer, where one is named."""

    tx: Transaction
    ask: Ask
    apps: list[App]
    whose: Mapping[str, Customer]

    def customer_id(self, app: App) -> str | None:
        return self.whose[app.id].id if app.id in self.whose else None


def wanted_in(tx: Transaction, ask: Ask, kind: str) -> Wanted:
    """The filters as they stand in the address; what is no filter is passed over."""
    apps = {app.id: app for app in tx.all(APPS)}
    asked = [app for app in apps.values() if ask.query.get("app") in (None, "", app.id)]
    named = ask.query.get("customer", "").strip()[:LONGEST]
    whose = _customers(tx, asked, named) if named else {}
    if named:
        asked = [app for app in asked if app.id in whose]
    turn = Turn(_place(ask, "before"), _place(ask, "after"))
    listing = LISTINGS[kind](Among(tx, ask, asked, whose))
    return Wanted(apps, asked, whose, bool(named and not whose), listing, turn)


def _customers(tx: Transaction, apps: list[App], named: str) -> dict[str, Customer]:
    """By app: the one with this id, or those that the apps call so."""
    own = tx.one(CUSTOMER, id=named) if named.startswith("cus_") else None
    if own is not None:
        return {own.app_id: own}
    found = (tx.one(CUSTOMER_BY_REFERENCE, app_id=app.id, reference=named) for app in apps)
    return {one.app_id: one for one in found if one is not None}


def _place(ask: Ask, name: str) -> str | None:
    given = ask.query.get(name, "")
    return given if PLACE.fullmatch(given) else None


def _invoices(among: Among) -> Listing:
    """`overdue` is no state of its own: open, and the day has passed."""
    query = among.ask.query
    status = query.get("status", "")
    statuses: tuple[Status, ...] = tuple(one for one in INVOICE_STATUSES if one == status)
    if status == "overdue":
        statuses = ("open",)
    kinds = tuple(one for one in KINDS if one == query.get("kind"))
    wanted, issued = {}, {}
    for app, plan_id in _with_plan(among):
        today = local_date(app.at(among.ask.now), app.zone)
        due = Span(last=today - timedelta(days=1)) if status == "overdue" else None
        wanted[app.id] = InvoiceFilter(
            among.customer_id(app), plan_id=plan_id, statuses=statuses, kinds=kinds, due=due
        )
        span = span_in(query, "issued", today)
        if span is not None:
            issued[app.id] = ids_of("inv", span, app.zone)
    return list_invoices(wanted, issued)


def _payments(among: Among) -> Listing:
    """`needs_review` is what a person has still to decide, and `reviewed` what one has."""
    query = among.ask.query
    asked = query.get("outcome", "")
    is_decided = {"needs_review": False, "reviewed": True}.get(asked)
    outcome = next((one for one in OUTCOMES if one == asked), None)
    wanted = {
        app.id: PaymentFilter(
            among.customer_id(app),
            plan_id=plan_id,
            outcome=outcome if is_decided is None else "needs_review",
            is_decided=is_decided,
            paid=span_in(query, "paid", local_date(app.at(among.ask.now), app.zone)),
        )
        for app, plan_id in _with_plan(among)
    }
    return list_payments(wanted)


def _with_plan(among: Among) -> Iterator[tuple[App, str | None]]:
    """Each app with its plan of the code that is asked for; without those that have none such."""
    code = among.ask.query.get("plan", "")[:LONGEST]
    for app in among.apps:
        plan = among.tx.one(PLAN_BY_CODE, app_id=app.id, code=code) if code else None
        if plan is not None or not code:
            yield app, plan.id if plan is not None else None


def _subscriptions(among: Among) -> Listing:
    wanted = in_each_app(among.tx, filters_in(among.ask.query), among.apps, among.ask.now)
    return list_subscriptions(
        {
            app.id: wanted[app.id]._replace(customer_id=among.customer_id(app))
            for app in among.apps
            if app.id in wanted
        }
    )


def _customers_of(among: Among) -> Listing:
    is_owed = among.ask.query.get("credit") == "true"
    return list_customers([app.id for app in among.apps], is_owed=is_owed)


def _plans(among: Among) -> Listing:
    is_archived = among.ask.query.get("archived") == "true"
    walks = (walk_plans(app.id, archived=is_archived) for app in among.apps)
    return Listing(tuple(walks), PLANS_LISTED)


def _deliveries(among: Among) -> Listing:
    return listing_of(among.tx, asked_in(among.ask.query), among.tx.all(ENDPOINTS))


LISTINGS = {
    "invoices": _invoices,
    "payments": _payments,
    "subscriptions": _subscriptions,
    "customers": _customers_of,
    "plans": _plans,
    "webhooks": _deliveries,
}
