"""Fill the payer's page from what the pay link is about."""

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from payment_service.kit import qris
from payment_service.kit.calendar import local_date
from payment_service.kit.money import Language
from payment_service.model.app import App, initials
from payment_service.model.charge import Charge
from payment_service.model.invoice import Invoice
from payment_service.model.payment import MANUAL
from payment_service.model.subscription import Subscription
from payment_service.resources import Links
from payment_service.web.pages.paper import receipt_number
from payment_service.web.pages.pay_ahead import choices, paid_until
from payment_service.web.pages.pay_subject import PaySubject, version_of
from payment_service.web.pages.pay_view import Method, PayLine, PayState, PayView, Standing

PAYABLE: tuple[PayState, ...] = ("waiting", "checking")
SETTLED: tuple[PayState, ...] = ("paid", "nothing_due")
OFFERED: tuple[PayState, ...] = ("waiting", "no_code", "expired", "nothing_due")
"""Where a payer may choose to pay for longer."""


class Wishes(msgspec.Struct, frozen=True):
    """What the address and the browser say about how to show the page."""

    language: Language
    chosen: bool
    """Whether the language was chosen on the page, and must stay."""
    checking: bool
    path: str

    def address(self, end: str = "") -> str:
        """An address of the page's own, in the language that was chosen."""
        return f"{self.path}{end}?lang={self.language}" if self.chosen else f"{self.path}{end}"


def show(subject: PaySubject, links: Links, wishes: Wishes, now: datetime) -> PayView:
    app, invoice, charge = subject.app, subject.invoice, subject.charge
    subscription = subject.subscription
    state = _asked_for(subject.state(now), wishes)
    code = charge.id if charge is not None and charge.qr_string is not None else None
    review = subject.in_review
    paid = invoice if state == "paid" else None
    receipt = f"/pay/{paid.pay_token}/receipt" if paid else None
    paid_through = subscription.paid_through if subscription else None
    return_url = subscription.return_url if subscription else None
    return PayView(
        state=state,
        standing=standing_of(subscription),
        version=version_of(subject),
        language=wishes.language,
        now=now,
        zone=app.zone,
        test_mode=app.mode == "test",
        app_name=app.name,
        app_monogram=initials(app.name)[:2],
        app_color=app.color,
        app_logo=app.logo,
        customer_name=subject.customer.name,
        plan_name=_plan_name(subject),
        kind=invoice.kind if invoice else "renewal",
        period_start=invoice.period_start if invoice else None,
        period_end=_period_end(subject),
        invoice_number=invoice.number if invoice and state != "nothing_due" else None,
        due_on=invoice.due_on if invoice else None,
        amount=_amount(subject),
        credit_applied=invoice.credit_applied if invoice else 0,
        lines=_lines(invoice),
        fee=(charge.fee or 0) if charge else 0,
        total_payment=charge.total_payment if charge else None,
        receiver=_receiver(charge),
        qr_url=f"{wishes.path}/qr.svg?code={code}" if code else None,
        picture_url=_picture(wishes, code) if code else None,
        expires_at=charge.expires_at if charge else None,
        notice_at=charge.noticed_at if charge else None,
        paid_at=invoice.paid_at if invoice else None,
        paid_through=paid_through,
        method=_method(subject),
        review_amount=review.amount if review else 0,
        review_at=review.paid_at if review else None,
        credited=subject.credited,
        access=subscription.access if subscription else False,
        receipt_number=receipt_number(paid) if paid else None,
        receipt_url=f"{receipt}?lang={wishes.language}" if receipt else None,
        receipt_pdf_url=f"{receipt}.pdf?lang={wishes.language}" if receipt else None,
        history_url=_history(subject, wishes) if state in SETTLED else None,
        next_invoice_on=_next_invoice_on(subject, now),
        pay_ahead=choices(subject, now) if state in OFFERED else (),
        periods=charge.periods if charge is not None else 1,
        page_url=wishes.address(),
        status_url=f"{wishes.path}/status",
        code_url=wishes.address("/code"),
        check_url=wishes.address("/check"),
        waiting_url=wishes.address() if state == "checking" else None,
        return_url=return_url,
        return_host=urlsplit(return_url).hostname if return_url else None,
        simulator_url=_simulator(app, charge, links) if state in PAYABLE else None,
        other_language_url=f"{wishes.path}?lang={'en' if wishes.language == 'id' else 'id'}",
    )


def standing_of(subscription: Subscription | None) -> Standing:
    if subscription is None:
        return "paid_up"
    if not subscription.access:
        return "held" if subscription.status == "suspended" else "ended"
    if subscription.status == "trialing":
        return "trial"
    if subscription.cancel_at_period_end:
        return "ending"
    return "free" if subscription.paid_through is None else "paid_up"


def _lines(invoice: Invoice | None) -> tuple[PayLine, ...]:
    """What a sum of several is made of; a single line says no more than the bill does."""
    if invoice is None or len(invoice.lines) < 2:
        return ()
    return tuple(PayLine(line.description, line.amount) for line in invoice.lines)


def _method(subject: PaySubject) -> Method | None:
    if subject.invoice is None or subject.invoice.status != "paid":
        return None
    if subject.payment is None:
        return "credit"
    return "by_hand" if subject.payment.gateway == MANUAL else "qris"


def _history(subject: PaySubject, wishes: Wishes) -> str | None:
    has_paid = subject.invoice is not None
    return wishes.address("/history") if subject.is_permanent and has_paid else None


def _picture(wishes: Wishes, code: str) -> str:
    """Whoever saves it may ask without saying in which language the page was read."""
    return f"{wishes.path}/picture.png?code={code}&lang={wishes.language}"


def _period_end(subject: PaySubject) -> date | None:
    """The last day that the code on the page buys, or the invoice bought."""
    invoice, charge, subscription = subject.invoice, subject.charge, subject.subscription
    if invoice is None or charge is None or subscription is None or charge.periods == 1:
        return invoice.period_end if invoice else None
    if invoice.period_start is None or invoice.months is None:
        return invoice.period_end
    begins = invoice.period_start - timedelta(days=1)
    return paid_until(subscription, begins, invoice.months * charge.periods)


def _next_invoice_on(subject: PaySubject, now: datetime) -> date | None:
    subscription = subject.subscription
    if subscription is None or subscription.paid_through is None or not subscription.access:
        return None
    if subscription.cancel_at_period_end or subject.price_ahead == 0:
        return None
    day = subscription.paid_through - timedelta(days=subject.app.renewal_lead_days)
    return day if day > local_date(now, subject.app.zone) else None


def _asked_for(state: PayState, wishes: Wishes) -> PayState:
    """Who says they have paid sees it being checked, while that can still be true."""
    return "checking" if wishes.checking and state in ("waiting", "expired") else state


def _plan_name(subject: PaySubject) -> str:
    if subject.plan is not None:
        return subject.plan.name
    return subject.invoice.lines[0].description if subject.invoice else ""


def _amount(subject: PaySubject) -> int:
    if subject.charge is not None:
        return subject.charge.amount
    if subject.payment is not None:
        return subject.payment.amount
    if subject.invoice is None:
        return 0
    return subject.invoice.amount_due or subject.invoice.total


def _receiver(charge: Charge | None) -> str | None:
    """The name that the payer's bank will show, as it stands in the code."""
    if charge is None or charge.qr_string is None:
        return None
    try:
        return qris.parse(charge.qr_string).merchant
    except qris.QrisError:
        return None


def _simulator(app: App, charge: Charge | None, links: Links) -> str | None:
    """Where a test app's code is paid: in this process, or at its own simulator."""
    if app.mode != "test" or charge is None or charge.reference is None:
        return None
    origin = links.base_url if app.gateway == "simulator" else app.gateway_origin
    return f"{origin}/pay-v2/{charge.reference}" if origin else None
