"""What is done to an invoice: void, a new code, and its double payment made a period."""

from starlette.responses import Response

from payment_service.actions.open_charge import open_charge
from payment_service.actions.void_invoice_by_hand import void_invoice_by_hand
from payment_service.kit.errors import NotFound
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.invoices.bill import bill_head
from payment_service.web.dashboard.invoices.period_from_credit import period_from_credit

ALL = f"{PREFIX}/invoices"


async def void(ask: Ask) -> Response:
    invoice, app, _ = await _head(ask)
    by, now = ask.by(ask.text("reason")), app.at(ask.now)
    await ask.write(void_invoice_by_hand, ask.runtime.links, app.id, invoice.id, by=by, now=now)
    return ask.go(f"{ALL}/{invoice.id}", "invoice_voided", number=invoice.number)


async def new_code(ask: Ask) -> Response:
    """The one that can be paid still, or a fresh one; asked from the gateway."""
    invoice, app, _ = await _head(ask)
    await ask.claim()
    code = await open_charge(ask.runtime, app.id, invoice.id)
    return ask.go(f"{ALL}/{invoice.id}", "code_ready", amount=rupiah(code.charge.amount))


async def period(ask: Ask) -> Response:
    invoice, app, _ = await _head(ask)
    if invoice.subscription_id is None:
        raise NotFound("subscription_not_found", "This invoice belongs to no subscription.")
    by, now = ask.by(ask.text("reason")), app.at(ask.now)
    bought = await ask.write(
        period_from_credit, ask.runtime.links, app.id, invoice.subscription_id, by, now
    )
    return ask.go(f"{ALL}/{bought.id}", "period_bought", number=bought.number)


async def _head(ask: Ask) -> tuple[Invoice, App, Customer]:
    return await ask.read(_read, ask.params["id"])


def _read(tx: Transaction, invoice_id: str) -> tuple[Invoice, App, Customer]:
    return bill_head(tx, invoice_id)
