"""The audit log: who did what, when and why, in an order that cannot be changed unseen."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, update
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.crypto import digest
from payment_service.kit.errors import Invalid
from payment_service.kit.schema import Instant, Json, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    command,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.fact import FACT, facts

audit_entries = table(
    "audit_entries",
    Column("position", Number, primary_key=True, autoincrement=False),
    Column("app_id", Text, ForeignKey("apps.id")),
    Column("actor", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("details", Json(dict[str, Any]), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("hash", Text, nullable=False),
    Column("address", Text),
    Column("request_id", Text),
    Index(None, "subject_id", "position"),
    Index(None, "actor", "position"),
)


@stored_in(audit_entries)
class AuditEntry(Record, frozen=True):
    """`actor` is `adm_…`, `key_…` or `command line`; `details` hold what was changed, never names
    of people. A change of a value is told in them as `before` and `after`.

    `created_at` is the machine's time. `hash` covers the entry and the hash before it. `address`
    and `request_id` say where a deed of the dashboard came from.
    """

    position: int
    app_id: str | None
    actor: str
    deed: str
    subject_id: str
    reason: str
    details: dict[str, Any]
    created_at: datetime
    hash: str
    address: str | None
    request_id: str | None


END_OF_LOG = "audit_log"
LOCK_LOG = command(
    insert(facts)
    .values(name=END_OF_LOG, value="")
    .on_conflict_do_update(index_elements=["name"], set_={"value": facts.c.value})
)
"""A row that whoever adds an entry holds. Its value is the hash of the newest: without it nobody
could see that the last entries were cut off."""
SAY_END = command(update(facts).values(value=param("hash")).where(facts.c.name == END_OF_LOG))
LATEST_ENTRY = query(
    rows_of(AuditEntry)
    .where(audit_entries.c.position > 0)
    .order_by(audit_entries.c.position.desc())
    .limit(1),
    AuditEntry,
)
ENTRIES_AFTER = query(
    rows_of(AuditEntry)
    .where(audit_entries.c.position > param("after"))
    .order_by(audit_entries.c.position)
    .limit(param("limit", Number)),
    AuditEntry,
)
ENTRIES_OF_SUBJECT = query(
    rows_of(AuditEntry)
    .where(audit_entries.c.subject_id == param("subject_id"))
    .order_by(audit_entries.c.position),
    AuditEntry,
)


class By(msgspec.Struct, frozen=True):
    """Who does an admin's deed, when by the machine's clock, why, and from where."""

    actor: str
    reason: str
    at: datetime
    address: str | None = None
    request_id: str | None = None


def record(
    tx: Transaction, by: By, app_id: str | None, deed: str, subject_id: str, **details: Any
) -> AuditEntry:
    """Add an entry, before any counter is taken: the lock on the log is held until the commit, so
    that two at once do not take the same position. Raises Invalid without a reason."""
    reason = checked_reason(by)
    tx.run(LOCK_LOG)
    latest = tx.one(LATEST_ENTRY)
    entry = AuditEntry(
        position=latest.position + 1 if latest else 1,
        app_id=app_id,
        actor=by.actor,
        deed=deed,
        subject_id=subject_id,
        reason=reason,
        details=details,
        created_at=by.at,
        hash="",
        address=by.address,
        request_id=by.request_id,
    )
    entry = msgspec.structs.replace(entry, hash=chained(latest.hash if latest else "", entry))
    add(tx, entry)
    tx.run(SAY_END, hash=entry.hash)
    return entry


def checked_reason(by: By) -> str:
    """Raises Invalid; what takes long asks before it begins."""
    reason = by.reason.strip()
    if not 1 <= len(reason) <= 500:
        raise Invalid(
            "reason_missing", "Say why, in 1 to 500 characters: it goes to the audit log."
        )
    return reason


def chained(before: str, entry: AuditEntry) -> str:
    """The hash of this entry after the one with the hash `before`. From where is part of it only
    where it is known: entries from before that was kept stay what they were."""
    content = [
        before,
        entry.position,
        entry.app_id,
        entry.actor,
        entry.deed,
        entry.subject_id,
        entry.reason,
        entry.details,
        entry.created_at.isoformat(timespec="microseconds"),
    ]
    if entry.address is not None or entry.request_id is not None:
        content += [entry.address, entry.request_id]
    return digest(msgspec.json.encode(content, order="deterministic").decode())


def is_the_end(tx: Transaction, newest: str) -> bool:
    """Whether this is the hash of the last entry that was written. A log from before that was kept
    has said none."""
    return (tx.one(FACT, name=END_OF_LOG) or newest) == newest
