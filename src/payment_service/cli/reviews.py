"""`payment-service review …`"""

from datetime import datetime
from typing import Annotated

import typer

from payment_service.actions.decide_review import (
    credit_review,
    dismiss_review,
    refund_review,
    settle_review,
)
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.kit.statements import Transaction
from payment_service.model.payment import PAYMENT
from payment_service.model.review import ATTENTION, Review
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="What needs a person: payments in doubt, and open alerts.",
    no_args_is_help=True,
    add_completion=False,
)
UNSAID = "decided on the command line"
PaymentId = Annotated[str, typer.Argument(help="The payment's id, from `review list`.")]
Note = Annotated[str, typer.Option(help="What was decided, and why.")]


@commands.command("list")
def list_reviews(as_json: AsJson = False) -> None:
    """List everything that needs a person, oldest first. Example: payment-service review list

    A payment (pay_…) is decided with `review credit|settle|refunded|dismiss`, an alert (alr_…) is
    mended and then cleared with `alert clear`.
    """
    rows = [
        {
            "id": one.id,
            "app_id": one.app_id,
            "what": one.what,
            "amount": one.amount,
            "customer": one.customer,
            "invoice": one.invoice,
            "since": one.since.isoformat(timespec="seconds"),
            "message": one.message or None,
        }
        for one in work.read(lambda tx: tx.all(ATTENTION))
    ]
    show_list(rows, as_json=as_json, empty="Nothing needs you.")


@commands.command("credit")
def credit(
    payment: PaymentId,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Book the payment as the customer's credit, which pays what it covers.

    Example: payment-service review credit pay_…
    """

    def unit(tx: Transaction, runtime: Runtime) -> Review:
        by = work.by(runtime, note or UNSAID)
        return credit_review(tx, runtime.links, payment, by, _now(tx, runtime, payment))

    _show(work.write(unit), as_json=as_json)


@commands.command("settle")
def settle(
    payment: PaymentId,
    invoice: Annotated[
        str | None, typer.Option(help="The customer's invoice, inv_…; else the one it came for.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Pay an invoice with the payment; what it is over becomes credit.

    Example: payment-service review settle pay_… --note "The gateway rounded"
    """

    def unit(tx: Transaction, runtime: Runtime) -> Review:
        by, now = work.by(runtime, note or UNSAID), _now(tx, runtime, payment)
        return settle_review(tx, runtime.links, payment, invoice, by, now)

    _show(work.write(unit), as_json=as_json)


@commands.command("refunded")
def refunded(
    payment: PaymentId,
    reference: Annotated[str, typer.Option(help="What the bank calls the transfer back.")],
    note: Note,
    as_json: AsJson = False,
) -> None:
    """Book that the money was sent back to the payer.

    Example: payment-service review refunded pay_… --reference "BCA 2611-0044" --note "Wrong sum"
    """

    def unit(tx: Transaction, runtime: Runtime) -> Review:
        by, now = work.by(runtime, note), _now(tx, runtime, payment)
        return refund_review(tx, payment, reference, by, now)

    _show(work.write(unit), as_json=as_json)


@commands.command("dismiss")
def dismiss(payment: PaymentId, note: Note, as_json: AsJson = False) -> None:
    """Do nothing with the payment, and say why.

    Example: payment-service review dismiss pay_… --note "Sandbox payment of our own test"
    """

    def unit(tx: Transaction, runtime: Runtime) -> Review:
        return dismiss_review(tx, payment, work.by(runtime, note), _now(tx, runtime, payment))

    _show(work.write(unit), as_json=as_json)


def _now(tx: Transaction, runtime: Runtime, payment_id: str) -> datetime:
    """What the clock of the payment's app shows."""
    payment = tx.one(PAYMENT, id=payment_id)
    return work.now_for(tx, runtime, payment.app_id) if payment else runtime.clock.now()


def _show(review: Review, *, as_json: bool) -> None:
    show(
        {
            "payment_id": review.payment_id,
            "deed": review.deed,
            "invoice_id": review.invoice_id,
            "reference": review.reference,
            "note": review.note,
        },
        as_json=as_json,
    )
