"""Upgrade now: a new period on a dearer plan from today, less what is left of the old one."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from payment_service.books.credit_customer import use_credit
from payment_service.books.draft_invoice import Terms, draft_upgrade
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.pay_invoice import pay_invoice
from payment_service.books.void_open import void_open_upgrade
from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.bill import Bill
from payment_service.model.contract import Contract
from payment_service.model.credit import enter
from payment_service.model.invoice import INVOICE, Invoice, Line
from payment_service.model.plan import SMALLEST, Plan
from payment_service.model.unused import unused_value
from payment_service.outbox import News
from payment_service.resources import Links


class Upgrade(NamedTuple):
    """The invoice, which is paid where nothing had to be paid, and what is to be announced."""

    invoice: Invoice
    news: list[News]


def upgrade_now(
    tx: Transaction, links: Links, contract: Contract, plan: Plan, now: datetime
) -> Upgrade:
    """Issue the upgrade; it takes effect when it is paid, today. The contract is locked.

    At once where the old days are worth as much as the new period, which leaves credit, or where
    less is missing than a code can ask for, which is waived.
    """
    app, subscription = contract.app, contract.subscription
    news = void_open_upgrade(tx, links, contract, now)
    unused = unused_value(tx, subscription, local_date(now, app.zone))
    terms = Terms(plan, plan.price, plan.months)
    draft = draft_upgrade(app, subscription, terms, unused, now)
    rest = plan.price - unused
    if rest >= SMALLEST:
        issued = issue_invoice(tx, links, app, contract.customer, subscription, draft, now)
        return Upgrade(issued.invoice, [*news, *issued.news])
    made, some = _at_once(tx, links, contract, draft, rest, now)
    return Upgrade(made, [*news, *some])


def _at_once(
    tx: Transaction, links: Links, contract: Contract, draft: Invoice, rest: int, now: datetime
) -> Upgrade:
    """An invoice over nothing: its last line says where the rest went."""
    lines = draft.lines
    if rest:
        name = "Dibebaskan" if rest > 0 else "Menjadi saldo"
        lines = (*lines, Line(description=name, amount=-rest))
    draft = msgspec.structs.replace(draft, lines=lines, total=0, void_at=None)
    app, customer, subscription = contract.app, contract.customer, contract.subscription
    invoice, news = issue_invoice(tx, links, app, customer, subscription, draft, now)
    bill = Bill(app, customer, subscription, invoice)
    news += pay_invoice(tx, links, bill, None, now=now)
    if rest < 0:
        enter(
            tx,
            app_id=app.id,
            customer_id=customer.id,
            kind="credited",
            amount=-rest,
            invoice_id=invoice.id,
            now=now,
        )
        news += use_credit(tx, links, bill, now)
    return Upgrade(tx.one(INVOICE, id=invoice.id) or invoice, news)
