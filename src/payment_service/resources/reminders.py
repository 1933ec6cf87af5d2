"""A reminder of an open invoice as apps get it: with words that can be sent on as they are."""

from datetime import date

import msgspec

from payment_service.kit.calendar import long_date
from payment_service.kit.money import rupiah
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice
from payment_service.resources.invoices import InvoiceResource, invoice_resource
from payment_service.resources.links import Links


class ReminderText(msgspec.Struct, frozen=True):
    """The same message in Indonesian and in English, with the pay link at its end."""

    id: str
    en: str


class ReminderResource(msgspec.Struct, frozen=True):
    """`days_from_due` is below zero before the due date, 0 on it, above zero after it."""

    invoice: InvoiceResource
    customer_reference: str
    days_from_due: int
    text: ReminderText


def reminder_resource(
    invoice: Invoice, customer: Customer, days_from_due: int, today: date, links: Links
) -> ReminderResource:
    return ReminderResource(
        invoice=invoice_resource(invoice, customer.reference, links),
        customer_reference=customer.reference,
        days_from_due=days_from_due,
        text=_text(invoice, customer, today, links),
    )


def _text(invoice: Invoice, customer: Customer, today: date, links: Links) -> ReminderText:
    name = customer.name or customer.reference
    what, amount = invoice.lines[0].description, rupiah(invoice.amount_due)
    link = links.pay(invoice.pay_token)
    due = {language: long_date(invoice.due_on, language) for language in ("id", "en")}
    if invoice.due_on < today:
        when = (f"sudah jatuh tempo pada {due['id']}", f"was due on {due['en']}")
    elif invoice.due_on == today:
        when = ("jatuh tempo hari ini", "is due today")
    else:
        when = (f"jatuh tempo pada {due['id']}", f"is due on {due['en']}")
    return ReminderText(
        id=f"Halo {name}, tagihan {invoice.number} untuk {what} sebesar {amount} {when[0]}. "
        f"Bayar dengan QRIS: {link}",
        en=f"Hello {name}, invoice {invoice.number} for {what} of {amount} {when[1]}. "
        f"Pay by QRIS: {link}",
    )
