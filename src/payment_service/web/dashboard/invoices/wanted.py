"""What a list is asked for in its address: `app`, `status`, `customer`, `days`, and its page."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, get_args

from payment_service.kit.calendar import local_date, start_of
from payment_service.kit.ids import first_id
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.customer import CUSTOMER, CUSTOMER_BY_REFERENCE, Customer
from payment_service.model.invoice import Status
from payment_service.model.invoice_list import STATUSES as INVOICE_STATUSES
from payment_service.model.invoice_list import InvoiceFilter
from payment_service.model.listed import (
    Listing,
    list_customers,
    list_invoices,
    list_payments,
    list_subscriptions,
)
from payment_service.model.page import Between, Span
from payment_service.model.payment import Outcome
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.wanted import filters_in, in_each_app

DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
PLACE = re.compile(r"[a-z]{2,4}_[0-9a-z]{0,40}")
LONGEST = 200
PREFIXES = {"invoices": "inv", "payments": "pay", "subscriptions": "sub", "customers": "cus"}


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
    floor = _floor(ask, asked, PREFIXES[kind])
    turn = Turn(_place(ask, "before"), _place(ask, "after"), Between(floor=floor))
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


def _floor(ask: Ask, apps: list[App], prefix: str) -> str:
    """Ids tell their time. Apps that are days ahead of another let more in, never less."""
    days = DAYS.get(ask.query.get("days", ""))
    if days is None or not apps:
        return ""
    since = (
        start_of(local_date(app.at(ask.now), app.zone) - timedelta(days=days), app.zone)
        for app in apps
    )
    return first_id(prefix, min(since))


def _invoices(among: Among) -> Listing:
    """`overdue` is no state of its own: open, and the day has passed."""
    status = among.ask.query.get("status", "")
    statuses: tuple[Status, ...] = tuple(one for one in INVOICE_STATUSES if one == status)
    if status == "overdue":
        statuses = ("open",)

    def of(app: App) -> InvoiceFilter:
        yesterday = local_date(app.at(among.ask.now), app.zone) - timedelta(days=1)
        due = Span(last=yesterday) if status == "overdue" else None
        return InvoiceFilter(among.customer_id(app), statuses=statuses, due=due)

    return list_invoices({app.id: of(app) for app in among.apps})


def _payments(among: Among) -> Listing:
    outcome = next((one for one in OUTCOMES if one == among.ask.query.get("outcome")), None)
    return list_payments(
        {app.id: PaymentFilter(among.customer_id(app), outcome=outcome) for app in among.apps}
    )


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


LISTINGS = {
    "invoices": _invoices,
    "payments": _payments,
    "subscriptions": _subscriptions,
    "customers": _customers_of,
}
