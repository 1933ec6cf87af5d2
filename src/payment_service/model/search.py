"""Search: what an owner types, found among customers, invoices, codes and payments by an index."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, Select, Text, func, literal, null, select

from payment_service.kit.schema import Number, Word
from payment_service.kit.statements import (
    Record,
    Statement,
    Transaction,
    param,
    query,
    value,
)
from payment_service.model.app import APPS, App
from payment_service.model.charge import charges
from payment_service.model.customer import customers
from payment_service.model.customer_word import customer_words, folded, international, split
from payment_service.model.invoice import invoice_counters, invoices
from payment_service.model.payment import MANUAL, payments
from payment_service.model.subscription import subscriptions

Kind = Literal["customer", "subscription", "invoice", "charge", "payment"]
By = Literal["name", "reference", "email", "phone", "number", "order", "gateway_reference", "id"]
MOST = 20
"""Of what is shown; whoever finds that many types more."""
SHORTEST, LONGEST = 2, 200
SHORTEST_PHONE = 5
CANDIDATES = 500
"""Customers that are looked at one by one when several words are given."""
GATEWAYS = ("pakasir", "simulator", MANUAL)


class Hit(Record, frozen=True):
    """What was found, by which of its names, and that name as it is stored.

    Whose it is stands beside it; of a customer `subscription_id` is the latest.
    """

    kind: Kind
    id: str
    app_id: str
    by: By
    text: str
    customer_id: str
    reference: str
    name: str | None
    subscription_id: str | None
    invoice_id: str | None


class Counted(Record, frozen=True):
    """How many invoices an app has numbered in a year."""

    year: int
    last: int


_app = param("app_id")
_latest = (
    select(subscriptions.c.id)
    .where(subscriptions.c.customer_id == customers.c.id)
    .order_by(subscriptions.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_nothing = null().cast(Text)


def _hits(
    kind: Kind,
    by: By | ColumnElement[Any],
    found: FromClause,
    text: ColumnElement[Any],
    *,
    subscription: ColumnElement[Any] = invoices.c.subscription_id,
    invoice: ColumnElement[Any] = invoices.c.id,
) -> Select[Any]:
    table = {
        "customer": customers,
        "subscription": subscriptions,
        "invoice": invoices,
        "charge": charges,
        "payment": payments,
    }[kind]
    return select(
        literal(kind).label("kind"),
        table.c.id,
        table.c.app_id,
        (literal(by) if isinstance(by, str) else by).label("by"),
        text.label("text"),
        customers.c.id.label("customer_id"),
        customers.c.reference,
        customers.c.name,
        subscription.label("subscription_id"),
        invoice.label("invoice_id"),
    ).select_from(found)


_word = customer_words.c.word
_begins = (
    customer_words.c.app_id == _app,
    _word >= param("word", Word),
    _word < param("end", Word),
)
CUSTOMERS_BY_WORD = query(
    _hits(
        "customer",
        customer_words.c.kind,
        customer_words.join(customers, customers.c.id == customer_words.c.customer_id),
        _word,
        subscription=_latest,
        invoice=_nothing,
    )
    .where(*_begins)
    .order_by(_word, customer_words.c.kind, customer_words.c.customer_id)
    .limit(param("limit", Number)),
    Hit,
)
COUNT_BY_WORD = value(
    select(func.count()).select_from(
        select(literal(1).label("one"))
        .select_from(customer_words)
        .where(*_begins)
        .limit(CANDIDATES)
        .subquery()
    ),
    int,
)
COUNTERS_OF_APP = query(
    select(invoice_counters.c.year, invoice_counters.c.last)
    .where(invoice_counters.c.app_id == _app)
    .order_by(invoice_counters.c.year.desc()),
    Counted,
)
_of_invoices = invoices.join(customers, customers.c.id == invoices.c.customer_id)
_of_charges = charges.join(invoices, invoices.c.id == charges.c.invoice_id).join(
    customers, customers.c.id == invoices.c.customer_id
)
_of_payments = payments.join(invoices, invoices.c.id == payments.c.invoice_id).join(
    customers, customers.c.id == invoices.c.customer_id
)
INVOICE_NUMBERED = query(
    _hits("invoice", "number", _of_invoices, invoices.c.number).where(
        invoices.c.app_id == _app, invoices.c.number == param("number")
    ),
    Hit,
)
_spellings = [param(name, Text) for name in ("typed", "lower", "upper")]
CHARGES_ORDERED = query(
    _hits("charge", "order", _of_charges, charges.c.order_id).where(
        charges.c.app_id == _app,
        charges.c.order_id.in_(_spellings),
        charges.c.order_id.is_not(None),
    ),
    Hit,
)
"""Of another system; our own order is the charge's id."""
CHARGES_REFERRED_TO = query(
    _hits("charge", "gateway_reference", _of_charges, charges.c.reference).where(
        charges.c.app_id == _app, charges.c.reference.in_(_spellings)
    ),
    Hit,
)
PAYMENTS_REFERRED_TO = query(
    _hits("payment", "gateway_reference", _of_payments, payments.c.reference).where(
        payments.c.app_id == _app,
        payments.c.gateway.in_(GATEWAYS),
        payments.c.reference.in_(_spellings),
    ),
    Hit,
)


def _by_id(kind: Kind, found: FromClause, id_column: Any, **changes: Any) -> Statement[Hit]:
    by: By = "order" if kind == "charge" else "id"
    return query(
        _hits(kind, by, found, id_column, **changes)
        .where(id_column.between(param("first"), param("last")))
        .order_by(id_column.desc())
        .limit(MOST),
        Hit,
    )


CUSTOMERS_BY_ID = _by_id(
    "customer", customers, customers.c.id, subscription=_latest, invoice=_nothing
)
SUBSCRIPTIONS_BY_ID = _by_id(
    "subscription",
    subscriptions.join(customers, customers.c.id == subscriptions.c.customer_id),
    subscriptions.c.id,
    subscription=subscriptions.c.id,
    invoice=_nothing,
)
INVOICES_BY_ID = _by_id("invoice", _of_invoices, invoices.c.id)
CHARGES_BY_ID = _by_id("charge", _of_charges, charges.c.id)
PAYMENTS_BY_ID = _by_id("payment", _of_payments, payments.c.id)
BY_ID = {
    "cus": CUSTOMERS_BY_ID,
    "sub": SUBSCRIPTIONS_BY_ID,
    "inv": INVOICES_BY_ID,
    "chg": CHARGES_BY_ID,
    "pay": PAYMENTS_BY_ID,
}
ID = re.compile(rf"({'|'.join(BY_ID)})_[0-9a-z]{{3,26}}", re.IGNORECASE)
ID_LENGTH = 30
NUMBER = re.compile(r"(?:([A-Z0-9]{1,10})-)?(?:([0-9]{4})-)?([0-9]{1,9})")
YEAR = re.compile(r"20[0-9]{2}")
DIGITS = 6
PHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]*")


def search(tx: Transaction, text: str, app_id: str | None = None, most: int = MOST) -> list[Hit]:
    """What begins like this, in all apps or in one, each thing once; the surest first.

    Case does not matter. Phone numbers may be written in any way, invoice numbers cut short, and of
    several words each must begin a word of the name.
    """
    text = " ".join("".join(one for one in text if one.isprintable() or one == "\t").split())
    text = text[:LONGEST]
    if len(text) < SHORTEST:
        return []
    apps = [app for app in tx.all(APPS) if app_id in (None, app.id)]
    found: dict[tuple[str, str], Hit] = {}
    for hit in islice(_found(tx, text, apps), 4 * most):
        if hit.app_id in {app.id for app in apps}:
            found.setdefault((hit.kind, hit.id), hit)
        if len(found) >= most:
            break
    return list(found.values())


def _found(tx: Transaction, text: str, apps: Sequence[App]) -> Iterator[Hit]:
    if ID.fullmatch(text):
        begins = text.lower()
        yield from tx.all(BY_ID[begins[:3]], first=begins, last=begins.ljust(ID_LENGTH, "z"))
    spellings = {"typed": text, "lower": text.lower(), "upper": text.upper()}
    for app in apps:
        yield from _numbered(tx, text.upper(), app)
    for app in apps:
        for statement in (CHARGES_ORDERED, PAYMENTS_REFERRED_TO, CHARGES_REFERRED_TO):
            yield from tx.all(statement, app_id=app.id, **spellings)
    if PHONE.fullmatch(text) and len(digits := international(text)) >= SHORTEST_PHONE:
        yield from _with_word(tx, apps, digits, ("phone",))
    yield from _with_word(tx, apps, folded(text), ("reference", "email"))
    yield from _called(tx, apps, split(text))


def _with_word(
    tx: Transaction, apps: Sequence[App], word: str, kinds: Sequence[By]
) -> Iterator[Hit]:
    for app in apps if word else ():
        hits = tx.all(CUSTOMERS_BY_WORD, app_id=app.id, limit=MOST, **_beginning(word))
        yield from (hit for hit in hits if hit.by in kinds)


def _called(tx: Transaction, apps: Sequence[App], words: Sequence[str]) -> Iterator[Hit]:
    """Those with a name in which each of the words begins one: looked up by the rarest."""
    for app in apps if words else ():
        given = {"app_id": app.id}
        counts = {one: tx.one(COUNT_BY_WORD, **given, **_beginning(one)) or 0 for one in words}
        rarest = min(words, key=lambda one: (counts[one], -len(one)))
        limit = CANDIDATES if len(words) > 1 else 2 * MOST
        for hit in tx.all(CUSTOMERS_BY_WORD, limit=limit, **given, **_beginning(rarest)):
            names = split(hit.name or "")
            if hit.by == "name" and all(_is_begun(names, word) for word in words):
                yield hit


def _is_begun(names: Sequence[str], word: str) -> bool:
    return any(name.startswith(word) for name in names)


def _beginning(word: str) -> dict[str, str]:
    """From the word itself up to whatever begins with it."""
    return {"word": word, "end": word + "\U0010ffff"}


def _numbered(tx: Transaction, text: str, app: App) -> Iterator[Hit]:
    """Invoices of that number: `BB-2026-000123`, the same cut short, `2026-123`, or `123`."""
    match = NUMBER.fullmatch(text)
    if match is None:
        return
    prefix, year, digits = match.groups()
    if year is None and prefix != app.invoice_prefix and YEAR.fullmatch(prefix or ""):
        prefix, year = None, prefix
    if prefix not in (None, app.invoice_prefix):
        return
    for counted in tx.all(COUNTERS_OF_APP, app_id=app.id):
        if year in (None, str(counted.year)):
            for number in _numbers(digits, counted.last, is_begun=year is not None):
                whole = f"{app.invoice_prefix}-{counted.year}-{number:0{DIGITS}d}"
                yield from tx.all(INVOICE_NUMBERED, app_id=app.id, number=whole)


def _numbers(digits: str, last: int, *, is_begun: bool) -> list[int]:
    """The number itself; where the year stands before it also those that begin so, newest first."""
    found = [int(digits)] if 1 <= int(digits) <= last else []
    if is_begun and len(digits) < DIGITS:
        step = 10 ** (DIGITS - len(digits))
        first = int(digits) * step
        newest = min(first + step - 1, last)
        found += range(newest, max(first, newest - MOST, 1) - 1, -1)
    return list(dict.fromkeys(found))
