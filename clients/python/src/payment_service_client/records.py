"""What the service answers, as frozen records. Fields that are not known here are passed over."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

import msgspec

SECRET = {"secret", "access_pass", "token"}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts are whole rupiah, instants in UTC, dates local to the app. Secrets do not show when
    it is printed."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        told = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [(name, "…" if name in SECRET and it is not None else it) for name, it in told]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={told!r}" for name, told in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"


T = TypeVar("T")


class Page(Record, Generic[T], frozen=True, kw_only=True):
    """Part of a list, newest first; `next_after` goes into `after` for the next part."""

    data: list[T]
    has_more: bool
    next_after: str | None


class Plan(Record, frozen=True, kw_only=True):
    id: str
    code: str
    name: str
    price: int
    months: int
    trial_days: int
    grace_days: int | None
    late_payment: str
    prices_ahead: dict[str, int]
    features: dict[str, Any]
    metadata: dict[str, Any]
    archived: bool
    created_at: datetime
    currency: str = "IDR"


class Customer(Record, frozen=True, kw_only=True):
    id: str
    reference: str
    name: str | None
    email: str | None
    phone: str | None
    metadata: dict[str, Any]
    forgotten: bool
    created_at: datetime


class CustomerOfSubscription(Record, frozen=True, kw_only=True):
    id: str
    reference: str
    name: str | None


class PlanOfSubscription(Record, frozen=True, kw_only=True):
    id: str
    code: str
    name: str
    features: dict[str, Any]


class PendingChange(Record, frozen=True, kw_only=True):
    plan: str
    price: int


class Line(Record, frozen=True, kw_only=True):
    description: str
    amount: int


class Invoice(Record, frozen=True, kw_only=True):
    """`amount_due` is what a code would ask for; send the payer to `pay_url`."""

    id: str
    number: str
    kind: str
    status: str
    customer_id: str
    customer_reference: str | None = None
    subscription_id: str | None
    lines: list[Line]
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
    currency: str = "IDR"


class Subscription(Record, frozen=True, kw_only=True):
    """`access` decides whether the tenant may come in. Ignore one whose `seq` is lower than what
    you have. `access_pass` is set in events alone."""

    id: str
    customer: CustomerOfSubscription
    plan: PlanOfSubscription
    status: str
    access: bool
    reason: str | None
    price: int
    months: int
    paid_through: date | None
    grace_until: date | None
    cancel_at_period_end: bool
    pending_change: PendingChange | None
    seq: int
    pay_url: str
    return_url: str | None = None
    open_invoice: Invoice | None
    metadata: dict[str, Any]
    created_at: datetime
    currency: str = "IDR"
    access_pass: str | None = None


class PlanChange(Record, frozen=True, kw_only=True):
    """An upgrade takes effect when `upgrade_invoice` is paid."""

    subscription: Subscription
    upgrade_invoice: Invoice | None


class Qris(Record, frozen=True, kw_only=True):
    """Show `total`, which the payer is debited. Without a code where credit has paid it."""

    invoice_id: str
    charge_id: str | None
    qr_string: str | None
    amount: int
    fee: int
    total: int
    expires_at: datetime | None
    qr_svg_url: str | None
    qr_png_url: str | None
    pay_url: str
    currency: str = "IDR"


class Charge(Record, frozen=True, kw_only=True):
    """One QRIS code that was asked for. `qr_string` is there only while it can be paid."""

    id: str
    invoice_id: str
    customer_id: str
    customer_reference: str | None = None
    gateway: str
    order_id: str
    status: str
    amount: int
    fee: int
    total: int
    periods: int
    qr_string: str | None
    expires_at: datetime | None
    completed_at: datetime | None
    payment_id: str | None
    metadata: dict[str, Any]
    created_at: datetime
    currency: str = "IDR"


class Payment(Record, frozen=True, kw_only=True):
    id: str
    customer_id: str
    customer_reference: str | None = None
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
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    created_at: datetime
    currency: str = "IDR"


class Refund(Record, frozen=True, kw_only=True):
    id: str
    customer_id: str
    customer_reference: str | None = None
    payment_id: str | None
    amount: int
    reference: str
    note: str
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    created_at: datetime
    currency: str = "IDR"


class CreditEntry(Record, frozen=True, kw_only=True):
    id: str
    kind: str
    amount: int
    payment_id: str | None
    invoice_id: str | None
    reference: str | None
    note: str | None
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    created_at: datetime


class Credit(Record, frozen=True, kw_only=True):
    """`balance` is what is owed to the customer."""

    customer_id: str
    balance: int
    entries: list[CreditEntry]
    has_more: bool
    next_after: str | None
    currency: str = "IDR"

    @property
    def data(self) -> list[CreditEntry]:
        """As every other list calls what it holds."""
        return self.entries


class ReminderText(Record, frozen=True, kw_only=True):
    """The same message in Indonesian and in English, to be sent on as it is."""

    id: str
    en: str


class Reminder(Record, frozen=True, kw_only=True):
    """`days_from_due` is below zero before the due date."""

    invoice: Invoice
    customer_reference: str
    days_from_due: int
    text: ReminderText


class AccessPassText(Record, frozen=True, kw_only=True):
    """A signed pass as it is handed on; `PassVerifier` reads it."""

    token: str = msgspec.field(name="pass")
    expires_at: datetime
