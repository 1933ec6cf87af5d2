"""The audit log: who did what, when and from where; for people, and as CSV."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from payment_service.kit.csv_cells import csv_lines
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMINS, Admin
from payment_service.model.audit import AuditEntry
from payment_service.model.audit_list import (
    AT_ONCE,
    END,
    NEWEST_POSITION,
    Wanted,
    entries,
    newest_links_hold,
)
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.download import download, show_download

ON_A_PAGE = 25
LINKS_LOOKED_AT = 500
DAYS = {"7": 7, "30": 30, "90": 90}
KINDS = ("sign_in", "step_up", "session", "factor", "admin", "app", "plan", "subscription",
         "invoice", "review", "credit", "customer", "list", "key", "endpoint", "delivery",
         "channel", "signing_key", "alert", "run", "refused")  # fmt: skip
COLUMNS = ("position", "time", "actor", "name", "deed", "subject", "reason", "details", "address",
           "request", "hash")  # fmt: skip


class Found(msgspec.Struct, frozen=True):
    rows: list[AuditEntry]
    has_more: bool
    newest: int
    people: dict[str, Admin]
    is_whole: bool


async def show_audit(ask: Ask) -> Response:
    before = ask.query.get("before", "")
    at = int(before) if before.isdecimal() and len(before) < 16 else END
    found = await ask.read(_found, wanted_in(ask), at)
    return ask.page("audit.html", found=found, kinds=KINDS, at=at, first=at == END)


async def show_export(ask: Ask) -> Response:
    return show_download(ask, {})


async def export_audit(ask: Ask) -> Response:
    return await download(ask, _lines(ask, wanted_in(ask)))


def wanted_in(ask: Ask) -> Wanted:
    """The filters as they stand in the address; what is no filter is passed over."""
    given = {name: ask.query.get(name, "").strip() for name in ("who", "what", "about", "days")}
    days = DAYS.get(given["days"])
    return Wanted(
        actor=given["who"] or None,
        subject=given["about"] or None,
        deeds=given["what"] if given["what"] in KINDS else None,
        since=ask.now - timedelta(days=days) if days else None,
    )


def _found(tx: Transaction, wanted: Wanted, before: int) -> Found:
    rows = entries(tx, wanted, before, ON_A_PAGE + 1)
    return Found(
        rows[:ON_A_PAGE],
        len(rows) > ON_A_PAGE,
        tx.one(NEWEST_POSITION) or 0,
        _people(tx),
        newest_links_hold(tx, LINKS_LOOKED_AT),
    )


def _people(tx: Transaction) -> dict[str, Admin]:
    return {admin.id: admin for admin in tx.all(ADMINS)}


async def _lines(ask: Ask, wanted: Wanted) -> AsyncIterator[bytes]:
    """A handful of rows at a time, so that nobody waits for a long log."""
    people = await ask.read(_people)
    yield csv_lines([COLUMNS])
    before = END
    while rows := await ask.read(entries, wanted, before, AT_ONCE):
        yield csv_lines(_cells(row, people) for row in rows)
        before = rows[-1].position


def _cells(row: AuditEntry, people: dict[str, Admin]) -> tuple[Any, ...]:
    details = msgspec.json.encode(row.details, order="deterministic").decode()
    name = people[row.actor].name if row.actor in people else ""
    at = row.created_at.isoformat(timespec="seconds")
    return (
        row.position, at, row.actor, name, row.deed, row.subject_id, row.reason, details,
        row.address, row.request_id, row.hash,
    )  # fmt: skip
