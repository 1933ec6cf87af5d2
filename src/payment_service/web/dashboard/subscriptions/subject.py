"""The subscription that a page is about, with what stands around it."""

from datetime import date, datetime
from typing import NamedTuple

from payment_service.kit.calendar import local_date
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.credit import balance
from payment_service.model.customer import Customer
from payment_service.model.invoice import OPEN_UPGRADE, Invoice
from payment_service.model.plan import Plan
from payment_service.model.subscription import Subscription
from payment_service.model.subscription_list import STANDING, Standing
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

ALL = f"{PREFIX}/subscriptions"


class Subject(NamedTuple):
    """`now` and `today` are the app's; `credit` is what the customer is owed, in rupiah."""

    app: App
    standing: Standing
    upgrade: Invoice | None
    credit: int
    now: datetime
    today: date

    @property
    def subscription(self) -> Subscription:
        return self.standing.subscription

    @property
    def customer(self) -> Customer:
        return self.standing.customer

    @property
    def plan(self) -> Plan:
        return self.standing.plan

    @property
    def open_invoice(self) -> Invoice | None:
        return self.standing.open_invoice

    @property
    def name(self) -> str:
        return self.customer.name or self.customer.reference

    @property
    def here(self) -> str:
        return f"{ALL}/{self.subscription.id}"


def subject_of(tx: Transaction, ask: Ask) -> Subject:
    """Raises NotFound."""
    found = tx.all(STANDING, ids=[ask.params["id"]])
    if not found:
        raise NotFound("subscription_not_found", "There is no subscription with this id.")
    (standing,) = found
    app = app_by_id(tx, standing.subscription.app_id)
    now = app.at(ask.now)
    return Subject(
        app,
        standing,
        tx.one(OPEN_UPGRADE, subscription_id=standing.subscription.id),
        balance(tx, standing.customer.id),
        now,
        local_date(now, app.zone),
    )
