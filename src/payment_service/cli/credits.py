"""`payment-service credit …`"""

from typing import Annotated

import typer

from payment_service.actions.refund_credit import refund_credit
from payment_service.cli import work
from payment_service.cli.customers import CustomerName, OfApp, customer_named
from payment_service.cli.output import AsJson, show, show_list
from payment_service.kit.statements import Transaction
from payment_service.model.credit import ENTRIES_OF_CUSTOMER, balance
from payment_service.resources import CreditResource, RefundResource, credit_resource
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="What is owed to customers.", no_args_is_help=True, add_completion=False
)
MOST_SHOWN = 100


@commands.command("show")
def show_credit(customer: CustomerName, app: OfApp = None, as_json: AsJson = False) -> None:
    """Show a customer's credit and its latest 100 entries.

    Example: payment-service credit show tenant-42 --app app_…
    """

    def query(tx: Transaction) -> CreditResource:
        found = customer_named(tx, customer, app)
        entries = tx.all(
            ENTRIES_OF_CUSTOMER, customer_id=found.id, before="~", limit=MOST_SHOWN + 1
        )
        return credit_resource(found.id, balance(tx, found.id), entries, MOST_SHOWN)

    credit = work.read(query)
    rows = [
        {
            "id": entry.id,
            "at": entry.created_at.isoformat(timespec="seconds"),
            "kind": entry.kind,
            "amount": entry.amount,
            "from_or_for": entry.payment_id or entry.invoice_id or entry.reference,
            "note": entry.note,
        }
        for entry in credit.entries
    ]
    head = {"customer_id": credit.customer_id, "balance": credit.balance}
    if as_json:
        show(head, as_json=True, document=credit)
        return
    show(head, as_json=False)
    show_list(rows, as_json=False, empty="No entry yet.")


@commands.command("refund")
def refund(
    customer: CustomerName,
    amount: Annotated[int, typer.Option(help="Whole rupiah.")],
    reference: Annotated[str, typer.Option(help="What the bank calls the transfer.")],
    note: Annotated[str, typer.Option(help="Whom it went to, and why.")],
    app: OfApp = None,
    as_json: AsJson = False,
) -> None:
    """Book that a customer was paid back; the money itself is sent by a person.

    Example: payment-service credit refund tenant-42 --app app_… --amount 99000
    --reference "BCA 2611-0043" --note "Paid twice, back to the owner"
    """

    def unit(tx: Transaction, runtime: Runtime) -> RefundResource:
        found = customer_named(tx, customer, app)
        return refund_credit(
            tx,
            found.app_id,
            found.id,
            amount=amount,
            reference=reference,
            by=work.by(runtime, note),
            now=work.now_for(tx, runtime, found.app_id),
        )

    done = work.write(unit)
    show(
        {
            "id": done.id,
            "customer_id": done.customer_id,
            "amount": done.amount,
            "reference": done.reference,
        },
        as_json=as_json,
        document=done,
    )
