"""What each field of an answer means, and how its ids look; said once for all that carry it."""

from typing import Any

from payment_service.kit.ids import ALPHABET

PREFIXES = {
    "plan_id": "plan",
    "customer_id": "cus",
    "subscription_id": "sub",
    "invoice_id": "inv",
    "charge_id": "chg",
    "payment_id": "pay",
    "Plan.id": "plan",
    "PlanOfSubscription.id": "plan",
    "Customer.id": "cus",
    "Subscription.id": "sub",
    "Invoice.id": "inv",
    "Payment.id": "pay",
    "CreditEntry.id": "crd",
    "Refund.id": "crd",
}
"""The kind of thing that a field names: by the field, or by the field of one shape."""

FIELDS = {
    "id": "Its id.",
    "plan_id": "Of which plan.",
    "customer_id": "Of which customer.",
    "subscription_id": "Of which subscription.",
    "invoice_id": "Of which invoice.",
    "charge_id": "Of which code.",
    "payment_id": "Of which payment.",
    "created_at": "When it was made.",
    "currency": "Always rupiah.",
    "metadata": "What you keep with it: any JSON object, up to 4 KiB and 20 levels.",
    "pay_url": "The payer's page. Whoever has the link can pay.",
    "code": "Your own name of the plan.",
    "name": "Its name, for people.",
    "price": "Rupiah for one period.",
    "months": "Months in one period.",
    "total": "Rupiah in all.",
    "amount": "Rupiah.",
    "status": "How it stands.",
    "reference": "Your own id of the customer.",
    "email": "For your own use.",
    "phone": "For your own use.",
    "return_url": "Where the pay page leads back to; under one of the app's return origins.",
    "MarkPaidBody.note": "How the money came.",
    "RefundBody.note": "Whom it went to, and why.",
    "trial_days": "Free days of a customer's first subscription.",
    "grace_days": "Days with access after an unpaid due day; null takes the app's.",
    "Plan.late_payment": "From which day a late payment counts.",
    "Plan.prices_ahead": "Rupiah for so many periods at once.",
    "archived": "Whether it is no longer sold.",
    "features": "What the plan gives, for your app to read: any JSON object.",
    "Customer.name": "Its name; null when none was told, or it was forgotten.",
    "Credit.balance": "Rupiah owed to the customer.",
    "Credit.entries": "How it came about, newest first.",
    "has_more": "Whether there are older ones.",
    "next_after": "What `after` takes to get the next page; null on the last.",
    "CreditEntry.kind": "What happened: paid too much, used, given back, paid out.",
    "CreditEntry.amount": "Rupiah; above zero it is owed to the customer, below it was used.",
    "CreditEntry.reference": "Of a refund: what the bank calls the transfer.",
    "CreditEntry.note": "Of a refund: what was written of it.",
    "CreditEntry.payment_id": "The payment that it came from.",
    "CreditEntry.invoice_id": "The invoice that it paid, or came back from.",
    "Refund.reference": "What the bank calls the transfer.",
    "Refund.note": "What was written of it.",
    "Refund.payment_id": "The payment that was sent back; null where credit was paid out.",
    "Subscription.customer": "Who subscribes.",
    "Subscription.plan": "What to.",
    "Subscription.access": "Whether the customer may come in: all that your app need look at.",
    "Subscription.reason": "Why it is suspended or canceled.",
    "Subscription.price": "Rupiah for one period, as it was sold.",
    "Subscription.months": "Months in one period, as it was sold.",
    "Subscription.paid_through": "The last paid day, a local date; null when none is paid.",
    "Subscription.grace_until": "The last day of access without payment.",
    "Subscription.cancel_at_period_end": "Whether it ends with its last paid day.",
    "Subscription.pending_change": "What the next invoice is issued for, if it is another thing.",
    "Subscription.seq": "Rises with every news of it: ignore what has a lower one.",
    "Subscription.pay_url": "The payer's page, always with what is open. Whoever has it can pay.",
    "Subscription.open_invoice": "What is to be paid; null when nothing is.",
    "access_pass": "The same, signed, for checking offline; null where it would not fit.",
    "pass": "A compact JWS; its claims say how the subscription stands.",
    "expires_at": "Until when it is good.",
    "keys": "Those that passes are signed with, and were.",
    "kid": "Which key: a pass names it in its head.",
    "x": "The public key, base64url.",
    "kty": "The kind of key.",
    "crv": "The curve.",
    "alg": "How it signs.",
    "use": "What for.",
    "PendingChange.plan": "The plan's code.",
    "PendingChange.price": "Rupiah for one period.",
    "PlanChange.subscription": "As it is now.",
    "PlanChange.upgrade_invoice": "The upgrade takes effect when this is paid; null without one.",
    "Invoice.number": "Its number, counted without gaps per year.",
    "Invoice.kind": "What it is for.",
    "lines": "What it is made of.",
    "Invoice.subscription_id": "Of which subscription; null for an invoice of its own.",
    "Invoice.total": "Rupiah, the sum of the lines.",
    "Invoice.credit_applied": "Rupiah that the customer's credit paid.",
    "Invoice.amount_due": "Rupiah that are still to be paid.",
    "Invoice.period_start": "The first day that it pays for; a local date.",
    "Invoice.period_end": "The last day that it pays for.",
    "Invoice.issued_on": "The local date of its issue.",
    "Invoice.due_on": "The local date until which it is to be paid.",
    "Invoice.paid_at": "When it was paid.",
    "Invoice.voided_at": "When it was voided.",
    "Invoice.void_reason": "Why it was voided.",
    "description": "What for.",
    "InvoiceLine.amount": "Rupiah; a discount is negative.",
    "Qris.qr_string": "What the code holds: draw it with any QR library. Null when none is needed.",
    "Qris.amount": "Rupiah that the invoice asks for.",
    "Qris.fee": "Rupiah that the gateway adds.",
    "Qris.total": "Rupiah that the payer's bank will debit: show this.",
    "Qris.expires_at": "Until when the code can be paid.",
    "Qris.charge_id": "The code's id.",
    "Qris.qr_svg_url": "The code as a picture.",
    "Qris.qr_png_url": "The code as a picture.",
    "Payment.gateway": "Where the money came: a gateway, or `manual`.",
    "Payment.reference": "What the gateway or the bank calls it.",
    "Payment.amount": "Rupiah, without the payer's fee.",
    "Payment.credited": "Rupiah of it that became credit.",
    "Payment.fee": "Rupiah that the payer paid to the gateway.",
    "Payment.outcome": "What became of it.",
    "Payment.reason": "Why it was not settled.",
    "Payment.paid_at": "When it was paid, by the gateway's word.",
    "Reminder.invoice": "The invoice that is open.",
    "Reminder.customer_reference": "Your own id of the customer.",
    "Reminder.days_from_due": "Below zero before the due day, above it after.",
    "Reminder.text": "The message, with the pay link, to be sent on as it is.",
    "ReminderText.id": "In Indonesian.",
    "ReminderText.en": "In English.",
    "TestClock.now": "The instant that the clock shows.",
    "TestClock.today": "The local date that it shows.",
    "TestClock.zone": "The app's zone.",
    "TestClock.offset_seconds": "How far it is ahead of the machine's.",
    "TestClock.advance_to": "The day that the latest advance goes to.",
    "TestClock.advanced_from": "The day that it began on.",
    "TestClock.status": "Whether it stands, advances, or an advance broke off.",
    "ClockAdvance.clock": "Where the clock stands now.",
    "ClockAdvance.counts": "How many events of each type.",
    "ClockAdvance.events": "The first 1,000 events, in order.",
    "ClockAdvance.more_events": "Whether there were more.",
    "ClockAnswer.clock": "Where the clock stands.",
    "habit": "How the payer pays; null is not at all.",
    "TimelineAnswer.data": "What happened, in order.",
    "TimelineEntry.day": "The local date.",
    "TimelineEntry.at": "The instant, on the app's clock.",
    "TimelineEntry.type": "The type of event, or `payment`.",
    "TimelineEntry.about": "What it is about: an id, or a short name.",
    "TimelineEntry.says": "What happened, in words.",
    "TimelineEntry.webhooks": "How its deliveries stand.",
}
"""By the field, or by the field of one shape, which goes first."""


def field_of(shape: str, name: str) -> dict[str, Any]:
    """The description, and the pattern where the field is an id."""
    said: dict[str, Any] = {"description": said_of(shape, name)}
    prefix = _found(PREFIXES, shape, name)
    if prefix:
        said["pattern"] = id_pattern(prefix)
    return said


def said_of(shape: str, name: str) -> str:
    """Raises KeyError for a field of which nothing is said."""
    said = _found(FIELDS, shape, name)
    if said is None:
        raise KeyError(f"{shape}.{name}")
    return said


def _found(table: dict[str, str], shape: str, name: str) -> str | None:
    """What events tell is what is read, and more."""
    for exact in (f"{shape}.{name}", f"{shape.removesuffix('News')}.{name}"):
        if exact in table:
            return table[exact]
    return table.get(name)


def id_pattern(prefix: str) -> str:
    return f"^{prefix}_[{ALPHABET}]{{26}}$"
