"""A reminder by WhatsApp: a link that opens the chat with the text and the pay link filled in."""

from urllib.parse import quote

from payment_service.kit.money import Language
from payment_service.model.customer import Customer
from payment_service.model.customer_word import international, is_callable
from payment_service.resources import Links, reminder_resource
from payment_service.web.dashboard.subscriptions.subject import Subject


def whatsapp_links(subject: Subject, links: Links) -> list[tuple[Language, str]]:
    """The customer's language first; none without an open invoice or a phone that can be called."""
    invoice, customer = subject.open_invoice, subject.customer
    digits = international(customer.phone or "")
    if invoice is None or not is_callable(customer.phone or ""):
        return []
    days = (subject.today - invoice.due_on).days
    text = reminder_resource(invoice, customer, days, subject.today, links).text
    both: list[tuple[Language, str]] = [("id", text.id), ("en", text.en)]
    if language_of_customer(customer) == "en":
        both.reverse()
    return [(language, f"https://wa.me/{digits}?text={quote(said, safe='')}")
            for language, said in both]  # fmt: skip


def language_of_customer(customer: Customer) -> Language:
    """As the app says in the customer's metadata, `"language": "en"`; Indonesian otherwise."""
    said = customer.metadata.get("language")
    return "en" if isinstance(said, str) and said.lower().startswith("en") else "id"
