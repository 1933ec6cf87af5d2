"""Settle money: the one door through which a payment becomes a paid invoice and an open access.

The notice, the poll, the sweep and the simulator all end here, with what the gateway itself said.
"""

from datetime import datetime, timedelta

import msgspec

from payment_service.kit.calendar import local_date
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.alert import raise_alert
from payment_service.model.bill import Bill, bill_of_same_amount, lock_bill, pays_its_own
from payment_service.model.charge import Charge
from payment_service.model.charge import moved as charge_moved
from payment_service.model.credit import CreditEntry
from payment_service.model.event import EventType
from payment_service.model.invoice import (
    OPEN_INVOICE,
    pay,
    void,
)
from payment_service.model.payment import PAYMENT_OF_CHARGE, Outcome, Payment
from payment_service.model.plan import PLAN, Plan
from payment_service.model.subscription import (
    Bought,
    Subscription,
    buy,
    is_held,
)
from payment_service.outbox import News, announce
from payment_service.outside.gateway import CodeStatus
from payment_service.resources import (
    Links,
    invoice_resource,
    payment_resource,
    subscription_resource,
)


def settle(
    tx: Transaction, links: Links, charge_id: str, said: CodeStatus, now: datetime
) -> Payment:
    """Book a completed transaction, exactly once however often it is told; give its payment.

    `said` is the gateway's answer about this charge, never a notice.
    """
    bill = lock_bill(tx, charge_id)
    if bill.charge.status == "paid":
        return _booked(tx, bill.charge)
    if (doubt := _doubt(bill, said)) is not None:
        return _hold_for_review(tx, bill, said, doubt, now)
    if pays_its_own(tx, bill):
        return _settle(tx, links, bill, said, now)
    if bill.invoice.status == "void" and (other := bill_of_same_amount(tx, bill)) is not None:
        return _settle(tx, links, other, said, now)
    return _credit(tx, bill, said, now)


def _booked(tx: Transaction, charge: Charge) -> Payment:
    payment = tx.one(PAYMENT_OF_CHARGE, charge_id=charge.id)
    if payment is None:
        raise LookupError(f"the paid charge {charge.id} has no payment")
    return payment


def _doubt(bill: Bill, said: CodeStatus) -> str | None:
    """Why this money must be looked at by a person, or None."""
    if said.amount != bill.charge.amount:
        return "amount_differs"
    if bill.app.mode == "live" and said.is_sandbox is True:
        return "sandbox_money_in_live_app"
    if bill.app.mode == "test" and said.is_sandbox is False:
        return "live_money_in_test_app"
    return None


def _settle(tx: Transaction, links: Links, bill: Bill, said: CodeStatus, now: datetime) -> Payment:
    payment = _book(tx, bill, said, "settled", None, now)
    news: list[News] = []
    if bill.invoice.status == "void" and bill.subscription is not None:
        news += _void_the_other(tx, links, bill.subscription, now)
    invoice = pay(bill.invoice, paid_on=payment.paid_on, now=now)
    save(tx, bill.charge, _paid(bill.charge, said))
    if bill.subscription is None:
        invoice = save(tx, bill.invoice, invoice)
        news.append(News("invoice.paid", invoice.id, invoice_resource(invoice, links)))
    else:
        plan = _plan_bought(tx, bill, bill.subscription)
        bought = _buy(bill, bill.subscription, plan, payment, now)
        after = save(tx, bill.subscription, bought.subscription)
        if is_held(after):
            raise_alert(
                tx,
                app_id=bill.app.id,
                kind="paid_while_suspended",
                subject_id=after.id,
                message=f"{bill.invoice.number} was paid; an admin's suspension stays.",
                now=now,
            )
        period = msgspec.structs.replace(
            invoice,
            period_start=bought.counts_from + timedelta(days=1),
            period_end=after.paid_through,
        )
        invoice = save(tx, bill.invoice, period)
        news.append(News("invoice.paid", invoice.id, invoice_resource(invoice, links)))
        news.append(_subscription_news(tx, links, bill, bill.subscription, after, plan))
    announce(tx, bill.app.id, news, now)
    return payment


def _plan_bought(tx: Transaction, bill: Bill, subscription: Subscription) -> Plan:
    plan = tx.one(PLAN, id=bill.invoice.plan_id or subscription.plan_id)
    if plan is None:
        raise LookupError(f"invoice {bill.invoice.id} names no plan")
    return plan


def _buy(
    bill: Bill, subscription: Subscription, plan: Plan, payment: Payment, now: datetime
) -> Bought:
    """The subscription with the period that this payment bought, one `seq` on."""
    on_plan = msgspec.structs.replace(
        subscription,
        plan_id=plan.id,
        price=bill.invoice.total if bill.invoice.kind == "first" else subscription.price,
        months=bill.invoice.months or subscription.months,
        activated_at=subscription.activated_at or now,
        seq=subscription.seq + 1,
    )
    return buy(
        on_plan,
        periods=bill.charge.periods,
        paid_on=payment.paid_on,
        today=local_date(now, bill.app.zone),
        late_payment=plan.late_payment,
    )


def _void_the_other(
    tx: Transaction, links: Links, subscription: Subscription, now: datetime
) -> list[News]:
    """The replaced first invoice was paid, so the one that replaced it is not owed."""
    other = tx.one(OPEN_INVOICE, subscription_id=subscription.id)
    if other is None:
        return []
    voided = save(tx, other, void(other, "replaced", now))
    return [News("invoice.voided", voided.id, invoice_resource(voided, links))]


_NEWS_AFTER: dict[str, EventType] = {
    "pending": "subscription.activated",
    "trialing": "subscription.activated",
    "expired": "subscription.activated",
    "active": "subscription.renewed",
    "grace": "subscription.renewed",
    "suspended": "subscription.resumed",
    "canceled": "subscription.resumed",
}


def _subscription_news(
    tx: Transaction,
    links: Links,
    bill: Bill,
    before: Subscription,
    after: Subscription,
    plan: Plan,
) -> News:
    open_invoice = None
    if bill.invoice.kind not in ("first", "renewal"):  # one of these at most is open, and was this
        open_invoice = tx.one(OPEN_INVOICE, subscription_id=after.id)
    kind = "subscription.renewed" if after.status == "suspended" else _NEWS_AFTER[before.status]
    resource = subscription_resource(after, bill.customer, plan, open_invoice, links)
    return News(kind, after.id, resource)


def _credit(tx: Transaction, bill: Bill, said: CodeStatus, now: datetime) -> Payment:
    """The invoice needs no money any more: it is the customer's."""
    payment = _book(tx, bill, said, "credited", f"invoice_{bill.invoice.status}", now)
    entry = CreditEntry(
        id=new_id("crd", now),
        app_id=bill.app.id,
        customer_id=bill.customer.id,
        kind="credited",
        amount=payment.amount,
        payment_id=payment.id,
        invoice_id=None,
        reference=None,
        note=None,
        created_at=now,
    )
    add(tx, entry)
    save(tx, bill.charge, _paid(bill.charge, said))
    news = News("payment.credited", payment.id, payment_resource(payment))
    announce(tx, bill.app.id, [news], now)
    return payment


def _hold_for_review(
    tx: Transaction, bill: Bill, said: CodeStatus, doubt: str, now: datetime
) -> Payment:
    """Nothing is paid by this money until a person has looked at it."""
    payment = _book(tx, bill, said, "needs_review", doubt, now)
    save(tx, bill.charge, _paid(bill.charge, said))
    raise_alert(
        tx,
        app_id=bill.app.id,
        kind="payment_needs_review",
        subject_id=payment.id,
        message=f"A payment for invoice {bill.invoice.number} was not settled: {doubt}.",
        now=now,
    )
    news = News("payment.needs_review", payment.id, payment_resource(payment))
    announce(tx, bill.app.id, [news], now)
    return payment


def _book(
    tx: Transaction,
    bill: Bill,
    said: CodeStatus,
    outcome: Outcome,
    reason: str | None,
    now: datetime,
) -> Payment:
    """Write the payment's row. Its day is the gateway's, not before the charge nor after now."""
    paid_at = min(max(said.completed_at or now, bill.charge.created_at), now)
    payment = Payment(
        id=new_id("pay", now),
        app_id=bill.app.id,
        customer_id=bill.customer.id,
        invoice_id=bill.invoice.id,
        charge_id=bill.charge.id,
        gateway=bill.charge.gateway,
        reference=said.reference,
        amount=said.amount,
        fee=bill.charge.fee or 0,
        outcome=outcome,
        reason=reason,
        note=None,
        is_sandbox=said.is_sandbox is True,
        paid_at=paid_at,
        paid_on=local_date(paid_at, bill.app.zone),
        created_at=now,
    )
    add(tx, payment)
    return payment


def _paid(charge: Charge, said: CodeStatus) -> Charge:
    return charge_moved(
        charge,
        "paid",
        reference=said.reference,
        is_sandbox=said.is_sandbox,
        check_at=None,
        lease_until=None,
        failed_checks=0,
    )
