"""`/pay/{token}/history`: what was paid on a subscription, for whoever has its permanent link."""

from datetime import date, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.invoice import Invoice
from payment_service.model.invoice_list import PAID_INVOICES
from payment_service.runtime import now_of
from payment_service.web.access import runtime_of
from payment_service.web.pages.pay_request import missing, subject_of, wishes_of
from payment_service.web.pages.render import page, page_headers
from payment_service.web.pages.show_pay import show

ROWS = 24
NEWEST = "~"
"""Above every id."""


class PaidRow(msgspec.Struct, frozen=True):
    """One paid invoice, in rupiah; `url` is its own page."""

    number: str
    what: str
    start: date | None
    end: date | None
    amount: int
    paid_at: datetime | None
    url: str


async def show_history(request: Request) -> Response:
    """An invoice's own link shows that invoice, never what else its customer paid."""
    runtime, wishes = runtime_of(request), wishes_of(request)
    try:
        subject = await subject_of(request)
    except NotFound:
        return missing(request)
    if subject.subscription is None or not subject.is_permanent:
        return missing(request)
    before = request.query_params.get("before", NEWEST)[:100]
    found = await runtime.db.read(_paid, subject.subscription.id, before)
    view = show(subject, runtime.links, wishes, now_of(runtime, subject.app))
    lang = f"lang={wishes.language}"
    body = page(
        "pay_history.html",
        view.language,
        view=view,
        rows=[_row(invoice, lang if wishes.chosen else "") for invoice in found[:ROWS]],
        older_url=f"?{lang}&before={found[ROWS - 1].id}" if len(found) > ROWS else None,
        other_language_url=f"?lang={'en' if view.language == 'id' else 'id'}",
    )
    return Response(body, headers=page_headers(view.language))


def _paid(tx: Transaction, subscription_id: str, before: str) -> list[Invoice]:
    """One more than is shown, to know whether there are older ones."""
    values = {"subscription_id": subscription_id, "before": before, "limit": ROWS + 1}
    return tx.all(PAID_INVOICES, **values)


def _row(invoice: Invoice, query: str) -> PaidRow:
    return PaidRow(
        number=invoice.number,
        what=invoice.lines[0].description,
        start=invoice.period_start,
        end=invoice.period_end,
        amount=invoice.total,
        paid_at=invoice.paid_at,
        url=f"/pay/{invoice.pay_token}" + (f"?{query}" if query else ""),
    )
