"""Settle money: the one door through which money becomes a paid invoice, credit, or a question.

The notice, the poll, the sweep and the simulator end here with what the gateway itself said, an
admin's "mark as paid" with what was seen.
"""

from datetime import UTC, date, datetime, time

import msgspec

from payment_service.books.credit_customer import credit_customer, use_credit
from payment_service.books.pay_invoice import pay_invoice
from payment_service.kit.calendar import local_date, zone_info
from payment_service.kit.errors import Conflict, Invalid, NotFound
from payment_service.kit.ids import new_id
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.ahead import ALONE, Ahead
from payment_service.model.alert import raise_alert
from payment_service.model.app import App
from payment_service.model.bill import Bill, bill_to_pay, lock_bill, lock_bill_of_charge
from payment_service.model.charge import Charge, moved
from payment_service.model.invoice import Invoice, invoice_of_app
from payment_service.model.payment import (
    MANUAL,
    PAYMENT_BY_REFERENCE,
    PAYMENT_OF_CHARGE,
    Outcome,
    Payment,
)
from payment_service.model.subscription import is_told_to_end
from payment_service.outbox import News, announce
from payment_service.outside.gateway import CodeStatus
from payment_service.resources import Links, payment_resource

GAVE_CREDIT = ("payment.credited", "invoice.voided")
"""News after which the customer may have credit that covers an open invoice."""
WHY_IN_DOUBT = {
    "amount_differs": "the code asked for {asked}.",
    "sandbox_money_in_live_app": "it is sandbox money, which a live app does not take.",
    "live_money_in_test_app": "it is real money, which a test app does not take.",
}


class Money(msgspec.Struct, frozen=True):
    """What arrived, in rupiah without the payer's fee, and where it was seen.

    `paid_at` is a UTC instant, `ahead` what the payer was asked for beyond one period.
    """

    gateway: str
    reference: str
    amount: int
    paid_at: datetime
    ahead: Ahead = ALONE
    fee: int = 0
    is_sandbox: bool = False
    charge_id: str | None = None
    note: str | None = None


def settle(
    tx: Transaction, links: Links, charge_id: str, said: CodeStatus, now: datetime
) -> Payment:
    """Book a completed transaction, exactly once however often it is told; give its payment.

    `said` is the gateway's answer about this charge, never a notice.
    """
    bill, charge = lock_bill_of_charge(tx, charge_id)
    if charge.status == "paid":
        return _booked(tx, charge)
    paid = moved(
        charge,
        "paid",
        reference=said.reference,
        is_sandbox=said.is_sandbox,
        check_at=None,
        lease_until=None,
        failed_checks=0,
        cancel_at=None,
    )
    save(tx, charge, paid)
    money = Money(
        gateway=charge.gateway,
        reference=said.reference,
        amount=said.amount,
        # The gateway's day, but not before the code was made nor after now.
        paid_at=min(max(said.completed_at or now, charge.created_at), now),
        ahead=Ahead(charge.periods, charge.ahead),
        fee=charge.fee or 0,
        is_sandbox=said.is_sandbox is True,
        charge_id=charge.id,
    )
    doubt = _doubt(bill.app, charge, said)
    if doubt is not None:
        return _hold_for_review(tx, bill, money, charge.amount, doubt, now)
    return _place(tx, links, bill, money, now)


def settle_by_hand(
    tx: Transaction,
    links: Links,
    app_id: str,
    invoice_id: str,
    reference: str,
    note: str,
    paid_on: date | None,
    now: datetime,
) -> Payment:
    """Book money that an admin saw come by another way: cash, a bank transfer.

    It pays what the invoice asks for. `paid_on` is a local date, None for today. Raises NotFound;
    Conflict when the reference was used before, which names the first, or the invoice is paid.
    """
    first = tx.one(PAYMENT_BY_REFERENCE, app_id=app_id, gateway=MANUAL, reference=reference)
    if first is not None:
        number = invoice_of_app(tx, app_id, first.invoice_id).number
        raise Conflict(
            "reference_used",
            f"A payment with this reference is booked already, for {number}; "
            "give this one its own.",
            id=first.id,
            invoice_id=first.invoice_id,
            number=number,
        )
    invoice_of_app(tx, app_id, invoice_id)
    bill = lock_bill(tx, invoice_id)
    if bill.invoice.status == "paid":
        raise Conflict("invoice_paid", "This invoice is paid already.", id=invoice_id)
    money = Money(
        gateway=MANUAL,
        reference=reference,
        amount=bill.invoice.total - bill.invoice.credit_applied,
        paid_at=_day_of_hand(bill.app, bill.invoice, paid_on, now),
        note=note,
    )
    return _place(tx, links, bill, money, now)


def settle_reviewed(
    tx: Transaction, links: Links, payment: Payment, invoice_id: str | None, now: datetime
) -> None:
    """Put a payment that was held for review where a person says it belongs: on that invoice of
    the same customer, or, without one, to the customer's credit.

    Raises NotFound, and Conflict when the invoice is paid or the money does not cover it.
    """
    bill = lock_bill(tx, invoice_id or payment.invoice_id)
    if bill.customer.id != payment.customer_id:
        raise NotFound("invoice_not_found", "This customer has no invoice with this id.")
    if invoice_id is None:
        news = credit_customer(tx, links, bill, payment, payment.amount, now)
    else:
        target = bill_to_pay(tx, bill, payment.amount, ALONE)
        if target is None or target.invoice.id != invoice_id:
            raise Conflict(
                "invoice_not_covered",
                f"This payment of {rupiah(payment.amount)} cannot pay {bill.invoice.number}, "
                f"which is {bill.invoice.status}; book it as credit instead.",
                id=invoice_id,
            )
        news = _pay(tx, links, target, payment, ALONE, now)
    announce(tx, bill.app.id, news, now)


def _day_of_hand(app: App, invoice: Invoice, paid_on: date | None, now: datetime) -> datetime:
    today = local_date(now, app.zone)
    if paid_on is None or paid_on == today:
        return now
    if not invoice.issued_on <= paid_on <= today:
        raise Invalid(
            "paid_on", f"paid_on is a day from {invoice.issued_on}, its issue, to {today}, today."
        )
    noon = datetime.combine(paid_on, time(12), zone_info(app.zone)).astimezone(UTC)
    return max(noon, invoice.created_at)


def _booked(tx: Transaction, charge: Charge) -> Payment:
    payment = tx.one(PAYMENT_OF_CHARGE, charge_id=charge.id)
    if payment is None:
        raise LookupError(f"the paid charge {charge.id} has no payment")
    return payment


def _doubt(app: App, charge: Charge, said: CodeStatus) -> str | None:
    """Why this money must be looked at by a person, or None."""
    if said.amount != charge.amount:
        return "amount_differs"
    if app.mode == "live" and said.is_sandbox is True:
        return "sandbox_money_in_live_app"
    if app.mode == "test" and said.is_sandbox is False:
        return "live_money_in_test_app"
    return None


def _place(tx: Transaction, links: Links, bill: Bill, money: Money, now: datetime) -> Payment:
    """Put the money where it belongs: an invoice that it pays, else the customer's credit."""
    target = bill_to_pay(tx, bill, money.amount, money.ahead)
    if target is None:
        payment = _book(tx, bill, money, "credited", f"invoice_{bill.invoice.status}", now)
        _tell_of_a_cancellation(tx, bill, now)
        news = credit_customer(tx, links, bill, payment, payment.amount, now)
    else:
        payment = _book(tx, target, money, "settled", None, now)
        news = _pay(tx, links, target, payment, money.ahead, now)
    announce(tx, bill.app.id, news, now)
    return payment


def _tell_of_a_cancellation(tx: Transaction, bill: Bill, now: datetime) -> None:
    """Who pays after the subscription was told to end may want it back: a person should ask."""
    if bill.subscription is not None and is_told_to_end(bill.subscription):
        raise_alert(
            tx,
            app_id=bill.app.id,
            kind="paid_after_cancel",
            subject_id=bill.subscription.id,
            message=f"{bill.invoice.number} was paid although its subscription was canceled; "
            "the money is the customer's credit. Ask whether to undo that, or pay it back.",
            now=now,
        )


def _pay(
    tx: Transaction, links: Links, bill: Bill, payment: Payment, ahead: Ahead, now: datetime
) -> list[News]:
    news = pay_invoice(tx, links, bill, payment, ahead=ahead, now=now)
    if any(one.type in GAVE_CREDIT for one in news):
        news += use_credit(tx, links, bill, now)
    return news


def _hold_for_review(
    tx: Transaction, bill: Bill, money: Money, asked: int, doubt: str, now: datetime
) -> Payment:
    """Nothing is paid by this money until a person has looked at it."""
    payment = _book(tx, bill, money, "needs_review", doubt, now)
    raise_alert(
        tx,
        app_id=bill.app.id,
        kind="payment_needs_review",
        subject_id=payment.id,
        message=f"{rupiah(money.amount)} for {bill.invoice.number} settled nothing: "
        + WHY_IN_DOUBT[doubt].format(asked=rupiah(asked)),
        now=now,
    )
    resource = payment_resource(payment, bill.customer.reference, bill.invoice.metadata)
    announce(tx, bill.app.id, [News("payment.needs_review", payment.id, resource)], now)
    return payment


def _book(
    tx: Transaction,
    bill: Bill,
    money: Money,
    outcome: Outcome,
    reason: str | None,
    now: datetime,
) -> Payment:
    payment = Payment(
        id=new_id("pay", now),
        app_id=bill.app.id,
        customer_id=bill.customer.id,
        invoice_id=bill.invoice.id,
        charge_id=money.charge_id,
        gateway=money.gateway,
        reference=money.reference,
        amount=money.amount,
        fee=money.fee,
        outcome=outcome,
        reason=reason,
        note=money.note,
        is_sandbox=money.is_sandbox,
        paid_at=money.paid_at,
        paid_on=local_date(money.paid_at, bill.app.zone),
        created_at=now,
    )
    add(tx, payment)
    return payment
