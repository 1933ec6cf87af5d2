"""A list as a file to keep: what it will hold, a trace in the audit log, and one at a time."""

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.audit import By, record
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.invoices.days import month_in
from payment_service.web.visits import visit_of

EXPORT_SECONDS = 600.0
FILTERS = ("app", "mode", "status", "outcome", "plan", "kind", "customer", "credit", "due",
           "paid_through_from", "paid_through_to", "days", "issued_from", "issued_to", "paid_from",
           "paid_to", "archived", "endpoint", "type", "event", "q", "who", "what",
           "about")  # fmt: skip
LONGEST = 200


class Asked(NamedTuple):
    """A list by its name, and the filters in its address."""

    kind: str
    filters: dict[str, str]

    @property
    def address(self) -> str:
        return PREFIX if self.kind == "overview" else f"{PREFIX}/{self.kind}"


def asked_in(ask: Ask) -> Asked:
    kind = ask.path.removeprefix(f"{PREFIX}/").removesuffix(".csv")
    given = {name: ask.query.get(name, "")[:LONGEST] for name in FILTERS}
    return Asked(kind, {name: value for name, value in given.items() if value})


def show_download(ask: Ask, apps: Mapping[str, App]) -> Response:
    """What the file will hold, before it is made."""
    return ask.page("download.html", asked=asked_in(ask), apps=apps, month_in=month_in)


async def download(ask: Ask, lines: AsyncIterator[bytes]) -> Response:
    """Raises Conflict while another file of this process is on its way."""
    exporting: set[str] = ask.request.app.state.exporting
    if exporting:
        raise Conflict("export_running", "Another file is being made; try again when it is there.")
    asked, by = asked_in(ask), ask.by("on the export page")
    exporting.add(ask.visitor.request_id)
    try:
        await ask.runtime.db.write(_note, by, asked)
        return _File(ask, asked.kind, lines, exporting)
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


def _note(tx: Transaction, by: By, asked: Asked) -> None:
    record(tx, by, None, "list.export", by.actor, list=asked.kind, **asked.filters)
