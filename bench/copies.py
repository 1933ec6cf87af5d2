"""Copies of one paid subscription, each with ids and dates of its own."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from bench.standing import Standing
from bench.stencil import Row, Sink, Stencil
from payment_service.books.draft_invoice import draft_renewal, terms_of
from payment_service.kit.calendar import start_of
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.charge import Charge, charges
from payment_service.model.customer import Customer, customers
from payment_service.model.invoice import Invoice, invoices, next_numbers
from payment_service.model.payment import Payment, payments
from payment_service.model.plan import Plan
from payment_service.model.reminder import next_reminder
from payment_service.model.subscription import Subscription, subscriptions

CHUNK = 5_000
TABLES = (customers, subscriptions, invoices, charges, payments)


class Rows(NamedTuple):
    """The rows of the subscription that is copied."""

    customer: Customer
    subscription: Subscription
    paid: Invoice
    charge: Charge
    payment: Payment


class Stencils(NamedTuple):
    """What the copies with one standing have in common."""

    customer: Stencil
    subscription: Stencil
    paid: Stencil
    charge: Stencil
    payment: Stencil
    open: Stencil | None
    code: Stencil | None


class Copier:
    """Makes the copies of an app's subscription, as they stand on `day`, and writes them."""

    def __init__(self, app: App, plan: Plan, first: Rows, day: date, sink: Sink) -> None:
        self._app = app
        self._plan = plan
        self._first = first
        self._day = day
        self._sink = sink
        self._stencils: dict[Standing, Stencils] = {}

    def fill(self, standings: Sequence[Standing]) -> None:
        """One for each, the oldest first: ids of one instant have no order, and indexes of ids
        without order cost many times what they cost in life."""
        begun = self._first.customer.created_at - timedelta(milliseconds=len(standings) + 1)
        for start in range(0, len(standings), CHUNK):
            self._sink.write(partial(self._copy, standings[start : start + CHUNK], start, begun))

    def _copy(
        self, standings: Sequence[Standing], start: int, begun: datetime, tx: Transaction
    ) -> None:
        rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
        many = len(standings) + sum(one.has_invoice for one in standings)
        numbers = iter(next_numbers(tx, self._app, self._first.paid.issued_on, many))
        for place, standing in enumerate(standings, start):
            now = begun + timedelta(milliseconds=place)
            stencils = self._stencils.get(standing) or self._cut(standing)
            customer, subscription = new_id("cus", now), new_id("sub", now)
            invoice, charge, reference = new_id("inv", now), new_id("chg", now), new_id("sim", now)
            of_both = {"customer_id": customer, "subscription_id": subscription}
            rows["customers"].append(
                stencils.customer.filled(id=customer, reference=f"tenant-{place}")
            )
            rows["subscriptions"].append(
                stencils.subscription.filled(
                    id=subscription, customer_id=customer, pay_token=new_token()
                )
            )
            rows["invoices"].append(
                stencils.paid.filled(
                    id=invoice, number=next(numbers), pay_token=new_token(), **of_both
                )
            )
            rows["charges"].append(
                stencils.charge.filled(id=charge, invoice_id=invoice, reference=reference)
            )
            rows["payments"].append(
                stencils.payment.filled(
                    id=new_id("pay", now),
                    customer_id=customer,
                    invoice_id=invoice,
                    charge_id=charge,
                    reference=reference,
                )
            )
            if stencils.open is not None:
                invoice, number, token = new_id("inv", now), next(numbers), new_token()
                rows["invoices"].append(
                    stencils.open.filled(id=invoice, number=number, pay_token=token, **of_both)
                )
            if stencils.code is not None:
                charge, reference = new_id("chg", now), new_id("sim", now)
                rows["charges"].append(
                    stencils.code.filled(id=charge, invoice_id=invoice, reference=reference)
                )
        for table in TABLES:
            self._sink.insert(table, rows[table.name])

    def _cut(self, standing: Standing) -> Stencils:
        first, dialect = self._first, self._sink.dialect
        last_day = self._day + timedelta(days=standing.days)
        subscription = replace(
            first.subscription,
            paid_through=last_day,
            anchor_day=last_day.day,
            status="grace" if standing.is_in_grace else "active",
            grace_until=last_day + timedelta(days=7) if standing.is_in_grace else None,
        )
        paid_on = last_day - timedelta(days=30)
        paid = replace(first.paid, period_start=paid_on + timedelta(days=1), period_end=last_day)
        is_open = standing.has_invoice
        made = self._stencils[standing] = Stencils(
            Stencil(customers, first.customer, dialect),
            Stencil(subscriptions, subscription, dialect),
            Stencil(invoices, paid, dialect),
            Stencil(charges, first.charge, dialect),
            Stencil(payments, first.payment, dialect),
            Stencil(invoices, self._open(subscription, last_day), dialect) if is_open else None,
            Stencil(charges, self._code(), dialect) if standing.has_code else None,
        )
        return made

    def _open(self, subscription: Subscription, last_day: date) -> Invoice:
        """Issued a week before, and told of whenever that was due before the day of the run."""
        issued = start_of(last_day - timedelta(days=7), self._app.zone) + timedelta(hours=1)
        terms = terms_of(subscription, self._plan, None)
        draft = draft_renewal(self._app, subscription, terms, issued)
        begins = start_of(self._day, self._app.zone)
        offsets = draft.schedule.reminder_days
        told = tuple(offset for offset in offsets if last_day + timedelta(days=offset) < self._day)
        remind_on = next_reminder(self._app, offsets, last_day, begins)
        return replace(draft, reminded=told, remind_on=remind_on)

    def _code(self) -> Charge:
        """Not paid, run out, asked about two hours before the run."""
        asked = start_of(self._day, self._app.zone) - timedelta(hours=1)
        return replace(self._first.charge, status="expired", checked_at=asked, check_at=None)
