"""A breach of an invariant, and how a statement searches for them without loading the tables."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, union_all

from payment_service.kit.statements import Record, Transaction, query

MOST = 100
"""Breaches told of one invariant: with so many, more would say nothing new."""


class Breach(msgspec.Struct, frozen=True):
    """`subject_id` names the row that is not as it must be."""

    invariant: str
    subject_id: str
    sentence: str

    @property
    def line(self) -> str:
        """For people, and for a log."""
        return f"{self.invariant}: {self.subject_id}: {self.sentence}"


class Invariant(NamedTuple):
    """Something that must hold; `breaches` gives where it does not, at most `MOST`."""

    name: str
    breaches: Callable[[Transaction], list[Breach]]


class Found(Record, frozen=True):
    """A row that is not as it must be, in words: what it has, and what it should have."""

    subject_id: str
    seen: str
    wanted: str


def found(subject: ColumnElement[Any], seen: Any = "", wanted: Any = "") -> Select[Any]:
    """What a search gives; where it looks and what it looks for is added by whoever calls."""
    return select(
        subject.label("subject_id"), _words(seen).label("seen"), _words(wanted).label("wanted")
    )


def _words(value: Any) -> ColumnElement[str]:
    if isinstance(value, str):
        return literal(value, Text)
    return func.coalesce(cast(value, Text), "none")


def invariant(name: str, sentence: str, *searches: Select[Any]) -> Invariant:
    """An invariant that searches by statement; its sentence may name `{seen}` and `{wanted}`."""
    every = searches[0] if len(searches) == 1 else select(union_all(*searches).subquery())
    statement = query(every.limit(MOST), Found)

    def breaches(tx: Transaction) -> list[Breach]:
        return [
            Breach(name, one.subject_id, sentence.format(seen=one.seen, wanted=one.wanted))
            for one in tx.all(statement)
        ]

    return Invariant(name, breaches)
