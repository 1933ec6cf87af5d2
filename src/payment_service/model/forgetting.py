"""Forgetting a customer: where its name and metadata are stored, and each of these blanked."""

from typing import Any

import msgspec
from sqlalchemy import select, union_all, update

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Json
from payment_service.kit.statements import Record, command, param, query, rows_of, value
from payment_service.model.answer import answers
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.event import events
from payment_service.model.invoice import IMPORTED_NUMBER, Invoice, invoices
from payment_service.model.notice import notices
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions

_of_customer = param("customer_id")
BLANK_SUBSCRIPTIONS = command(
    update(subscriptions)
    .where(subscriptions.c.customer_id == _of_customer)
    .values(metadata={}, version=subscriptions.c.version + 1)
)
INVOICES_TO_BLANK = query(
    rows_of(Invoice).where(invoices.c.customer_id == _of_customer).order_by(invoices.c.id), Invoice
)
BLANK_NOTICES = command(
    update(notices)
    .where(
        notices.c.charge_id.in_(
            select(charges.c.id)
            .join(invoices, invoices.c.id == charges.c.invoice_id)
            .where(invoices.c.customer_id == _of_customer)
        )
    )
    .values(body="")
)
BLANK_REFUNDS = command(
    update(credit_entries)
    .where(credit_entries.c.customer_id == _of_customer, credit_entries.c.kind == "refunded")
    .values(metadata={})
)
SUBJECTS_OF_CUSTOMER = value(
    union_all(
        *(
            select(table.c.id).where(table.c.customer_id == param("customer_id"))
            for table in (subscriptions, invoices, payments, credit_entries)
        )
    ),
    str,
)
"""The ids of all that events of this customer can be about."""


EVENTS_ABOUT = value(
    select(events.c.position)
    .where(
        events.c.app_id == param("app_id"),
        in_list(events.c.subject_id, param("ids", Json(list[str]))),
    )
    .order_by(events.c.position),
    int,
)


class Kept(Record, frozen=True):
    """A text that may hold the customer's name, and the key of its row in its app."""

    key: str
    body: str


EVENT_AT = query(
    select(events.c.id.label("key"), events.c.body).where(
        events.c.app_id == param("app_id"), events.c.position == param("position")
    ),
    Kept,
)
BLANK_EVENT = command(
    update(events).where(events.c.id == param("key")).values(body=param("new_body"))
)
ANSWERS_THAT_NAME = query(
    select(answers.c.key, answers.c.body).where(
        answers.c.app_id == param("app_id"),
        answers.c.body.contains(param("customer_id")),
    ),
    Kept,
)
BLANK_ANSWER = command(
    update(answers)
    .where(answers.c.app_id == param("app_id"), answers.c.key == param("key"))
    .values(body=param("new_body"))
)


def blanked(body: str) -> str:
    """The JSON without the name of its customer, without metadata, and without words to it."""
    return msgspec.json.encode(_blank(msgspec.json.decode(body))).decode()


def blank_metadata(metadata: Any) -> dict[str, Any]:
    """Without what the app wrote there; the number that an older system gave stays."""
    told = metadata if isinstance(metadata, dict) else {}
    return {IMPORTED_NUMBER: told[IMPORTED_NUMBER]} if IMPORTED_NUMBER in told else {}


def _blank(told: Any) -> Any:
    if isinstance(told, list):
        return [_blank(one) for one in told]
    if not isinstance(told, dict):
        return told
    blank: dict[str, Any] = {}
    is_customer = str(told.get("id", "")).startswith("cus_")
    for name, inner in told.items():
        if is_customer and name in ("name", "email", "phone"):
            blank[name] = None
        elif name == "metadata":
            blank[name] = blank_metadata(inner)
        elif name == "access_pass":
            blank[name] = None
        elif name == "features":  # the plan's own
            blank[name] = inner
        elif name == "text" and isinstance(inner, dict):
            blank[name] = dict.fromkeys(inner, "")
        else:
            blank[name] = _blank(inner)
    return blank
