"""Answers remembered under an idempotency key, so that a repeated request changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Text,
    delete,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.errors import Conflict, Invalid
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

KEPT = timedelta(hours=72)
TAKEN_OVER_AFTER = timedelta(seconds=60)
"""A request of several steps that has no answer by then died with its process."""
PURGED_AT_ONCE = 1000

answers = table(
    "idempotent_answers",
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Number),
    Column("body", Text),
    Column("sealed_body", Text),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("app_id", "key"),
    Index(None, "created_at"),
)


@stored_in(answers)
class Answer(Record, frozen=True):
    """`fingerprint` is a hash of method, path and body. The answer that was given has its body in
    the open, or sealed where it holds a secret; while the request runs it has no status."""

    app_id: str
    key: str
    fingerprint: str
    status: int | None
    body: str | None
    sealed_body: str | None
    created_at: datetime


class Asked(msgspec.Struct, frozen=True):
    """A request that came with a key, at this instant of the machine's clock."""

    app_id: str
    key: str
    fingerprint: str
    at: datetime


class Given(msgspec.Struct, frozen=True):
    """What is answered: again, where it is a replay."""

    status: int
    body: bytes
    is_replay: bool = False


class Box(msgspec.Struct, frozen=True):
    """How bodies are kept that must not be read in the database."""

    seal: Callable[[str], str]
    open: Callable[[str], str]


_is_this = (answers.c.app_id == param("app_id"), answers.c.key == param("key"))
ANSWER = query(rows_of(Answer).where(*_is_this), Answer)
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
CLAIM_AGAIN = command(
    update(answers)
    .where(*_is_this)
    .values(
        fingerprint=param("new_fingerprint"),
        status=None,
        body=None,
        sealed_body=None,
        created_at=param("now"),
    )
)
REMEMBER = command(
    update(answers)
    .where(*_is_this)
    .values(
        status=param("new_status"), body=param("new_body"), sealed_body=param("new_sealed_body")
    )
)
FORGET_CLAIM = command(delete(answers).where(*_is_this, answers.c.status.is_(None)))
PURGE = command(
    delete(answers).where(
        tuple_(answers.c.app_id, answers.c.key).in_(
            select(answers.c.app_id, answers.c.key)
            .where(answers.c.created_at <= param("until"))
            .order_by(answers.c.created_at)
            .limit(param("limit", Number))
        )
    )
)


def claim(tx: Transaction, asked: Asked) -> Answer | None:
    """The answer that was given; None where the request is ours to do.

    Raises Conflict while it runs elsewhere, Invalid when the key was used for another request.
    """
    if not tx.reserve(f"answer {asked.app_id} {asked.key}"):
        raise in_use()
    mine = {"app_id": asked.app_id, "key": asked.key}
    if tx.run(CLAIM, **mine, fingerprint=asked.fingerprint, now=asked.at):
        return None
    earlier = tx.one(ANSWER, **mine)
    if earlier is None:  # purged in this moment
        raise in_use()
    age = asked.at - earlier.created_at
    if age <= KEPT and earlier.fingerprint != asked.fingerprint:
        raise Invalid(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request; make a key for each request.",
        )
    if age <= KEPT and earlier.status is not None:
        return earlier
    if age < TAKEN_OVER_AFTER:
        raise in_use()
    tx.run(CLAIM_AGAIN, **mine, new_fingerprint=asked.fingerprint, now=asked.at)
    return None


def remember(tx: Transaction, asked: Asked, given: Given, box: Box | None) -> Given:
    """Keep the answer, sealed where there is a box for it."""
    body = given.body.decode()
    tx.run(
        REMEMBER,
        app_id=asked.app_id,
        key=asked.key,
        new_status=given.status,
        new_body=body if box is None else None,
        new_sealed_body=None if box is None else box.seal(body),
    )
    return given


def replay(answer: Answer, box: Box | None) -> Given:
    body = answer.body
    if answer.sealed_body is not None and box is not None:
        body = box.open(answer.sealed_body)
    return Given(answer.status or 200, (body or "").encode(), is_replay=True)


def once(
    tx: Transaction, asked: Asked, box: Box | None, work: Callable[[Transaction], tuple[int, bytes]]
) -> Given:
    """The answer of the work, which runs in this same transaction, or the one given before.

    What the work raises rolls back the claim too, so a retry runs afresh.
    """
    earlier = claim(tx, asked)
    if earlier is not None:
        return replay(earlier, box)
    return remember(tx, asked, Given(*work(tx)), box)


def begin(tx: Transaction, asked: Asked, box: Box | None) -> Given | None:
    """Claim the key for work of several transactions: `remember` or `give_up` is to follow."""
    earlier = claim(tx, asked)
    return None if earlier is None else replay(earlier, box)


def give_up(tx: Transaction, asked: Asked) -> None:
    """What was refused leaves nothing behind."""
    tx.run(FORGET_CLAIM, app_id=asked.app_id, key=asked.key)


def in_use() -> Conflict:
    return Conflict(
        "idempotency_key_in_use",
        "A request with this Idempotency-Key is under way; ask again for its answer.",
        retry_after=1,
    )
