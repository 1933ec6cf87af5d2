"""The audit log: who did what, when and from where; for people, and as CSV."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response

from payment_service.kit.csv_cells import csv_lines
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMINS, Admin
from payment_service.model.alert import Kind
from payment_service.model.alert_words import WORDS
from payment_service.model.app import APPS
from payment_service.model.audit import AuditEntry
from payment_service.model.audit_list import (
    AT_ONCE,
    END,
    Wanted,
    entries,
    newer_page,
    newest_links_hold,
)
from payment_service.model.audit_subject import subjects
from payment_service.model.search import search
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.download import download, show_download

ON_A_PAGE = 25
LINKS_LOOKED_AT = 500
DAYS = {"7": 7, "30": 30, "90": 90}
KINDS = ("sign_in", "step_up", "session", "factor", "admin", "app", "plan", "subscription",
         "invoice", "review", "credit", "money", "customer", "list", "key", "endpoint", "delivery",
         "channel", "signing_key", "alert", "run", "refused")  # fmt: skip
MOST_SUBJECTS = 50
PAGES = {
    "app": "apps", "plan": "plans", "cus": "customers", "sub": "subscriptions", "inv": "invoices",
    "pay": "payments", "ep": "webhooks", "dlv": "deliveries",
}  # fmt: skip
"""The noun of the page that is about it, by what its id begins with."""
COLUMNS = ("position", "time", "actor", "name", "deed", "subject", "reason", "details", "address",
           "request", "hash")  # fmt: skip


class Told(NamedTuple):
    """An entry and what it was done to: its name, None where that is gone or it was the actor
    himself; `app` is whose it is; `place` and `leads_to` are its page, in the table and as an
    address, or empty."""

    entry: AuditEntry
    subject: str | None
    app: str | None
    place: str
    leads_to: str


class Found(NamedTuple):
    """`newer` and `older` are the addresses of the pages beside this one, or empty. `end` is the
    end of the newest entry's hash."""

    rows: Sequence[Told]
    newer: str
    older: str
    newest: int
    end: str
    people: dict[str, Admin]
    is_whole: bool


async def show_audit(ask: Ask) -> Response:
    before = ask.query.get("before", "")
    at = int(before) if before.isdecimal() and len(before) < 16 else END
    found = await ask.read(_found, ask, at)
    return ask.page("audit.html", found=found, kinds=KINDS, is_narrowed=is_narrowed(ask))


async def show_export(ask: Ask) -> Response:
    return show_download(ask, {})


async def export_audit(ask: Ask) -> Response:
    return await download(ask, _lines(ask, await ask.read(wanted_in, ask)))


def is_narrowed(ask: Ask) -> bool:
    return any(ask.query.get(name) for name in ("who", "what", "about", "days"))


def wanted_in(tx: Transaction, ask: Ask) -> Wanted:
    """The filters as they stand in the address; what is no filter is passed over."""
    given = {name: ask.query.get(name, "").strip() for name in ("who", "what", "about", "days")}
    days = DAYS.get(given["days"])
    return Wanted(
        actor=given["who"] or None,
        subjects=_meant(tx, given["about"]) if given["about"] else None,
        deeds=given["what"] if given["what"] in KINDS else None,
        since=ask.now - timedelta(days=days) if days else None,
    )


def _meant(tx: Transaction, text: str) -> tuple[str, ...]:
    """The id itself, or all that the search finds by that name or number, and what hangs on it."""
    found = [text]
    for hit in search(tx, text):
        found += filter(None, (hit.id, hit.customer_id, hit.subscription_id, hit.invoice_id))
    return tuple(dict.fromkeys(found))[:MOST_SUBJECTS]


def _found(tx: Transaction, ask: Ask, before: int) -> Found:
    wanted = wanted_in(tx, ask)
    rows = entries(tx, wanted, before, ON_A_PAGE + 1)
    shown = rows[:ON_A_PAGE]
    people = _people(tx)
    newest = entries(tx, Wanted(), END, 1)
    return Found(
        _told(tx, ask, shown, people),
        "" if before == END else _page_from(ask, newer_page(tx, wanted, before, ON_A_PAGE)),
        _page_from(ask, shown[-1].position) if len(rows) > ON_A_PAGE else "",
        newest[0].position if newest else 0,
        newest[0].hash[-8:] if newest else "",
        people,
        newest_links_hold(tx, LINKS_LOOKED_AT),
    )


def _page_from(ask: Ask, before: int) -> str:
    return ask.here(before=None if before == END else str(before))


def _told(
    tx: Transaction, ask: Ask, rows: Sequence[AuditEntry], people: Mapping[str, Admin]
) -> list[Told]:
    known = subjects(tx, {row.subject_id for row in rows})
    apps = {app.id: app.name for app in tx.all(APPS)}
    told = []
    for row in rows:
        subject = known.get(row.subject_id)
        if subject is None:
            person = people.get(row.subject_id) if row.subject_id != row.actor else None
            told.append(Told(row, person.name if person else None, None, "", ""))
            continue
        noun = PAGES.get(subject.go_to.partition("_")[0])
        place = f"{PREFIX}/{noun}/{{id}}" if noun else ""
        app = apps.get(subject.app_id or "") if subject.go_to != subject.app_id else None
        name = _name(row.subject_id, subject.name, ask)
        told.append(Told(row, name, app, place, place.replace("{id}", subject.go_to)))
    return told


def _name(subject_id: str, name: str, ask: Ask) -> str:
    """Of an endpoint its host, and of an alert what it is called."""
    if subject_id.startswith("ep_"):
        return urlsplit(name).hostname or name
    if subject_id.startswith("alr_"):
        words = WORDS[cast(Kind, name)]
        return words.indonesian if ask.language == "id" else words.english
    return name


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
