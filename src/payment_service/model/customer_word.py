"""The words by which a customer is found: of its name, its reference, e-mail and phone number."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Text, delete
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import Word, one_of, table
from payment_service.kit.statements import Record, Transaction, command, param

Kind = Literal["name", "reference", "email", "phone"]
MOST_WORDS = 12
LONGEST = 60
SHORTEST_NUMBER, LONGEST_NUMBER = 8, 15
"""Digits of a phone number as abroad."""

"""Characters; what is longer is found by its beginning."""

customer_words = table(
    "customer_words",
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("word", Word, nullable=False),
    Column("kind", Text, nullable=False),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False),
    PrimaryKeyConstraint("app_id", "word", "kind", "customer_id"),
    one_of("kind", ("name", "reference", "email", "phone")),
    is_its_key=True,
)


class CustomerWord(Record, frozen=True):
    app_id: str
    word: str
    kind: Kind
    customer_id: str


ADD_WORD = command(
    insert(customer_words)
    .values({column.name: param(column.name) for column in customer_words.c})
    .on_conflict_do_nothing()
)
DROP_WORD = command(
    delete(customer_words).where(*(column == param(column.name) for column in customer_words.c))
)


class Named(Record, frozen=True):
    """What words are made of."""

    reference: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None


NOBODY = Named()


def keep_words(tx: Transaction, app_id: str, customer_id: str, before: Named, after: Named) -> None:
    """Whoever writes a customer calls it, so that it is found by what it is called now."""
    had, has = words_of(before), words_of(after)
    keys = {"app_id": app_id, "customer_id": customer_id}
    if gone := had - has:
        tx.run_all(DROP_WORD, [{**keys, "kind": kind, "word": word} for kind, word in gone])
    if new := has - had:
        tx.run_all(ADD_WORD, [{**keys, "kind": kind, "word": word} for kind, word in new])


def add_words(tx: Transaction, new: Iterable[tuple[str, str, Named]]) -> None:
    """Of new customers, each with its app and its id."""
    rows = [
        {"app_id": app_id, "customer_id": customer_id, "kind": kind, "word": word}
        for app_id, customer_id, one in new
        for kind, word in words_of(one)
    ]
    if rows:
        tx.run_all(ADD_WORD, rows)


def words_of(named: Named) -> set[tuple[Kind, str]]:
    found: set[tuple[Kind, str]] = {("name", word) for word in split(named.name or "")}
    whole: list[tuple[Kind, str | None]] = [("reference", named.reference), ("email", named.email)]
    found.update((kind, word) for kind, text in whole if text and (word := folded(text)))
    if named.phone and (digits := international(named.phone)):
        found.add(("phone", digits))
    return found


def split(text: str) -> list[str]:
    """The words of a name, without case and accents, each once."""
    letters = (" " if unicodedata.category(one)[0] in "PZC" else one for one in text)
    words = dict.fromkeys(_bare("".join(letters)).split())
    return [word[:LONGEST] for word in list(words)[:MOST_WORDS]]


def folded(text: str) -> str:
    """The whole as one word."""
    return _bare(text.strip())[:LONGEST]


def international(phone: str) -> str:
    """Digits alone, as abroad: 0812… and +62 812… are both 62812…"""
    digits = re.sub(r"[^0-9]", "", phone)[:LONGEST]
    if digits.startswith("0"):
        return "62" + digits[1:]
    return "62" + digits if digits.startswith("8") else digits


def is_callable(phone: str) -> bool:
    """Whether it is a phone number, as far as its digits tell."""
    return SHORTEST_NUMBER <= len(international(phone)) <= LONGEST_NUMBER


def _bare(text: str) -> str:
    marked = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in marked if unicodedata.category(one) != "Mn")
