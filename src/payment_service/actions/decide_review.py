"""Decide a review: what becomes of a payment that was held because something about it was wrong."""

from datetime import datetime

from payment_service.books.settle import settle_reviewed
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, add
from payment_service.model.alert import clear_alert_of
from payment_service.model.customer import CUSTOMER_LOCKED
from payment_service.model.invoice import invoice_of_app
from payment_service.model.payment import Payment
from payment_service.model.review import Deed, Review, payment_to_review
from payment_service.outbox import News, announce
from payment_service.resources import Links, RefundResource

NOT_MONEY = {
    "sandbox_money_in_live_app": "Sandbox money is no money: dismiss it.",
    "live_money_in_test_app": "A test app never touches real money: pay it back, or dismiss it.",
}


def credit_review(
    tx: Transaction, links: Links, payment_id: str, note: str | None, now: datetime
) -> Review:
    """The money is the customer's credit, which pays what it covers."""
    payment = _locked(tx, payment_id)
    _check_usable(payment)
    review = _decided(tx, payment, "credited", now, note=note)
    settle_reviewed(tx, links, payment, None, now)
    return review


def settle_review(
    tx: Transaction,
    links: Links,
    payment_id: str,
    invoice_id: str | None,
    note: str | None,
    now: datetime,
) -> Review:
    """The money pays that invoice, None for the one it came for; what it is over becomes credit."""
    payment = _locked(tx, payment_id)
    _check_usable(payment)
    invoice_id = invoice_id or payment.invoice_id
    review = _decided(tx, payment, "settled", now, invoice_id=invoice_id, note=note)
    settle_reviewed(tx, links, payment, invoice_id, now)
    return review


def refund_review(
    tx: Transaction, payment_id: str, reference: str, note: str, now: datetime
) -> Review:
    """The money was sent back to the payer; `reference` is what the bank calls that transfer."""
    payment = _locked(tx, payment_id)
    reference, note = reference.strip(), _checked(note)
    if not 1 <= len(reference) <= 200:
        raise Invalid("refund_reference", "A refund's reference has 1 to 200 characters.")
    review = _decided(tx, payment, "refunded", now, reference=reference, note=note)
    refund = RefundResource(
        id=payment.id,
        customer_id=payment.customer_id,
        payment_id=payment.id,
        amount=payment.amount,
        reference=reference,
        note=note,
        metadata=invoice_of_app(tx, payment.app_id, payment.invoice_id).metadata,
        created_at=now,
    )
    announce(tx, payment.app_id, [News("payment.refunded", payment.id, refund)], now)
    return review


def dismiss_review(tx: Transaction, payment_id: str, note: str, now: datetime) -> Review:
    """Nothing is done with it, and the note says why."""
    return _decided(tx, _locked(tx, payment_id), "dismissed", now, note=_checked(note))


def _locked(tx: Transaction, payment_id: str) -> Payment:
    """Of two admins who decide at once, the second finds it decided."""
    payment = payment_to_review(tx, payment_id)
    tx.one(CUSTOMER_LOCKED, id=payment.customer_id)
    return payment_to_review(tx, payment_id)


def _check_usable(payment: Payment) -> None:
    why = NOT_MONEY.get(payment.reason or "")
    if why is not None:
        raise Conflict("not_usable_money", why)


def _checked(note: str) -> str:
    note = note.strip()
    if not 1 <= len(note) <= 500:
        raise Invalid("review_note", "Say in 1 to 500 characters what was decided and why.")
    return note


def _decided(
    tx: Transaction,
    payment: Payment,
    deed: Deed,
    now: datetime,
    *,
    invoice_id: str | None = None,
    reference: str | None = None,
    note: str | None = None,
) -> Review:
    review = Review(
        payment_id=payment.id,
        app_id=payment.app_id,
        deed=deed,
        invoice_id=invoice_id,
        reference=reference,
        note=note,
        decided_at=now,
    )
    add(tx, review)
    clear_alert_of(tx, "payment_needs_review", payment.id, now)
    return review
