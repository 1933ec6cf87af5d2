"""The customer that a page is about, with its app and what it is owed."""

from datetime import date
from typing import NamedTuple

from payment_service.kit.calendar import local_date
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.credit import balance
from payment_service.model.customer import CUSTOMER, Customer
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

ALL = f"{PREFIX}/customers"


class CustomerSubject(NamedTuple):
    """`credit` in rupiah; `today` is the app's."""

    app: App
    customer: Customer
    credit: int
    today: date

    @property
    def name(self) -> str:
        return self.customer.name or self.customer.reference

    @property
    def here(self) -> str:
        return f"{ALL}/{self.customer.id}"


def customer_in(tx: Transaction, ask: Ask) -> Customer:
    """Raises NotFound."""
    customer = tx.one(CUSTOMER, id=ask.params["id"])
    if customer is None:
        raise NotFound("customer_not_found", "There is no customer with this id.")
    return customer


def subject_of(tx: Transaction, ask: Ask) -> CustomerSubject:
    """Raises NotFound."""
    customer = customer_in(tx, ask)
    app = app_by_id(tx, customer.app_id)
    today = local_date(app.at(ask.now), app.zone)
    return CustomerSubject(app, customer, balance(tx, customer.id), today)
