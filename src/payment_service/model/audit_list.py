"""The audit log as people look through it: newest first, by who, what, and what it was done to."""

from datetime import datetime
from itertools import chain, combinations, pairwise

import msgspec
from sqlalchemy import func, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Statement, Transaction, param, query, rows_of, value
from payment_service.model.audit import AuditEntry, audit_entries, chained

_columns = audit_entries.c
FILTERS = {
    "actor": _columns.actor == param("actor"),
    "subject": _columns.subject_id == param("subject"),
    "deeds": _columns.deed.like(param("deeds")),
    "since": _columns.created_at >= param("since"),
}
LISTS: dict[frozenset[str], Statement[AuditEntry]] = {
    frozenset(names): query(
        rows_of(AuditEntry)
        .where(_columns.position < param("before", Number), *(FILTERS[name] for name in names))
        .order_by(_columns.position.desc())
        .limit(param("limit", Number)),
        AuditEntry,
    )
    for names in chain.from_iterable(combinations(FILTERS, count) for count in range(5))
}
NEWEST_POSITION = value(
    select(func.coalesce(func.max(_columns.position), 0)).where(_columns.position > 0), int
)
END = 2**62
AT_ONCE = 500


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is looked for; what is None is not asked. `deeds` is the first word of a deed."""

    actor: str | None = None
    subject: str | None = None
    deeds: str | None = None
    since: datetime | None = None


def entries(tx: Transaction, wanted: Wanted, before: int, limit: int) -> list[AuditEntry]:
    """Those older than position `before`."""
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value}
    if "deeds" in given:
        given["deeds"] = f"{given['deeds']}%"
    return tx.all(LISTS[frozenset(given)], **given, before=before, limit=limit)


def newest_links_hold(tx: Transaction, count: int) -> bool:
    """Whether each of the newest entries is what was written after the one before it."""
    newest = entries(tx, Wanted(), END, count + 1)
    return all(
        later.position == earlier.position + 1 and later.hash == chained(earlier.hash, later)
        for later, earlier in pairwise(newest)
    )
