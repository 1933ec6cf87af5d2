"""What became of each code of an invoice, and of the money that came on it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from payment_service.model.invoice import Invoice
from payment_service.model.payment import Payment
from payment_service.model.payment_list import Asked

Fate = Literal[
    "paid", "paid_late", "paid_old", "second", "came_void", "other_invoice", "in_doubt",
    "waiting", "opening", "never_paid", "replaced", "closed", "failed",
]  # fmt: skip
UNPAID: dict[str, Fate] = {
    "open": "waiting",
    "opening": "opening",
    "expired": "never_paid",
    "replaced": "replaced",
    "canceled": "closed",
    "failed": "failed",
}


class Code(NamedTuple):
    """A code by its number in the order in which they were made, and its fate."""

    number: int
    asked: Asked
    fate: Fate


def codes_of(invoice: Invoice, asked: Sequence[Asked], total: int) -> list[Code]:
    """`asked` newest first, of `total` in all."""
    return [
        Code(total - at, one, _fate(invoice, one, is_latest=at == 0))
        for at, one in enumerate(asked)
    ]


def _fate(invoice: Invoice, asked: Asked, *, is_latest: bool) -> Fate:
    charge, payment = asked.charge, asked.payment
    if payment is None:
        return UNPAID.get(charge.status, "closed")
    if payment.outcome == "needs_review":
        return "in_doubt"
    if payment.outcome == "credited":
        return "second" if payment.reason == "invoice_paid" else "came_void"
    if payment.invoice_id != invoice.id:
        return "other_invoice"
    if charge.expires_at is not None and payment.paid_at > charge.expires_at:
        return "paid_late"
    return "paid" if is_latest else "paid_old"


def doubled(payments: Sequence[Payment]) -> list[Payment]:
    """Money that came when the invoice was paid already, and is credit now."""
    return [one for one in payments if one.outcome == "credited" and one.reason == "invoice_paid"]
