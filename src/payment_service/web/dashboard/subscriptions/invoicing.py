"""Invoices of a subscription, by hand: renew early, and one for something else."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from payment_service.actions.issue_one_off import issue_one_off
from payment_service.actions.renew_early import renew_early
from payment_service.books.draft_invoice import draft_renewal, terms_of
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.invoice import Invoice, Line
from payment_service.model.plan import LARGEST, SMALLEST
from payment_service.resources import InvoiceResource, Links
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.day_text import day_in
from payment_service.web.dashboard.rupiah_text import rupiah_in
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject

USUAL_DUE = timedelta(days=7)


async def show_invoice(ask: Ask) -> Response:
    return await show_deed(ask, "invoice", _renewal)


async def renew(ask: Ask) -> Response:
    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> Invoice:
        one = subject.subscription
        if subject.open_invoice is not None:
            raise Conflict(
                "subscription_changed",
                f"{subject.open_invoice.number} was issued meanwhile; look again, then decide.",
                id=one.id,
            )
        record(tx, by, one.app_id, "subscription.renew_early", one.id)
        return renew_early(tx, links, one.app_id, one.id, 1, subject.now)

    invoice = await do_deed(ask, deed)
    return ask.go(ask.path.rpartition("/")[0], "invoice_issued", number=invoice.number)


async def show_one_off(ask: Ask) -> Response:
    return await show_deed(ask, "one-off", _one_off)


async def issue_alone(ask: Ask) -> Response:
    amount, due_on = rupiah_in(ask.text("amount")), day_in(ask.text("due_on").strip())
    what = ask.text("description").strip()
    if not 1 <= len(what) <= 200:
        raise Invalid("line_description", "Say in 1 to 200 characters what it is for.")
    if due_on is None:
        raise Invalid("due_on", "Choose a date, as the calendar has it.")

    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> InvoiceResource:
        one = subject.subscription
        record(tx, by, one.app_id, "invoice.issue", one.id, amount=amount, due_on=due_on)
        return issue_one_off(
            tx, links, subject.app, subject.customer.reference,
            lines=(Line(what, amount),), due_on=due_on, metadata={}, now=subject.now,
        )  # fmt: skip

    invoice = await do_deed(ask, deed)
    return ask.go(ask.path.rpartition("/")[0], "invoice_issued", number=invoice.number)


def _renewal(_tx: Transaction, _ask: Ask, subject: Subject) -> Mapping[str, Any]:
    one, standing = subject.subscription, subject.standing
    terms = terms_of(one, standing.plan, standing.next_plan)
    return {"draft": draft_renewal(subject.app, one, terms, subject.now)}


def _one_off(_tx: Transaction, _ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"usual": subject.today + USUAL_DUE, "smallest": SMALLEST, "largest": LARGEST}
