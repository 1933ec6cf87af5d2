"""The cursor of a list: the id of what a page showed last, which the next page begins behind."""

from sqlalchemy import Table, select

from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Statement, Transaction, param, value
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.customer import customers
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints
from payment_service.model.invoice import invoices
from payment_service.model.key import api_keys
from payment_service.model.payment import payments
from payment_service.model.plan import plans
from payment_service.model.subscription import subscriptions


def _whose(table: Table) -> Statement[str]:
    return value(select(table.c.app_id).where(table.c.id == param("id")), str)


WHOSE: dict[str, Statement[str]] = {
    "plan": _whose(plans),
    "cus": _whose(customers),
    "sub": _whose(subscriptions),
    "inv": _whose(invoices),
    "chg": _whose(charges),
    "pay": _whose(payments),
    "crd": _whose(credit_entries),
    "key": _whose(api_keys),
    "ep": _whose(endpoints),
    "dlv": _whose(deliveries),
}
"""Whose a thing is, by what its id begins with."""


def check_cursor(tx: Transaction, app_id: str, after: str) -> None:
    """Behind an id that names nothing a list would seem to be at its end. Raises Invalid."""
    if tx.one(WHOSE[after.partition("_")[0]], id=after) != app_id:
        raise not_a_place("It names nothing of this app; send `next_after` of the page before")


def not_a_place(message: str) -> Invalid:
    return Invalid(
        "invalid_request",
        "Correct these parameters: after.",
        errors=[{"field": "after", "message": message}],
    )
