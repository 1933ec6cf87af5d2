"""Editing what is known of a customer."""

import re

from starlette.responses import Response

from payment_service.actions.edit_customer import CustomerChange, edit_customer
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.customer import Customer
from payment_service.model.customer_word import is_callable
from payment_service.web.api.texts import SAID
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.customers.subject import ALL, customer_in, subject_of
from payment_service.web.dashboard.json_map import map_in, map_out

WHERE = "on the customer's page"
PHONE = r"\+?[0-9() ./-]+"
MAIL = r"[^\s@<>\"]{1,64}@[^\s@<>\".]+(\.[^\s@<>\".]+)+"
LONGEST = {"name": 200, "email": 200, "phone": 50}


async def show_edit(ask: Ask) -> Response:
    subject = await ask.read(subject_of, ask)
    kept = map_out(subject.customer.metadata)
    return ask.page("customers/edit.html", subject=subject, kept=kept)


async def edit(ask: Ask) -> Response:
    change = CustomerChange(
        name=_said(ask, "name"),
        email=_said(ask, "email"),
        phone=_said(ask, "phone"),
        metadata=map_in(ask.text("metadata")),
    )
    given = ask.text("version")
    version = int(given) if re.fullmatch(r"[0-9]{1,9}", given) else 0

    def unit(tx: Transaction) -> Customer:
        found = customer_in(tx, ask)
        _check_reachable(found, change)
        by = ask.by(WHERE)
        return edit_customer(tx, found.app_id, found.id, change, by=by, version=version)

    customer = await ask.write(unit)
    return ask.go(f"{ALL}/{customer.id}", "customer_edited")


def _check_reachable(found: Customer, change: CustomerChange) -> None:
    """What is typed here is for reaching people; what an app once said stays as it said it. Raises
    Invalid."""
    phone, mail = change.phone, change.email
    if phone and phone != found.phone and not (re.fullmatch(PHONE, phone) and is_callable(phone)):
        raise Invalid("phone_number", "A phone number looks like 0812 3456 7890.")
    if mail and mail != found.email and not re.fullmatch(MAIL, mail):
        raise Invalid("mail_address", "An email looks like sari@example.com.")


def _said(ask: Ask, field: str) -> str | None:
    """On one line; None where it is left empty. Raises Invalid."""
    text = ask.text(field).strip()
    if text and (len(text) > LONGEST[field] or re.match(SAID, text) is None):
        raise Invalid(
            f"customer_{field}", f"The {field} has at most {LONGEST[field]} characters on one line."
        )
    return text or None
