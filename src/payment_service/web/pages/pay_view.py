"""What the payer's page knows: everything it shows, worked out before, nothing looked up by it.

The page listens at `status_url`. Asked for `text/event-stream` it says at once, and at every
change, `event: state` with `{"state": …, "version": …}` as data, at last `missing` when the link
was rolled; asked for JSON it answers the same object. A version that differs from the one last
heard makes the page fetch itself again.
POSTs to `code_url` and `check_url` answer with a redirect (303) to the page, or with the page.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from payment_service.kit.calendar import Zone, local_date
from payment_service.kit.money import Language

PayState = Literal[
    "waiting", "checking", "in_review", "paid", "expired", "no_code", "gateway_silent", "void",
    "nothing_due",
]  # fmt: skip
Standing = Literal["paid_up", "trial", "free", "ending", "held", "ended"]
"""How the subscription stands when nothing is due."""
Method = Literal["qris", "by_hand", "credit"]
"""How an invoice was paid; `by_hand` is money that the seller saw come."""
InvoiceKind = Literal["first", "renewal", "upgrade", "one_off"]
REFRESH: dict[PayState, int] = {
    "checking": 4, "waiting": 15, "expired": 60, "gateway_silent": 30, "in_review": 60,
}  # fmt: skip


class PayAhead(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of paying ahead. Amounts in rupiah, `paid_through` the local date it buys."""

    periods: int
    """What the form sends to `code_url`, as `periods`."""
    months: int
    amount: int
    saving: int
    """Against paying each period by itself; 0 when there is none."""
    paid_through: date


class PayLine(msgspec.Struct, frozen=True):
    """One line of an invoice, in rupiah."""

    description: str
    amount: int


class PayView(msgspec.Struct, frozen=True, kw_only=True):
    """One pay page at one moment. Amounts in rupiah, instants in UTC, dates local to `zone`."""

    state: PayState
    standing: Standing = "paid_up"
    version: str
    """Differs whenever the page would look different for another reason than time passing."""
    language: Language
    now: datetime
    zone: Zone
    test_mode: bool = False

    app_name: str
    app_monogram: str
    app_color: str
    """`#rrggbb`; anything else is shown as the house colour."""
    app_logo: str | None = None
    customer_name: str | None = None
    plan_name: str
    """The plan, or the first line of an invoice that has none."""
    kind: InvoiceKind = "renewal"
    period_start: date | None = None
    period_end: date | None = None
    invoice_number: str | None = None
    due_on: date | None = None

    amount: int
    """What the code asks for, or will ask for, before any fee: the sum in large type. A fee is
    known only from a code, and a sum that differs with each state would seem to be another."""
    credit_applied: int = 0
    """What the customer's credit pays of the invoice."""
    lines: tuple[PayLine, ...] = ()
    """Of an invoice that has several."""
    fee: int = 0
    total_payment: int | None = None
    """What the payer is debited, as the gateway said; None while there is no code."""
    receiver: str | None = None
    """The merchant's name as read from the code, which the payer's bank will show."""
    qr_url: str | None = None
    picture_url: str | None = None
    """To keep. Both differ from code to code, so that no browser shows an old one."""
    expires_at: datetime | None = None

    notice_at: datetime | None = None
    """When the gateway told us of money; None while only the payer did."""
    paid_at: datetime | None = None
    paid_through: date | None = None
    method: Method | None = None
    review_amount: int = 0
    """Rupiah that arrived and that a person has still to look at."""
    review_at: datetime | None = None
    credited: int = 0
    """Rupiah paid for this invoice that became the customer's credit."""
    access: bool = False
    receipt_number: str | None = None
    receipt_url: str | None = None
    receipt_pdf_url: str | None = None
    history_url: str | None = None
    """What was paid before; on the subscription's own link."""
    next_invoice_on: date | None = None
    """When nothing is due: the day on which the next invoice is issued."""
    pay_ahead: tuple[PayAhead, ...] = ()
    """What may be paid at once instead of one period; empty where nothing is offered."""
    periods: int = 1
    """How many the latest code asks for, and so the one that takes its place."""

    page_url: str
    status_url: str
    code_url: str
    check_url: str
    waiting_url: str | None = None
    """While checking: the page with its code all the same, for somebody who has not paid."""
    return_url: str | None = None
    return_host: str | None = None
    help_url: str | None = None
    simulator_url: str | None = None
    other_language_url: str

    @property
    def debited(self) -> int:
        """What the payer's bank will show, as far as it is known."""
        return self.amount if self.total_payment is None else self.total_payment

    @property
    def fee_named(self) -> bool:
        """Whether the payer is debited more than is owed, as far as it is known."""
        return self.fee > 0 and self.debited == self.amount + self.fee

    @property
    def credit_named(self) -> bool:
        """Whether credit pays a part; where it pays all, there is no sum to explain."""
        return self.credit_applied > 0 and self.method != "credit"

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the code ends, never below zero."""
        if self.expires_at is None:
            return 0
        return max(0, int((self.expires_at - self.now).total_seconds()))

    @property
    def days_left(self) -> int:
        """Days until the last paid one; 0 on that day and after it."""
        if self.paid_through is None:
            return 0
        return max(0, (self.paid_through - local_date(self.now, self.zone)).days)

    @property
    def refresh_seconds(self) -> int | None:
        """How often a browser without script loads the page again; None: not by itself."""
        return REFRESH.get(self.state)
