"""A past for a crowd: names to search by, months of paid invoices, and what was told of some."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import func, select, update

from bench.crowd import Crowd, found
from bench.load import Progress
from bench.stencil import Row, Sink, Stencil
from payment_service.kit.calendar import start_of
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.schema import LocalDate, Number
from payment_service.kit.statements import Record, Transaction, command, param, query, rows_of
from payment_service.model.app import App, app_by_id
from payment_service.model.customer import customers
from payment_service.model.customer_word import Named, add_words
from payment_service.model.daily_rebuild import REVENUES_BOOKED, Totals, put_totals
from payment_service.model.daily_total import MONTHLY, DailyStanding
from payment_service.model.event import Event, events
from payment_service.model.invoice import Invoice, invoices, next_numbers
from payment_service.model.payment import Payment, payments
from payment_service.model.subscription import subscriptions

CHUNK = 5_000
TOLD = 1_000
"""Subscriptions of which apps were told something: to fill all of it would take hours."""
EVENTS_EACH = 24
FIRST = ("Bengkel", "Toko", "Warung", "Kios", "Salon", "Apotek")
SECOND = (
    "Jaya",
    "Maju",
    "Abadi",
    "Sentosa",
    "Makmur",
    "Berkah",
    "Sinar",
    "Mitra",
    "Prima",
    "Karya",
)


class Whose(Record, frozen=True):
    id: str
    customer_id: str
    reference: str


WHOSE = query(
    select(subscriptions.c.id, subscriptions.c.customer_id, customers.c.reference)
    .join(customers, customers.c.id == subscriptions.c.customer_id)
    .where(subscriptions.c.app_id == param("app_id"))
    .order_by(subscriptions.c.id),
    Whose,
)
A_PAID_INVOICE = query(
    rows_of(Invoice)
    .where(invoices.c.app_id == param("app_id"), invoices.c.status == "paid")
    .order_by(invoices.c.id)
    .limit(1),
    Invoice,
)
A_PAYMENT = query(
    rows_of(Payment).where(payments.c.app_id == param("app_id")).order_by(payments.c.id).limit(1),
    Payment,
)
AN_EVENT = query(
    rows_of(Event)
    .where(events.c.app_id == param("app_id"), events.c.type == "subscription.activated")
    .limit(1),
    Event,
)
CALL = command(
    update(customers)
    .where(customers.c.id == param("key"))
    .values(name=param("new_name"), phone=param("new_phone"), email=param("new_email"))
)
STANDING_NOW = query(
    select(
        subscriptions.c.plan_id,
        subscriptions.c.status,
        param("day", LocalDate).label("day"),
        func.count().label("subscriptions"),
        func.sum(MONTHLY).cast(Number).label("monthly"),
    )
    .where(subscriptions.c.app_id == param("app_id"))
    .group_by(subscriptions.c.plan_id, subscriptions.c.status),
    DailyStanding,
)


class Past(NamedTuple):
    """What is there to be looked for."""

    app: App
    whose: list[Whose]
    told: Sequence[Whose]


def fill_past(sink: Sink, crowd: Crowd, months: int, progress: Progress) -> Past:
    """So many paid invoices of each subscription before its last one."""
    app, whose, invoice, payment, event = sink.write(partial(_looked_up, crowd))
    for some in _chunks(whose):
        sink.write(partial(_name, app, some))
    done = 0
    for back in range(months, 0, -1):
        day = crowd.day - timedelta(days=30 * back + 45)
        filler = _Month(sink, app, invoice, payment, day)
        for some in _chunks(whose):
            sink.write(partial(filler.fill, some))
            done += len(some)
            progress(done)
    told = whose[:: max(1, len(whose) // TOLD)]
    sink.write(partial(_tell, sink, told, event))
    sink.write(partial(_sum_up, app, crowd.day))
    return Past(app, whose, told)


def _looked_up(crowd: Crowd, tx: Transaction) -> tuple[App, list[Whose], Invoice, Payment, Event]:
    given = {"app_id": crowd.app_id}
    return (
        app_by_id(tx, crowd.app_id),
        tx.all(WHOSE, **given),
        found(tx.one(A_PAID_INVOICE, **given)),
        found(tx.one(A_PAYMENT, **given)),
        found(tx.one(AN_EVENT, **given)),
    )


def _chunks(whose: Sequence[Whose]) -> Iterator[Sequence[Whose]]:
    for start in range(0, len(whose), CHUNK):
        yield whose[start : start + CHUNK]


def called(reference: str) -> Named:
    """The same every time, and like what shops are called."""
    chance = random.Random(reference)
    number = chance.randrange(10**8)
    name = f"{chance.choice(FIRST)} {chance.choice(SECOND)} {chance.choice(SECOND)} {number % 5000}"
    return Named(reference, name, f"{reference}@toko{number % 97}.example", f"0812{number:08}")


def _name(app: App, some: Sequence[Whose], tx: Transaction) -> None:
    names = [(one.customer_id, called(one.reference)) for one in some]
    tx.run_all(
        CALL,
        [
            {"key": id_, "new_name": one.name, "new_phone": one.phone, "new_email": one.email}
            for id_, one in names
        ],
    )
    add_words(tx, [(app.id, id_, one) for id_, one in names])


class _Month:
    """A month's invoices, each paid on the day of its issue or some days later."""

    def __init__(
        self, sink: Sink, app: App, invoice: Invoice, payment: Payment, first_day: date
    ) -> None:
        self._sink = sink
        self._app = app
        self._day = first_day
        self._stencils = [self._cut(invoice, payment, place) for place in range(28)]
        self._begun = start_of(first_day, app.zone) - timedelta(days=7)
        self._done = 0

    def _cut(self, invoice: Invoice, payment: Payment, place: int) -> tuple[Stencil, Stencil]:
        day = self._day + timedelta(days=place)
        at = start_of(day, self._app.zone) + timedelta(hours=10)
        issued = day - timedelta(days=7)
        paid = replace(
            invoice, kind="renewal", issued_on=issued, due_on=day, paid_on=day, paid_at=at,
            period_start=day + timedelta(days=1), period_end=day + timedelta(days=30),
            created_at=start_of(issued, self._app.zone),
        )  # fmt: skip
        came = replace(payment, charge_id=None, paid_on=day, paid_at=at, created_at=at)
        dialect = self._sink.dialect
        return Stencil(invoices, paid, dialect), Stencil(payments, came, dialect)

    def fill(self, some: Sequence[Whose], tx: Transaction) -> None:
        numbers = next_numbers(tx, self._app, self._day, len(some))
        issued: list[Row] = []
        came: list[Row] = []
        for one, number in zip(some, numbers, strict=True):
            now = self._begun + timedelta(milliseconds=10 * self._done)
            paid, payment = self._stencils[self._done % 28]
            self._done += 1
            invoice = new_id("inv", now)
            issued.append(
                paid.filled(
                    id=invoice, number=number, pay_token=new_token(),
                    customer_id=one.customer_id, subscription_id=one.id,
                )
            )  # fmt: skip
            came.append(
                payment.filled(
                    id=new_id("pay", now + timedelta(days=7)), customer_id=one.customer_id,
                    invoice_id=invoice, reference=new_id("sim", now),
                )
            )  # fmt: skip
        self._sink.insert(invoices, issued)
        self._sink.insert(payments, came)


def _tell(sink: Sink, some: Sequence[Whose], event: Event, _: Transaction) -> None:
    stencils = [
        Stencil(events, replace(event, position=1_000_000 + place), sink.dialect)
        for place in range(len(some) * EVENTS_EACH)
    ]
    begun: datetime = event.created_at - timedelta(days=365)
    rows = [
        stencil.filled(id=new_id("evt", begun), subject_id=some[place % len(some)].id)
        for place, stencil in enumerate(stencils)
    ]
    sink.insert(events, rows)


def _sum_up(app: App, day: date, tx: Transaction) -> None:
    """How they stand today, on every day of a year: as many rows as where each has its own."""
    standings = tx.all(STANDING_NOW, app_id=app.id, day=day)
    days = [day - timedelta(days=back) for back in range(365, -1, -1)]
    history = [replace(one, day=day) for one in standings for day in days]
    put_totals(tx, app, Totals(tx.all(REVENUES_BOOKED, app_id=app.id), history))
