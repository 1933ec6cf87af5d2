"""What needs the owner: open alerts, payments in doubt, endpoints that fail and billing that stands
still, each with where to go for it. Words are the pages' own: here are kinds and subjects."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

from sqlalchemy import select

from payment_service.kit.calendar import start_of
from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, Transaction, param, query
from payment_service.model.alert import Kind, alerts
from payment_service.model.app import APPS, App
from payment_service.model.billing_run import RUN_AT, unbilled_since
from payment_service.model.endpoint import endpoints
from payment_service.model.page import of_page
from payment_service.model.review import ATTENTION, Attention

Place = Literal["review", "subscription", "invoice", "charge", "endpoint", "app"]
SHOWN = 100
MOST = 1000
IN_A_ROW = 3
"""Failures after which an endpoint is one that fails."""
PLACES: dict[str, Place] = {
    "pay": "review",
    "sub": "subscription",
    "inv": "invoice",
    "chg": "charge",
    "ep": "endpoint",
    "app": "app",
}
"""By what the subject's id begins with."""


class OpenAlert(Record, frozen=True):
    """What is shown of an alert."""

    id: str
    app_id: str | None
    kind: str
    subject_id: str
    message: str
    raised_at: datetime
    seen_at: datetime | None


class FailingEndpoint(Record, frozen=True):
    """`since` is when the first of its failures in a row was, or None where it was turned off."""

    id: str
    app_id: str
    url: str
    status: str
    off_reason: str | None
    failures: int
    since: datetime | None


class Address(Record, frozen=True):
    """Where an endpoint is."""

    id: str
    url: str


class Matter(NamedTuple):
    """One thing that needs the owner. `kind` is an alert's, a payment's doubt, an endpoint's state
    or `billing_missed`; `go_to` says which page is about `subject_id`."""

    kind: str
    subject_id: str
    app_id: str | None
    since: datetime | None
    go_to: Place | None
    alert_id: str | None = None
    is_seen: bool = False
    amount: int | None = None
    customer: str | None = None
    invoice: str | None = None
    text: str = ""


class Matters(NamedTuple):
    """The oldest first, and how many there are in all, counted up to a thousand alerts."""

    shown: Sequence[Matter]
    total: int


_kinds = [kind for kind in get_args(Kind) if kind != "payment_needs_review"]
_open = (alerts.c.kind.in_(_kinds), alerts.c.cleared_at.is_(None))
OPEN_ALERTS_SHOWN = query(
    select(*(alerts.c[name] for name in OpenAlert.__struct_fields__))
    .where(*_open)
    .order_by(alerts.c.id)
    .limit(param("limit", Number)),
    OpenAlert,
)
FAILING_ENDPOINTS = query(
    select(
        endpoints.c.id,
        endpoints.c.app_id,
        endpoints.c.url,
        endpoints.c.status,
        endpoints.c.off_reason,
        endpoints.c.failures,
        endpoints.c.failing_since.label("since"),
    )
    .where(endpoints.c.failing_since.is_not(None), endpoints.c.failures >= IN_A_ROW)
    .order_by(endpoints.c.failing_since),
    FailingEndpoint,
)
ADDRESSES = query(of_page(select(endpoints.c.id, endpoints.c.url), endpoints.c.id), Address)


def attention(tx: Transaction, now: datetime, app_id: str | None = None) -> Matters:
    """Of all apps, or of one and what concerns the installation."""
    missed = [found for app in tx.all(APPS) if (found := _of_missed(tx, app, now)) is not None]
    doubts = [_of_doubt(one) for one in tx.all(ATTENTION) if one.id.startswith("pay_")]
    raised = [_of_alert(one) for one in tx.all(OPEN_ALERTS_SHOWN, limit=MOST)]
    told = {matter.subject_id for matter in raised}
    failing = [_of_endpoint(one) for one in tx.all(FAILING_ENDPOINTS) if one.id not in told]
    every = [
        matter
        for matter in (*missed, *doubts, *raised, *failing)
        if app_id is None or matter.app_id in (None, app_id)
    ]
    every.sort(key=lambda matter: (matter.since is None, matter.since))
    return Matters(every[:SHOWN], len(every))


def _of_doubt(one: Attention) -> Matter:
    return Matter(
        one.what, one.id, one.app_id, one.since, "review",
        amount=one.amount, customer=one.customer, invoice=one.invoice, text=one.message,
    )  # fmt: skip


def _of_missed(tx: Transaction, app: App, now: datetime) -> Matter | None:
    day = unbilled_since(tx, app, now)
    if day is None:
        return None
    since = start_of(day, app.zone) + RUN_AT - timedelta(seconds=app.clock_offset)
    return Matter("billing_missed", app.id, app.id, since, None)


def _of_alert(one: OpenAlert) -> Matter:
    go_to = PLACES.get(one.subject_id.partition("_")[0])
    return Matter(
        one.kind, one.subject_id, one.app_id, one.raised_at, go_to,
        alert_id=one.id, is_seen=one.seen_at is not None, text=one.message,
    )  # fmt: skip


def _of_endpoint(one: FailingEndpoint) -> Matter:
    kind = "endpoint_off" if one.status == "off" else "endpoint_failing"
    return Matter(kind, one.id, one.app_id, one.since, "endpoint", text=one.url)
