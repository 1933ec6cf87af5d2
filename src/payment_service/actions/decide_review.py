"""Decide a review: what becomes of a payment that was held because something about it was wrong."""

from datetime import datetime

from payment_service.books.settle import settle_reviewed
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, add
from payment_service.model.alert import clear_alert_of
from payment_service.model.audit import By, record
from payment_service.model.customer import CUSTOMER_LOCKED, customer_of_app
from payment_service.model.invoice import invoice_of_app
from payment_service.model.payment import Payment
from payment_service.model.review import Deed, Review, payment_to_review
from payment_service.outbox import News, announce
from payment_service.resources import Links, RefundResource

NOT_MONEY = {
    "sandbox_money_in_live_app": "Sandbox money is no money: dismiss it.",
    "live_money_in_test_app": "A test app never touches real money: pay it back, or dismiss it.",
}


def credit_review(tx: Transaction, links: Links, payment_id: str, by: By, now: datetime) -> Review:
    """The money is the customer's credit, which pays what it covers."""
    payment = _locked(tx, payment_id, "credit", by)
    _check_usable(payment)
    review = _decided(tx, payment, "credited", by, now)
    settle_reviewed(tx, links, payment, None, now)
    return review


def settle_review(
    tx: Transaction,
    links: Links,
    payment_id: str,
    invoice_id: str | None,
    by: By,
    now: datetime,
) -> Review:
    """The money pays that invoice, None for the one it came for; what it is over becomes credit."""
    payment = _locked(tx, payment_id, "settle", by)
    _check_usable(payment)
    invoice_id = invoice_id or payment.invoice_id
    review = _decided(tx, payment, "settled", by, now, invoice_id=invoice_id)
    settle_reviewed(tx, links, payment, invoice_id, now)
    return review


def refund_review(
    tx: Transaction, payment_id: str, reference: str, by: By, now: datetime
) -> Review:
    """The money was sent back to the payer; `reference` is what the bank calls that transfer."""
    payment_to_review(tx, payment_id)
    reference = reference.strip()
    if not 1 <= len(reference) <= 200:
        raise Invalid("refund_reference", "A refund's reference has 1 to 200 characters.")
    payment = _locked(tx, payment_id, "refund", by, reference=reference)
    review = _decided(tx, payment, "refunded", by, now, reference=reference)
    refund = RefundResource(
        id=payment.id,
        customer_id=payment.customer_id,
        customer_reference=customer_of_app(tx, payment.app_id, payment.customer_id).reference,
        payment_id=payment.id,
        amount=payment.amount,
        reference=reference,
        note=by.reason.strip(),
        metadata=invoice_of_app(tx, payment.app_id, payment.invoice_id).metadata,
        created_at=now,
    )
    announce(tx, payment.app_id, [News("payment.refunded", payment.id, refund)], now)
    return review


def dismiss_review(tx: Transaction, payment_id: str, by: By, now: datetime) -> Review:
    """Nothing is done with it, and the reason says why."""
    return _decided(tx, _locked(tx, payment_id, "dismiss", by), "dismissed", by, now)


def _locked(tx: Transaction, payment_id: str, deed: str, by: By, **details: str) -> Payment:
    """Of two admins who decide at once, the second finds it decided."""
    payment = payment_to_review(tx, payment_id)
    if not 1 <= len(by.reason.strip()) <= 500:
        raise Invalid("review_note", "Say in 1 to 500 characters what was decided and why.")
    amount = payment.amount
    record(tx, by, payment.app_id, f"review.{deed}", payment_id, amount=amount, **details)
    tx.one(CUSTOMER_LOCKED, id=payment.customer_id)
    return payment_to_review(tx, payment_id)


def _check_usable(payment: Payment) -> None:
    why = NOT_MONEY.get(payment.reason or "")
    if why is not None:
        raise Conflict("not_usable_money", why)


def _decided(
    tx: Transaction,
    payment: Payment,
    deed: Deed,
    by: By,
    now: datetime,
    *,
    invoice_id: str | None = None,
    reference: str | None = None,
) -> Review:
    review = Review(
        payment_id=payment.id,
        app_id=payment.app_id,
        deed=deed,
        invoice_id=invoice_id,
        reference=reference,
        note=by.reason.strip(),
        decided_at=now,
    )
    add(tx, review)
    clear_alert_of(tx, "payment_needs_review", payment.id, now)
    return review
