"""The next invoice of a subscription, issued early by hand."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from payment_service.actions.renew_early import renew_early
from payment_service.books.draft_invoice import draft_renewal, terms_of
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.invoice import Invoice
from payment_service.resources import Links
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject


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


def _renewal(_tx: Transaction, _ask: Ask, subject: Subject) -> Mapping[str, Any]:
    one, standing = subject.subscription, subject.standing
    terms = terms_of(one, standing.plan, standing.next_plan)
    return {"draft": draft_renewal(subject.app, one, terms, subject.now)}
