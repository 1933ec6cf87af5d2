"""What entries of the audit log were done to: its name, whose it is, and which page shows it."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, Text, func, null, select

from payment_service.kit.statements import Record, Statement, Transaction, query
from payment_service.model.alert import alerts
from payment_service.model.app import apps
from payment_service.model.billing_run import billing_runs
from payment_service.model.channel import channels
from payment_service.model.concern import Concern, concerns
from payment_service.model.customer import customers
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints
from payment_service.model.event import events
from payment_service.model.key import api_keys
from payment_service.model.page import of_page
from payment_service.model.plan import plans


class Called(Record, frozen=True):
    """A thing and what people call it; of an endpoint that is its URL, of a delivery the type."""

    id: str
    app_id: str | None
    name: str


class Subject(NamedTuple):
    """`go_to` is the id of the thing whose page tells of it: of a code that is its invoice."""

    name: str
    app_id: str | None
    go_to: str


def _called(of: Table, name: ColumnElement[Any], app: ColumnElement[Any]) -> Statement[Called]:
    rows = select(of.c.id, app.label("app_id"), name.label("name"))
    return query(of_page(rows, of.c.id), Called)


_whole_installation = null().cast(Text)
CALLED: dict[str, Statement[Called]] = {
    "app": _called(apps, apps.c.name, apps.c.id),
    "plan": _called(plans, plans.c.name, plans.c.app_id),
    "cus": _called(
        customers, func.coalesce(customers.c.name, customers.c.reference), customers.c.app_id
    ),
    "key": _called(api_keys, api_keys.c.name, api_keys.c.app_id),
    "ep": _called(endpoints, endpoints.c.url, endpoints.c.app_id),
    "run": _called(billing_runs, billing_runs.c.day.cast(Text), billing_runs.c.app_id),
    "alr": _called(alerts, alerts.c.kind, alerts.c.app_id),
    "alc": _called(channels, channels.c.name, _whole_installation),
    "dlv": query(
        of_page(
            select(deliveries.c.id, deliveries.c.app_id, events.c.type.label("name")).join_from(
                deliveries, events, events.c.id == deliveries.c.event_id
            ),
            deliveries.c.id,
        ),
        Called,
    ),
}
"""By what an id begins with."""


def subjects(tx: Transaction, ids: Collection[str]) -> dict[str, Subject]:
    """By id, of what is there; one statement for each kind."""
    found = {key: _concerned(one) for key, one in concerns(tx, ids).items()}
    for prefix, statement in CALLED.items():
        wanted = [one for one in ids if one.startswith(f"{prefix}_")]
        if wanted:
            rows = tx.all(statement, ids=wanted)
            found |= {one.id: Subject(one.name, one.app_id, one.id) for one in rows}
    return found


def _concerned(one: Concern) -> Subject:
    whose = one.name or one.reference
    name = f"{one.number} · {whose}" if one.number else whose
    is_code = one.id.startswith("chg_")
    return Subject(name, one.app_id, one.invoice_id or one.id if is_code else one.id)
