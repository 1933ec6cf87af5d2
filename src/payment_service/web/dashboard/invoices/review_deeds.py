"""What becomes of a payment that was held for review; each is decided once."""

from datetime import datetime

from starlette.responses import Response

from payment_service.actions.decide_review import (
    credit_review,
    dismiss_review,
    refund_review,
    settle_review,
)
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.resources import Links
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.invoices.one_payment import OnePayment, read_payment
from payment_service.web.dashboard.invoices.period_from_credit import period_from_credit

ALL = f"{PREFIX}/payments"


async def settle(ask: Ask) -> Response:
    by, one = _by(ask, "settle"), await _one(ask)
    invoice_id = ask.text("invoice") or None
    links = ask.runtime.links
    await ask.write(settle_review, links, one.payment.id, invoice_id, by, one.now)
    return ask.go(f"{ALL}/{one.payment.id}", "review_settled")


async def credit(ask: Ask) -> Response:
    by, one = _by(ask, "credit"), await _one(ask)
    await ask.write(credit_review, ask.runtime.links, one.payment.id, by, one.now)
    return ask.go(f"{ALL}/{one.payment.id}", "review_credited")


async def period(ask: Ask) -> Response:
    by, one = _by(ask, "period"), await _one(ask)
    await ask.write(_credit_and_buy, ask.runtime.links, one, by, one.now)
    return ask.go(f"{ALL}/{one.payment.id}", "review_period")


async def refund(ask: Ask) -> Response:
    by, one = _by(ask, "refund"), await _one(ask)
    await ask.write(refund_review, one.payment.id, ask.text("reference"), by, one.now)
    return ask.go(f"{ALL}/{one.payment.id}", "review_refunded")


async def dismiss(ask: Ask) -> Response:
    by, one = _by(ask, "dismiss"), await _one(ask)
    await ask.write(dismiss_review, one.payment.id, by, one.now)
    return ask.go(f"{ALL}/{one.payment.id}", "review_dismissed")


def _credit_and_buy(tx: Transaction, links: Links, one: OnePayment, by: By, now: datetime) -> None:
    """Both or neither: where the credit went to an open invoice, no period is bought with it."""
    credit_review(tx, links, one.payment.id, by, now)
    if one.subscription is None:
        raise Conflict("nothing_to_pay_ahead", "There is no subscription; book it as credit.")
    period_from_credit(tx, links, one.app.id, one.subscription.id, by, now)


def _by(ask: Ask, deed: str) -> By:
    """Each form of the page has a field of its own for the reason."""
    return ask.by(ask.text(f"{deed}_note"))


async def _one(ask: Ask) -> OnePayment:
    return await ask.read(read_payment, ask)


DEEDS = {
    "settle": settle,
    "credit": credit,
    "period": period,
    "refund": refund,
    "dismiss": dismiss,
}
