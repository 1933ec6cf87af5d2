"""`payment-service invoice …`"""

from datetime import datetime
from typing import Annotated

import typer

from payment_service.actions.mark_paid import mark_paid
from payment_service.cli import work
from payment_service.cli.output import AsJson, show
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS
from payment_service.model.invoice import INVOICE, INVOICE_BY_NUMBER, Invoice
from payment_service.model.payment import Payment
from payment_service.runtime import Runtime

commands = typer.Typer(help="Invoices.", no_args_is_help=True, add_completion=False)


@commands.callback()
def invoices() -> None:
    """Invoices."""


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

    def unit(tx: Transaction, runtime: Runtime) -> Payment:
        found = _invoice(tx, invoice)
        return mark_paid(
            tx,
            runtime.links,
            found.app_id,
            found.id,
            reference=reference,
            note=note,
            paid_on=paid_on.date() if paid_on else None,
            now=runtime.clock.now(),
        )

    payment = work.write(unit)
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
