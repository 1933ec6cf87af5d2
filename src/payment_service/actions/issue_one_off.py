"""Issue an invoice of its own: for something else than a period; it moves no subscription."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from payment_service.books.draft_invoice import draft_one_off
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.know_customer import know_customer
from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Invalid
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.invoice import Line
from payment_service.model.plan import LARGEST, SMALLEST, check_metadata
from payment_service.outbox import announce
from payment_service.resources import InvoiceResource, Links, invoice_resource

DUE_AFTER = timedelta(days=7)
FARTHEST = timedelta(days=366)
MOST_LINES = 50
LINES_BYTES = 8192
"""The message that tells of the invoice stays under 20 kB, with metadata and a reminder's texts."""


def issue_one_off(
    tx: Transaction,
    links: Links,
    app: App,
    reference: str,
    *,
    lines: Sequence[Line],
    due_on: date | None,
    metadata: dict[str, Any],
    now: datetime,
    customer_told: Mapping[str, Any] | None = None,
) -> InvoiceResource:
    """For a customer, who is made when there is none; `customer_told` is what the app says of it,
    as when subscribing. Its credit is not used: that is for subscriptions. Raises Invalid, also for
    a sum that no code can ask for."""
    check_metadata("metadata", metadata)
    if not 1 <= len(reference.strip()) <= 200 or reference != reference.strip():
        raise Invalid("customer_reference", "A customer's reference has 1 to 200 characters.")
    _check_lines(lines)
    today = local_date(now, app.zone)
    due = due_on or today + DUE_AFTER
    if not today <= due <= today + FARTHEST:
        raise Invalid("due_on", f"due_on is a day from today, {today}, to {today + FARTHEST}.")
    customer = know_customer(tx, app.id, reference, customer_told or {}, now)
    draft = draft_one_off(app, customer.id, lines, due, metadata, now)
    issued = issue_invoice(tx, links, app, customer, None, draft, now)
    announce(tx, app.id, issued.news, now)
    return invoice_resource(issued.invoice, customer.reference, links)


def _check_lines(lines: Sequence[Line]) -> None:
    if not 1 <= len(lines) <= MOST_LINES:
        raise Invalid("invoice_lines", f"An invoice has 1 to {MOST_LINES} lines.")
    if any(not line.description.strip() for line in lines):
        raise Invalid("line_description", "Say in each line what it is for.")
    if len(msgspec.json.encode(lines)) > LINES_BYTES:
        raise Invalid(
            "lines_too_large", f"The lines take at most {LINES_BYTES} bytes of JSON; shorten them."
        )
    total = sum(line.amount for line in lines)
    if not SMALLEST <= total <= LARGEST:
        raise Invalid(
            "total_outside_limits",
            f"The lines make {rupiah(total)}; QRIS takes {rupiah(SMALLEST)} to {rupiah(LARGEST)} "
            "at once.",
            smallest=SMALLEST,
            largest=LARGEST,
        )
