"""Copies of one subscription whose first invoice is paid at the gateway and not yet settled."""

from datetime import datetime, timedelta
from typing import NamedTuple

from bench.stencil import Row, Sink, Stencil
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.charge import Charge, charges
from payment_service.model.customer import Customer, customers
from payment_service.model.customer_word import Named, customer_words, words_of
from payment_service.model.invoice import Invoice, invoices, next_numbers
from payment_service.model.subscription import Subscription, subscriptions
from payment_service.outside.simulator.codes import SimulatedCode, simulated_codes


class Rows(NamedTuple):
    """The rows of the subscription that is copied, in the order in which they are inserted."""

    customer: Customer
    subscription: Subscription
    invoice: Invoice
    charge: Charge
    code: SimulatedCode


TABLES = (customers, subscriptions, invoices, charges, simulated_codes)


class Copier:
    """Makes copies and writes them."""

    def __init__(self, app: App, first: Rows, sink: Sink) -> None:
        self._app = app
        self._first = first
        self._sink = sink
        self._stencils = [
            Stencil(table, row, sink.dialect) for table, row in zip(TABLES, first, strict=True)
        ]
        self._words = words_of(Named(None, first.customer.name))

    def copy(self, places: range, begun: datetime, tx: Transaction) -> None:
        """One for each place, a millisecond after the other: ids of one instant have no order, and
        indexes of ids without order cost many times what they cost in life."""
        rows: list[list[Row]] = [[] for _ in TABLES]
        words: list[Row] = []
        numbers = next_numbers(tx, self._app, self._first.invoice.issued_on, len(places))
        for place, number in zip(places, numbers, strict=True):
            now, reference = begun + timedelta(milliseconds=place), f"tenant-{place}"
            customer = new_id("cus", now)
            for kind, row in zip(rows, self._one(now, customer, reference, number), strict=True):
                kind.append(row)
            words += self._words_of(customer, reference)
        for table, kind in zip(TABLES, rows, strict=True):
            self._sink.insert(table, kind)
        self._sink.insert(customer_words, words)

    def _one(self, now: datetime, customer: str, reference: str, number: str) -> list[Row]:
        subscription, invoice = new_id("sub", now), new_id("inv", now)
        charge, code = new_id("chg", now), new_id("sim", now)
        of_customer, of_subscription, of_invoice, of_charge, of_code = self._stencils
        return [
            of_customer.filled(id=customer, reference=reference),
            of_subscription.filled(id=subscription, customer_id=customer, pay_token=new_token()),
            of_invoice.filled(
                id=invoice,
                customer_id=customer,
                subscription_id=subscription,
                number=number,
                pay_token=new_token(),
            ),
            of_charge.filled(id=charge, invoice_id=invoice, reference=code),
            of_code.filled(reference=code, order_id=charge),
        ]

    def _words_of(self, customer: str, reference: str) -> list[Row]:
        found = [*self._words, ("reference", reference)]
        return [[self._app.id, word, kind, customer] for kind, word in found]
