"""What a page of a subscription's history tells beside its entries: what apps were told, who did
what, and the invoices, codes and payments that it is about."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import select

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Json, Number
from payment_service.kit.statements import (
    Record,
    Statement,
    Transaction,
    param,
    query,
    rows_of,
)
from payment_service.model.admin import ADMINS, Admin
from payment_service.model.audit import AuditEntry, audit_entries
from payment_service.model.charge import Charge, charges
from payment_service.model.event import events
from payment_service.model.history import HistoryEntry, Kind
from payment_service.model.invoice import Invoice
from payment_service.model.invoice_list import INVOICES_LISTED
from payment_service.model.page import of_page
from payment_service.model.payment import Payment, payments
from payment_service.model.plan import plans
from payment_service.model.review import REVIEWS, Review

R = TypeVar("R")


class Body(Record, frozen=True):
    """What an event told apps, as JSON text."""

    id: str
    body: str


class PlanName(Record, frozen=True):
    """What a plan is called."""

    code: str
    name: str


_ids = param("ids", Json(list[str]))
BODIES = query(select(events.c.id, events.c.body).where(in_list(events.c.id, _ids)), Body)
CHARGES_TOLD = query(of_page(rows_of(Charge), charges.c.id), Charge)
PAYMENTS_TOLD = query(of_page(rows_of(Payment), payments.c.id), Payment)
TOLD_BEFORE = query(
    select(events.c.id, events.c.body)
    .where(events.c.subject_id == param("subject_id"), events.c.position < param("position"))
    .order_by(events.c.position.desc())
    .limit(1),
    Body,
)
PLAN_NAMES = query(
    select(plans.c.code, plans.c.name).where(
        plans.c.app_id == param("app_id"), in_list(plans.c.code, param("codes", Json(list[str])))
    ),
    PlanName,
)
DEEDS_TOLD = query(
    rows_of(AuditEntry).where(
        in_list(audit_entries.c.subject_id, _ids),
        audit_entries.c.position.between(param("first", Number), param("last", Number)),
    ),
    AuditEntry,
)


class Told(NamedTuple):
    """An entry with what there is to tell of it. `data` is what apps heard, and of a subscription
    `before` is what they had heard last; `by` is None where a key or a command did the deed."""

    entry: HistoryEntry
    data: dict[str, Any]
    before: dict[str, Any]
    deed: AuditEntry | None
    by: Admin | None
    invoice: Invoice | None
    charge: Charge | None
    payment: Payment | None
    review: Review | None


def tell(tx: Transaction, entries: Sequence[HistoryEntry]) -> list[Told]:
    """In their order, by a handful of statements."""
    bodies = {one.id: _data(one) for one in _of(tx, BODIES, _ids_of(entries, "event"))}
    before = _before(tx, entries, bodies)
    charges_ = {one.id: one for one in _of(tx, CHARGES_TOLD, _ids_of(entries, "code"))}
    moneys = {one.id: one for one in _of(tx, PAYMENTS_TOLD, _ids_of(entries, "payment"))}
    in_doubt = [one.id for one in moneys.values() if one.outcome == "needs_review"]
    reviews = {one.payment_id: one for one in _of(tx, REVIEWS, in_doubt)}
    subjects = {one.subject_id for one in entries if one.subject_id.startswith("inv_")}
    invoices = {one.id: one for one in _of(tx, INVOICES_LISTED, sorted(subjects))}
    deeds = _deeds(tx, [one for one in entries if one.kind == "deed"])
    people = {one.id: one for one in tx.all(ADMINS)} if deeds else {}

    def told(one: HistoryEntry) -> Told:
        deed = deeds.get(one.position) if one.kind == "deed" else None
        return Told(
            one,
            bodies.get(one.id, {}),
            before.get(one.id, {}),
            deed,
            people.get(deed.actor) if deed else None,
            invoices.get(one.subject_id),
            charges_.get(one.id),
            moneys.get(one.id),
            reviews.get(one.id),
        )

    return [told(one) for one in entries]


def plan_names(tx: Transaction, app_id: str, page: Iterable[Told]) -> dict[str, str]:
    """By code, of the plans that the page tells of by their codes."""
    codes: set[str] = set()
    for one in page:
        change = one.data.get("pending_change")
        if change:
            codes.add(change["plan"])
        if one.deed is not None and one.deed.deed == "subscription.change_plan":
            codes.update((one.deed.details["before"], one.deed.details["after"]))
    found = tx.all(PLAN_NAMES, app_id=app_id, codes=sorted(codes)) if codes else ()
    return {one.code: one.name for one in found}


def _before(
    tx: Transaction, entries: Sequence[HistoryEntry], bodies: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What was told of the subscription before each of its events, by the event's id."""
    told = [one for one in entries if one.kind == "event" and one.subject_id.startswith("sub_")]
    told.sort(key=lambda one: one.position)
    if not told:
        return {}
    first = tx.one(TOLD_BEFORE, subject_id=told[0].subject_id, position=told[0].position)
    found = {told[0].id: _data(first)} if first is not None else {}
    return found | {later.id: bodies[earlier.id] for earlier, later in pairwise(told)}


def _data(told: Body) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(told.body)["data"]
    return data


def _ids_of(entries: Iterable[HistoryEntry], kind: Kind) -> list[str]:
    return [one.id for one in entries if one.kind == kind]


def _of(tx: Transaction, statement: Statement[R], ids: list[str]) -> list[R]:
    return tx.all(statement, ids=ids) if ids else []


def _deeds(tx: Transaction, entries: Sequence[HistoryEntry]) -> dict[int, AuditEntry]:
    if not entries:
        return {}
    positions = [one.position for one in entries]
    ids = sorted({one.subject_id for one in entries})
    found = tx.all(DEEDS_TOLD, ids=ids, first=min(positions), last=max(positions))
    return {one.position: one for one in found}
