"""Answers remembered under an idempotency key, so that a repeated request changes nothing."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Text, update
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.errors import Invalid
from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
)

answers = table(
    "idempotent_answers",
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Number),
    Column("body", Text),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("app_id", "key"),
    Index(None, "created_at"),
)


@stored_in(answers)
class Answer(Record, frozen=True):
    """`fingerprint` is a hash of method, path and body; `body` is the answer that was given."""

    app_id: str
    key: str
    fingerprint: str
    status: int | None
    body: str | None
    created_at: datetime


ANSWER = query(
    rows_of(Answer).where(answers.c.app_id == param("app_id"), answers.c.key == param("key")),
    Answer,
)
CLAIM = command(
    insert(answers)
    .values(
        app_id=param("app_id"),
        key=param("key"),
        fingerprint=param("fingerprint"),
        created_at=param("now"),
    )
    .on_conflict_do_nothing(index_elements=["app_id", "key"])
)
REMEMBER = command(
    update(answers)
    .where(answers.c.app_id == param("app_id"), answers.c.key == param("key"))
    .values(status=param("status"), body=param("body"))
)


def once(
    tx: Transaction,
    app_id: str,
    key: str,
    fingerprint: str,
    now: datetime,
    work: Callable[[Transaction], tuple[int, bytes]],
) -> tuple[int, bytes, bool]:
    """Status, body, and whether they are a replay. The work runs in this same transaction.

    A second request waits at the unique key until the first has committed, and then sees its
    answer. What the work raises rolls back the claim too, so a retry runs afresh. Raises Invalid
    when the key was used for another request.
    """
    if tx.run(CLAIM, app_id=app_id, key=key, fingerprint=fingerprint, now=now) == 0:
        earlier = tx.one(ANSWER, app_id=app_id, key=key)
        if earlier is None or earlier.fingerprint != fingerprint:
            raise Invalid(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request; make a key for each request.",
            )
        return earlier.status or 200, (earlier.body or "").encode(), True
    status, body = work(tx)
    tx.run(REMEMBER, app_id=app_id, key=key, status=status, body=body.decode())
    return status, body, False
