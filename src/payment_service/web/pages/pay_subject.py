"""What a pay link is about: the invoice, its latest code, and what stands around them."""

from datetime import datetime, timedelta

import msgspec

from payment_service.kit.statements import Transaction
from payment_service.model.ahead import PAID_TOGETHER
from payment_service.model.app import APP, App
from payment_service.model.charge import CHARGE, LATEST_CHARGE, Charge
from payment_service.model.credit import CREDITED_FROM
from payment_service.model.customer import CUSTOMER, Customer
from payment_service.model.invoice import (
    INVOICE_BY_TOKEN,
    OPEN_INVOICE,
    Invoice,
)
from payment_service.model.invoice_list import LATEST_INVOICE
from payment_service.model.payment import PAYMENT_OF_INVOICE, Payment
from payment_service.model.plan import PLAN, Plan
from payment_service.model.review import IN_REVIEW
from payment_service.model.subscription import (
    SUBSCRIPTION,
    SUBSCRIPTION_BY_TOKEN,
    Subscription,
    ended_unpaid,
)
from payment_service.web.pages.pay_view import PayState

JUST_PAID = timedelta(minutes=30)
NOTICE_COUNTS = timedelta(minutes=2)
"""How long a notice alone keeps the page at “checking”: it may have been a forged one."""


class PaySubject(msgspec.Struct, frozen=True, kw_only=True):
    """`invoice` is None when nothing was ever owed; `charge` is its latest, or what paid it.

    `plan_ahead` is the plan that the next period is on, and `is_permanent` says that the link is
    the subscription's own. `payment` is what paid the invoice, None where credit did; `in_review`
    the money for it that a person has still to look at; `credited` what of its money became credit.
    """

    app: App
    customer: Customer
    subscription: Subscription | None
    plan: Plan | None
    plan_ahead: Plan | None
    is_permanent: bool
    invoice: Invoice | None
    charge: Charge | None = None
    payment: Payment | None = None
    in_review: Payment | None = None
    credited: int = 0

    @property
    def price_ahead(self) -> int:
        """Rupiah of one further period."""
        if self.subscription is None:
            return 0
        pending = self.subscription.next_price
        return self.subscription.price if pending is None else pending

    def state(self, now: datetime) -> PayState:
        """What the page shows; only the gateway's word, booked, makes it `paid`."""
        if self.invoice is None or self._is_over_and_done(self.invoice, now):
            return "nothing_due"
        if self.invoice.status == "paid":
            return "paid"
        if self.invoice.status == "void":
            return "void"
        return self._state_of_code(now)

    def _state_of_code(self, now: datetime) -> PayState:
        """Of an open invoice."""
        charge = self.charge
        ends_at = charge.expires_at if charge is not None else None
        is_open = charge is not None and charge.status == "open"
        is_good = is_open and ends_at is not None and now < ends_at
        if self.in_review is not None and not is_good:
            return "in_review"
        # Paid, and the invoice is open: a person decided that the money was for something else.
        if charge is None or ends_at is None or charge.status in ("opening", "paid"):
            return "no_code"
        if charge.noticed_at is not None and now - charge.noticed_at < NOTICE_COUNTS:
            return "checking"
        if charge.status == "failed":
            return "gateway_silent"
        if charge.qr_string is None:  # an older system made the code, and has its picture
            return "no_code"
        return "waiting" if is_good else "expired"

    def _is_over_and_done(self, invoice: Invoice, now: datetime) -> bool:
        """Whether the permanent link is past its last invoice: who has just paid still reads so,
        and who may have paid too late is told what comes of it."""
        if not self.is_permanent or self.subscription is None or invoice.status == "open":
            return False
        if invoice.status == "void" and ended_unpaid(self.subscription):
            return False
        return invoice.paid_at is None or now - invoice.paid_at > JUST_PAID


def find_subject(tx: Transaction, token: str) -> PaySubject | None:
    """The subject of an invoice's link, or of a subscription's permanent one."""
    invoice = tx.one(INVOICE_BY_TOKEN, token=token)
    subscription = None
    if invoice is None:
        subscription = tx.one(SUBSCRIPTION_BY_TOKEN, token=token)
        if subscription is None:
            return None
        invoice = tx.one(OPEN_INVOICE, subscription_id=subscription.id) or _latest(tx, subscription)
    elif invoice.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION, id=invoice.subscription_id)
    owner = invoice or subscription
    if owner is None:
        return None
    app = tx.one(APP, id=owner.app_id)
    customer = tx.one(CUSTOMER, id=owner.customer_id)
    plan = tx.one(PLAN, id=owner.plan_id) if owner.plan_id is not None else None
    if app is None or customer is None:
        raise LookupError(f"{owner.id} hangs on rows that are not there")
    next_plan_id = subscription.next_plan_id or subscription.plan_id if subscription else None
    subject = PaySubject(
        app=app,
        customer=customer,
        subscription=subscription,
        plan=plan,
        plan_ahead=tx.one(PLAN, id=next_plan_id) if next_plan_id is not None else None,
        is_permanent=subscription is not None and subscription.pay_token == token,
        invoice=invoice,
    )
    return _with_money(tx, subject, invoice) if invoice is not None else subject


def _with_money(tx: Transaction, subject: PaySubject, invoice: Invoice) -> PaySubject:
    """The code shown last; of a paid invoice the one that was paid, which may be an older one."""
    if invoice.status == "paid":
        payment = tx.one(PAYMENT_OF_INVOICE, invoice_id=invoice.id)
        charge_id = payment.charge_id if payment is not None else None
        return msgspec.structs.replace(
            subject,
            payment=payment,
            charge=tx.one(CHARGE, id=charge_id) if charge_id is not None else None,
            credited=tx.one(CREDITED_FROM, invoice_id=invoice.id) or 0,
        )
    subject = msgspec.structs.replace(
        subject,
        charge=tx.one(LATEST_CHARGE, invoice_id=invoice.id),
        in_review=tx.one(IN_REVIEW, invoice_id=invoice.id),
    )
    if invoice.status == "open":
        return subject
    credited = tx.one(CREDITED_FROM, invoice_id=invoice.id) or 0
    return msgspec.structs.replace(subject, credited=credited)


def _latest(tx: Transaction, subscription: Subscription) -> Invoice | None:
    """Of what was paid at once, the invoice whose code it was paid with."""
    latest = tx.one(LATEST_INVOICE, subscription_id=subscription.id)
    if latest is None or latest.paid_at is None:
        return latest
    if tx.one(LATEST_CHARGE, invoice_id=latest.id) is not None:
        return latest
    together = {
        "subscription_id": subscription.id,
        "paid_at": latest.paid_at,
        "other_id": latest.id,
    }
    return tx.one(PAID_TOGETHER, **together) or latest


def version_of(subject: PaySubject) -> str:
    """Differs whenever the page would look different for another reason than time passing."""
    invoice, charge = subject.invoice, subject.charge
    if invoice is None:
        return "nothing"
    parts = [invoice.id, invoice.status]
    if subject.in_review is not None:
        parts.append(subject.in_review.id)
    if invoice.status != "open":
        parts.append(str(subject.credited))
    elif charge is not None:
        noticed = int(charge.noticed_at.timestamp()) if charge.noticed_at else 0
        parts += [charge.id, charge.status, str(noticed)]
    return "-".join(parts)
