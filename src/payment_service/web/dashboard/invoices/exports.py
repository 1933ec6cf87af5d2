"""Any list as a CSV file: the same filters as on its page, written down in the audit log, one file
at a time."""

from collections.abc import AsyncIterator
from functools import cache
from html import unescape
from typing import NamedTuple

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from payment_service.actions.export_list import COLUMNS, Column, Separator, export_list
from payment_service.kit.errors import Conflict
from payment_service.kit.money import Language
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.listed import ListedCustomer, ListedInvoice, ListedPayment
from payment_service.model.subscription_list import Standing
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.invoices.wanted import Wanted, wanted_in
from payment_service.web.pages.render import page
from payment_service.web.visits import visit_of

EXPORT_SECONDS = 600.0
ROWS: dict[str, type] = {
    "subscriptions": Standing,
    "customers": ListedCustomer,
    "invoices": ListedInvoice,
    "payments": ListedPayment,
}
FILTERS = ("app", "status", "outcome", "plan", "customer", "days")


class Export(NamedTuple):
    """A list by its name, and the filters in its address."""

    kind: str
    filters: dict[str, str]

    @property
    def address(self) -> str:
        return f"{PREFIX}/{self.kind}"


async def show_export(ask: Ask) -> Response:
    """What the file will hold, before it is made."""
    wanted = await ask.read(wanted_in, ask, _asked(ask).kind)
    return ask.page("invoices/export.html", export=_asked(ask), wanted=wanted)


async def export(ask: Ask) -> Response:
    """Raises Conflict while another file of this process is on its way."""
    asked = _asked(ask)
    wanted = await ask.read(wanted_in, ask, asked.kind)
    exporting: set[str] = ask.request.app.state.exporting
    if exporting:
        raise Conflict("export_running", "Another file is being made; try again when it is there.")
    by = ask.by("on the export page")
    exporting.add(ask.visitor.request_id)
    try:
        await ask.runtime.db.write(_note, by, asked)
        separator: Separator = ";" if ask.text("separator") == ";" else ","
        return _File(ask, asked.kind, _lines(ask, asked.kind, wanted, separator), exporting)
    except BaseException:
        exporting.discard(ask.visitor.request_id)
        raise


class _File(StreamingResponse):
    """Holds the one place for as long as it is under way, whatever becomes of who asked."""

    def __init__(
        self, ask: Ask, kind: str, lines: AsyncIterator[bytes], exporting: set[str]
    ) -> None:
        name = f"{kind}-{ask.now:%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(lines, media_type="text/csv; charset=utf-8", headers=headers)
        self._exporting = exporting
        self._name = ask.visitor.request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            visit_of(scope).stays(EXPORT_SECONDS)
            await super().__call__(scope, receive, send)
        finally:
            self._exporting.discard(self._name)


def _asked(ask: Ask) -> Export:
    kind = ask.path.removeprefix(f"{PREFIX}/").removesuffix(".csv")
    given = {name: ask.query.get(name, "")[:200] for name in FILTERS}
    return Export(kind, {name: value for name, value in given.items() if value})


def _lines(ask: Ask, kind: str, wanted: Wanted, separator: Separator) -> AsyncIterator[bytes]:
    columns: list[Column] = list(COLUMNS[ROWS[kind]])
    return export_list(
        ask.runtime.db,
        wanted.listing,
        columns,
        zones={app.id: app.zone for app in wanted.apps.values()},
        headings=headings(ask.language),
        within=wanted.turn._replace(older_than=None, newer_than=None),
        separator=separator,
    )


def _note(tx: Transaction, by: By, asked: Export) -> None:
    record(tx, by, None, "list.export", by.actor, list=asked.kind, **asked.filters)


@cache
def headings(language: Language) -> dict[str, str]:
    """What the columns are called, by their names."""
    lines = unescape(page("dashboard/invoices/headings.html", language).decode()).splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)
