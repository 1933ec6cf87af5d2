"""Every list of the dashboard as CSV, with its filters, in words that its reader knows."""

from collections.abc import AsyncIterator
from functools import cache
from html import unescape

from starlette.responses import Response

from payment_service.actions.export_list import COLUMNS, Column, Separator, export_list
from payment_service.kit.money import Language
from payment_service.kit.statements import Transaction
from payment_service.model.delivery_list import ENDPOINTS, ListedDelivery
from payment_service.model.listed import ListedCustomer, ListedInvoice, ListedPayment
from payment_service.model.plan import Plan
from payment_service.model.subscription_list import Standing
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.download import asked_in, download, show_download
from payment_service.web.dashboard.invoices.wanted import Wanted, wanted_in
from payment_service.web.pages.render import page

ROWS: dict[str, type] = {
    "subscriptions": Standing,
    "customers": ListedCustomer,
    "invoices": ListedInvoice,
    "payments": ListedPayment,
    "plans": Plan,
    "webhooks": ListedDelivery,
}


async def show_export(ask: Ask) -> Response:
    wanted = await ask.read(wanted_in, ask, asked_in(ask).kind)
    return show_download(ask, wanted.apps)


async def export(ask: Ask) -> Response:
    kind = asked_in(ask).kind
    wanted = await ask.read(wanted_in, ask, kind)
    places = await ask.read(_places) if kind == "webhooks" else {}
    separator: Separator = ";" if ask.text("separator") == ";" else ","
    return await download(ask, _lines(ask, kind, wanted, places, separator))


def _places(tx: Transaction) -> dict[str, str]:
    """Endpoints by their ids, without what follows a question mark: it may be a secret."""
    return {f"endpoint.{one.id}": one.url.partition("?")[0] for one in tx.all(ENDPOINTS)}


def _lines(
    ask: Ask, kind: str, wanted: Wanted, places: dict[str, str], separator: Separator
) -> AsyncIterator[bytes]:
    columns: list[Column] = list(COLUMNS[ROWS[kind]])
    return export_list(
        ask.runtime.db,
        wanted.listing,
        columns,
        zones={app.id: app.zone for app in wanted.apps.values()},
        headings=headings(ask.language),
        words={
            **cells(ask.language),
            **{f"app.{app.id}": app.name for app in wanted.apps.values()},
            **places,
        },
        within=wanted.turn._replace(older_than=None, newer_than=None),
        separator=separator,
    )


@cache
def headings(language: Language) -> dict[str, str]:
    """What the columns are called, by their names."""
    return _by_name("headings", language)


@cache
def cells(language: Language) -> dict[str, str]:
    """What values are called, by their column and themselves."""
    return _by_name("cells", language)


def _by_name(template: str, language: Language) -> dict[str, str]:
    lines = unescape(page(f"dashboard/invoices/{template}.html", language).decode()).splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)
