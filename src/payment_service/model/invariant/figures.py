"""What must hold of what is summed up beside the books: daily totals, and the words of search."""

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import cast, func, literal, or_, select, tuple_, union_all

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, Transaction, param, query
from payment_service.model.customer import customers
from payment_service.model.customer_word import CustomerWord, Named, customer_words, words_of
from payment_service.model.daily_total import (
    MONTHLY,
    OF_NO_PLAN,
    daily_revenues,
    daily_standings,
)
from payment_service.model.invariant.breach import MOST, Breach, Invariant, found, invariant
from payment_service.model.invoice import invoices
from payment_service.model.subscription import subscriptions

FOUND_BY_WORDS = "customers_are_found_by_their_words"
AT_ONCE = 1000

_paid = select(
    invoices.c.app_id,
    invoices.c.paid_on.label("day"),
    func.coalesce(invoices.c.plan_id, OF_NO_PLAN).label("plan_id"),
    literal(1, Number).label("invoices"),
    invoices.c.total.label("amount"),
).where(invoices.c.status == "paid")
_summed = select(
    daily_revenues.c.app_id,
    daily_revenues.c.day,
    daily_revenues.c.plan_id,
    (-daily_revenues.c.invoices).label("invoices"),
    (-daily_revenues.c.amount).label("amount"),
)
_revenue = union_all(_paid, _summed).subquery()
_off = cast(func.sum(_revenue.c.amount), Number)

_stand = select(
    subscriptions.c.plan_id,
    subscriptions.c.status,
    literal(1, Number).label("subscriptions"),
    MONTHLY.label("monthly"),
)
_newest_first = func.row_number().over(
    partition_by=(daily_standings.c.plan_id, daily_standings.c.status),
    order_by=daily_standings.c.day.desc(),
)
_ranked = select(*daily_standings.c, _newest_first.label("place")).subquery()
_counted = select(
    _ranked.c.plan_id,
    _ranked.c.status,
    (-_ranked.c.subscriptions).label("subscriptions"),
    (-_ranked.c.monthly).label("monthly"),
).where(_ranked.c.place == 1)
_standing = union_all(_stand, _counted).subquery()
_missing = cast(func.sum(_standing.c.subscriptions), Number)
_missing_monthly = cast(func.sum(_standing.c.monthly), Number)


class _Called(Record, frozen=True):
    id: str
    app_id: str
    reference: str
    name: str | None
    email: str | None
    phone: str | None


_CALLED = query(
    select(*(customers.c[name] for name in _Called.__struct_fields__))
    .where(customers.c.id > param("after"))
    .order_by(customers.c.id)
    .limit(AT_ONCE),
    _Called,
)
_words = customer_words.c
_key = (_words.app_id, _words.word, _words.kind, _words.customer_id)
_WORDS = query(
    select(*_key)
    .where(tuple_(*_key) > tuple_(*(param(column.name, column.type) for column in _key)))
    .order_by(*_key)
    .limit(AT_ONCE),
    CustomerWord,
)


def _unfound(tx: Transaction) -> list[Breach]:
    """Customers that are not found by what they are called, or found by what they are not."""
    known = _prints_of_words(tx)
    broken: list[Breach] = []
    after = ""
    while (page := tx.all(_CALLED, after=after)) and len(broken) < MOST:
        after = page[-1].id
        for one in page:
            wanted = words_of(Named(one.reference, one.name, one.email, one.phone))
            if known.pop(one.id, 0) != _print(wanted):
                sentence = "The search does not find it by what it is called."
                broken.append(Breach(FOUND_BY_WORDS, one.id, sentence))
    return broken[:MOST]


def _prints_of_words(tx: Transaction) -> Counter[str]:
    """Of each customer a number in place of all its words: there are some millions of them."""
    known: Counter[str] = Counter()
    last = CustomerWord("", "", "name", "")
    while page := tx.all(_WORDS, **msgspec.structs.asdict(last)):
        last = page[-1]
        for one in page:
            known[one.customer_id] += _print([(one.kind, one.word)])
    return known


def _print(words: Iterable[tuple[str, str]]) -> int:
    return sum(hash(pair) for pair in words)


INVARIANTS = (
    invariant(
        "daily_revenue_is_what_was_paid",
        "What was paid differs from the daily totals of {wanted} by {seen} rupiah.",
        found(_revenue.c.app_id, _off, _revenue.c.day)
        .group_by(_revenue.c.app_id, _revenue.c.day, _revenue.c.plan_id)
        .having(or_(func.sum(_revenue.c.invoices) != 0, func.sum(_revenue.c.amount) != 0)),
    ),
    invariant(
        "daily_standing_is_how_subscriptions_stand",
        "There are {seen} more subscriptions of this plan that are {wanted} than were counted, or "
        "they bring in another amount.",
        found(_standing.c.plan_id, _missing, _standing.c.status)
        .group_by(_standing.c.plan_id, _standing.c.status)
        .having(or_(_missing != 0, _missing_monthly != 0)),
    ),
    Invariant(FOUND_BY_WORDS, _unfound),
)
