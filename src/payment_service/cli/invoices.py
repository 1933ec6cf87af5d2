"""`payment-service invoice …`"""

from datetime import datetime
from typing import Annotated

import typer

from payment_service.actions.issue_one_off import issue_one_off
from payment_service.actions.mark_paid import mark_paid
from payment_service.actions.void_invoice_by_hand import void_invoice_by_hand
from payment_service.cli import work
from payment_service.cli.output import AsJson, show
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, app_by_id
from payment_service.model.customer import customer_of_app
from payment_service.model.invoice import INVOICE, INVOICE_BY_NUMBER, Invoice, Line
from payment_service.model.payment import Payment
from payment_service.resources import InvoiceResource, PaymentResource, payment_resource
from payment_service.runtime import Runtime

commands = typer.Typer(help="Invoices.", no_args_is_help=True, add_completion=False)


@commands.callback()
def invoices() -> None:
    """Invoices."""


@commands.command("create")
def create(
    app: Annotated[str, typer.Option(help="The app, app_….")],
    customer: Annotated[str, typer.Option(help="The app's own reference of the tenant.")],
    line: Annotated[list[str], typer.Option(help="What it is for=rupiah; several times.")],
    due_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A local date; else in 7 days.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Issue an invoice of its own: for something else than a period.

    Example: payment-service invoice create --app app_… --customer tenant-42
    --line "Pemasangan alat=250000" --line "Potongan=-50000"
    """
    lines = [_line(written) for written in line]

    def unit(tx: Transaction, runtime: Runtime) -> InvoiceResource:
        return issue_one_off(
            tx,
            runtime.links,
            app_by_id(tx, app),
            customer,
            lines=lines,
            due_on=due_on.date() if due_on else None,
            metadata={},
            now=work.now_for(tx, runtime, app),
        )

    issued = work.write(unit)
    show(
        {
            "id": issued.id,
            "number": issued.number,
            "total": issued.total,
            "due_on": issued.due_on.isoformat(),
            "pay_url": issued.pay_url,
        },
        as_json=as_json,
        document=issued,
    )


def _line(written: str) -> Line:
    description, _, amount = written.rpartition("=")
    digits = amount.removeprefix("-")
    if not (1 <= len(description) <= 200 and digits.isdecimal() and len(digits) <= 13):
        raise typer.BadParameter(f"--line is what it is for=rupiah, not {written[:60]!r}")
    return Line(description, int(amount))


@commands.command("mark-paid")
def mark(
    invoice: Annotated[str, typer.Argument(help="Its number or its id.")],
    reference: Annotated[
        str, typer.Option(help="What the bank or the cash book calls it; one payment each.")
    ],
    note: Annotated[str, typer.Option(help="How the money came, and who saw it.")],
    paid_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A local date since its issue; else today."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Book cash or a bank transfer that pays an invoice.

    Example: payment-service invoice mark-paid BB-2026-000123 --reference "BCA 2611-0042"
    --note "Transfer, seen by Rini"
    """

    def unit(tx: Transaction, runtime: Runtime) -> tuple[Payment, PaymentResource]:
        found = _invoice(tx, invoice)
        payment = mark_paid(
            tx,
            runtime.links,
            found.app_id,
            found.id,
            reference=reference,
            paid_on=paid_on.date() if paid_on else None,
            by=work.by(runtime, note),
            now=work.now_for(tx, runtime, found.app_id),
        )
        customer = customer_of_app(tx, found.app_id, payment.customer_id)
        return payment, payment_resource(payment, customer.reference, found.metadata)

    payment, told = work.write(unit)
    show(
        {
            "id": payment.id,
            "invoice_id": payment.invoice_id,
            "amount": payment.amount,
            "reference": payment.reference,
            "outcome": payment.outcome,
            "paid_on": payment.paid_on.isoformat(),
        },
        as_json=as_json,
        document=told,
    )


@commands.command("void")
def void(
    invoice: Annotated[str, typer.Argument(help="Its number or its id.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")],
    as_json: AsJson = False,
) -> None:
    """Void an open invoice. A pending subscription expires with its first one.

    Example: payment-service invoice void BB-2026-000123 --reason "Issued by mistake"
    """

    def unit(tx: Transaction, runtime: Runtime) -> InvoiceResource:
        found = _invoice(tx, invoice)
        by, now = work.by(runtime, reason), work.now_for(tx, runtime, found.app_id)
        return void_invoice_by_hand(tx, runtime.links, found.app_id, found.id, by=by, now=now)

    voided = work.write(unit)
    show(
        {
            "id": voided.id,
            "number": voided.number,
            "status": voided.status,
            "void_reason": voided.void_reason,
        },
        as_json=as_json,
        document=voided,
    )


def _invoice(tx: Transaction, named: str) -> Invoice:
    found = tx.one(INVOICE, id=named)
    by_number = [
        invoice
        for app in tx.all(APPS)
        if (invoice := tx.one(INVOICE_BY_NUMBER, app_id=app.id, number=named)) is not None
    ]
    if found is None and len(by_number) > 1:
        raise typer.BadParameter(f"several apps have an invoice {named}; give its id, inv_…")
    if found is None and not by_number:
        raise typer.BadParameter(f"there is no invoice {named}")
    return found or by_number[0]
