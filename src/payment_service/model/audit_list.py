"""The audit log as people look through it: newest first, by who, what, and what it was done to."""

from datetime import datetime
from itertools import chain, combinations, pairwise
from typing import Any

import msgspec
from sqlalchemy import select

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Json, Number
from payment_service.kit.statements import Statement, Transaction, param, query, rows_of, value
from payment_service.model.audit import AuditEntry, audit_entries, chained, is_the_end

_columns = audit_entries.c
FILTERS = {
    "actor": _columns.actor == param("actor"),
    "subjects": in_list(_columns.subject_id, param("subjects", Json(list[str]))),
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
NEWER: dict[frozenset[str], Statement[int]] = {
    names: value(
        select(_columns.position)
        .where(_columns.position >= param("before", Number), *(FILTERS[name] for name in names))
        .order_by(_columns.position)
        .limit(param("limit", Number)),
        int,
    )
    for names in LISTS
}
END = 2**62
AT_ONCE = 500


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is looked for; what is None is not asked. `deeds` is the first word of a deed."""

    actor: str | None = None
    subjects: tuple[str, ...] | None = None
    deeds: str | None = None
    since: datetime | None = None


def entries(tx: Transaction, wanted: Wanted, before: int, limit: int) -> list[AuditEntry]:
    """Those older than position `before`."""
    given = _given(wanted)
    return tx.all(LISTS[frozenset(given)], **given, before=before, limit=limit)


def newer_page(tx: Transaction, wanted: Wanted, before: int, limit: int) -> int:
    """The `before` of the page that lies before the one of this `before`."""
    given = _given(wanted)
    newer = tx.all(NEWER[frozenset(given)], **given, before=before, limit=limit + 1)
    return newer[limit] if len(newer) > limit else END


def _given(wanted: Wanted) -> dict[str, Any]:
    every = msgspec.structs.asdict(wanted)
    given = {name: value for name, value in every.items() if value is not None}
    if "deeds" in given:
        given["deeds"] = f"{given['deeds']}%"
    return given


def newest_links_hold(tx: Transaction, count: int) -> bool:
    """Whether each of the newest entries is what was written after the one before it, and the last
    one is the last that was written."""
    newest = entries(tx, Wanted(), END, count + 1)
    return is_the_end(tx, newest[0].hash if newest else "") and all(
        later.position == earlier.position + 1 and later.hash == chained(earlier.hash, later)
        for later, earlier in pairwise(newest)
    )
