"""How each thing looks from outside: the same shape in the API and in webhooks."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from payment_service.model.charge import Charge
from payment_service.model.credit import CreditEntry
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice, Line
from payment_service.model.payment import Payment
from payment_service.model.plan import Plan
from payment_service.model.subscription import Subscription


class Links(msgspec.Struct, frozen=True):
    """Where the service is reached: the origin of every link it hands out."""

    base_url: str

    def pay(self, token: str) -> str:
        return f"{self.base_url}/pay/{token}"


class PlanResource(msgspec.Struct, frozen=True):
    id: str
    code: str
    name: str
    price: int
    months: int
    trial_days: int
    grace_days: int | None
    features: dict[str, Any]
    metadata: dict[str, Any]
    archived: bool
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class CustomerResource(msgspec.Struct, frozen=True):
    id: str
    reference: str
    name: str | None


class PlanOfSubscription(msgspec.Struct, frozen=True):
    id: str
    code: str
    name: str
    features: dict[str, Any]


class InvoiceResource(msgspec.Struct, frozen=True):
    """Amounts in rupiah; `amount_due` is what a code would ask for."""

    id: str
    number: str
    kind: str
    status: str
    customer_id: str
    subscription_id: str | None
    lines: tuple[Line, ...]
    total: int
    credit_applied: int
    amount_due: int
    period_start: date | None
    period_end: date | None
    issued_on: date
    due_on: date
    paid_at: datetime | None
    voided_at: datetime | None
    void_reason: str | None
    pay_url: str
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class SubscriptionResource(msgspec.Struct, frozen=True):
    """`paid_through` and `grace_until` are local dates, inclusive; a lower `seq` is old news."""

    id: str
    customer: CustomerResource
    plan: PlanOfSubscription
    status: str
    access: bool
    reason: str | None
    price: int
    months: int
    paid_through: date | None
    grace_until: date | None
    cancel_at_period_end: bool
    seq: int
    pay_url: str
    open_invoice: InvoiceResource | None
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class QrisResource(msgspec.Struct, frozen=True):
    """`amount` is what the invoice asks for, `total` what the payer is debited, in rupiah."""

    invoice_id: str
    charge_id: str
    qr_string: str
    amount: int
    fee: int
    total: int
    expires_at: datetime
    qr_svg_url: str
    qr_png_url: str
    pay_url: str
    currency: Literal["IDR"] = "IDR"


class PaymentResource(msgspec.Struct, frozen=True):
    """`amount` is without the payer's fee; `credited` is how much of it became credit."""

    id: str
    customer_id: str
    invoice_id: str
    charge_id: str | None
    gateway: str
    reference: str
    amount: int
    credited: int
    fee: int
    outcome: str
    reason: str | None
    paid_at: datetime
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class CreditEntryResource(msgspec.Struct, frozen=True):
    """`amount` above zero is owed to the customer, below zero it was used or paid out."""

    id: str
    kind: str
    amount: int
    payment_id: str | None
    invoice_id: str | None
    reference: str | None
    note: str | None
    created_at: datetime


class CreditResource(msgspec.Struct, frozen=True):
    """What is owed to a customer, and how it came about, newest first."""

    customer_id: str
    balance: int
    entries: list[CreditEntryResource]
    has_more: bool
    next_after: str | None
    currency: Literal["IDR"] = "IDR"


class RefundResource(msgspec.Struct, frozen=True):
    """Money that was paid back: of a customer's credit, or of a payment that was reviewed."""

    id: str
    customer_id: str
    payment_id: str | None
    amount: int
    reference: str
    note: str
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


def plan_resource(plan: Plan) -> PlanResource:
    return PlanResource(
        id=plan.id,
        code=plan.code,
        name=plan.name,
        price=plan.price,
        months=plan.months,
        trial_days=plan.trial_days,
        grace_days=plan.grace_days,
        features=plan.features,
        metadata=plan.metadata,
        archived=plan.archived_at is not None,
        created_at=plan.created_at,
    )


def invoice_resource(invoice: Invoice, links: Links) -> InvoiceResource:
    return InvoiceResource(
        id=invoice.id,
        number=invoice.number,
        kind=invoice.kind,
        status=invoice.status,
        customer_id=invoice.customer_id,
        subscription_id=invoice.subscription_id,
        lines=invoice.lines,
        total=invoice.total,
        credit_applied=invoice.credit_applied,
        amount_due=invoice.amount_due,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        paid_at=invoice.paid_at,
        voided_at=invoice.voided_at,
        void_reason=invoice.void_reason,
        pay_url=links.pay(invoice.pay_token),
        metadata=invoice.metadata,
        created_at=invoice.created_at,
    )


def subscription_resource(
    subscription: Subscription,
    customer: Customer,
    plan: Plan,
    open_invoice: Invoice | None,
    links: Links,
) -> SubscriptionResource:
    return SubscriptionResource(
        id=subscription.id,
        customer=CustomerResource(customer.id, customer.reference, customer.name),
        plan=PlanOfSubscription(plan.id, plan.code, plan.name, plan.features),
        status=subscription.status,
        access=subscription.access,
        reason=subscription.reason,
        price=subscription.price,
        months=subscription.months,
        paid_through=subscription.paid_through,
        grace_until=subscription.grace_until,
        cancel_at_period_end=subscription.cancel_at_period_end,
        seq=subscription.seq,
        pay_url=links.pay(subscription.pay_token),
        open_invoice=invoice_resource(open_invoice, links) if open_invoice else None,
        metadata=subscription.metadata,
        created_at=subscription.created_at,
    )


def qris_resource(
    charge: Charge, invoice: Invoice, links: Links, *, qr_string: str, expires_at: datetime
) -> QrisResource:
    pay_url = links.pay(invoice.pay_token)
    return QrisResource(
        invoice_id=invoice.id,
        charge_id=charge.id,
        qr_string=qr_string,
        amount=charge.amount,
        fee=charge.fee or 0,
        total=charge.total_payment or charge.amount,
        expires_at=expires_at,
        qr_svg_url=f"{pay_url}/qr.svg",
        qr_png_url=f"{pay_url}/qr.png",
        pay_url=pay_url,
    )


def payment_resource(payment: Payment, *, credited: int = 0) -> PaymentResource:
    return PaymentResource(
        id=payment.id,
        customer_id=payment.customer_id,
        invoice_id=payment.invoice_id,
        charge_id=payment.charge_id,
        gateway=payment.gateway,
        reference=payment.reference,
        amount=payment.amount,
        credited=credited,
        fee=payment.fee,
        outcome=payment.outcome,
        reason=payment.reason,
        paid_at=payment.paid_at,
        created_at=payment.created_at,
    )


def credit_entry_resource(entry: CreditEntry) -> CreditEntryResource:
    return CreditEntryResource(
        id=entry.id,
        kind=entry.kind,
        amount=entry.amount,
        payment_id=entry.payment_id,
        invoice_id=entry.invoice_id,
        reference=entry.reference,
        note=entry.note,
        created_at=entry.created_at,
    )
