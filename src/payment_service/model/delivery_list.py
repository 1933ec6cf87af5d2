"""Deliveries for people: the newest of all endpoints or of some, how the last ones of each endpoint
went, and how many wait or have failed."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ScalarSelect,
    Text,
    UnaryExpression,
    and_,
    asc,
    case,
    desc,
    func,
    literal,
    select,
    true,
    union_all,
)

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Json, Number
from payment_service.kit.statements import Record, Statement, Transaction, param, query, rows_of
from payment_service.model.customer import customers
from payment_service.model.delivery import Shown, Status, deliveries
from payment_service.model.endpoint import Endpoint, endpoints
from payment_service.model.event import EventType, events
from payment_service.model.invoice import invoices
from payment_service.model.listed import Listing
from payment_service.model.page import BothWays, Seen, Walk, given, of_page, walk_of
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions

PULSE = 24
MOST = 1000
"""Of what waits or has failed, counted at each endpoint."""
MOST_EVENTS = 2000
"""Of those that are found by whose they are, the newest."""
NOT_DELIVERED: tuple[Status, ...] = ("queued", "retrying", "failed")

_d, _e = deliveries.c, events.c


class ListedDelivery(Shown, frozen=True):
    """A delivery, what its event is about, and whose that is; no name for a test."""

    subject_id: str
    position: int
    customer: str | None


class Beat(Record, frozen=True):
    """One delivery of an endpoint's pulse."""

    endpoint_id: str
    id: str
    status: Status


class Backlog(Record, frozen=True):
    """What of an endpoint is not delivered, each counted up to 1,000."""

    endpoint_id: str
    queued: int
    retrying: int
    failed: int


def _one(wanted: Any, found_by: Any) -> ScalarSelect[Any]:
    return select(wanted).where(found_by == _e.subject_id).correlate(events).scalar_subquery()


_customer_id = func.coalesce(
    _one(subscriptions.c.customer_id, subscriptions.c.id),
    _one(invoices.c.customer_id, invoices.c.id),
    _one(payments.c.customer_id, payments.c.id),
)
_customer = (
    select(func.coalesce(customers.c.name, customers.c.reference))
    .where(customers.c.id == _customer_id)
    .correlate(events)
    .scalar_subquery()
)
_listed = (
    select(
        *deliveries.c,
        _e.type,
        endpoints.c.paused_until,
        _e.subject_id,
        _e.position,
        _customer.label("customer"),
    )
    .join(events, _e.id == _d.event_id)
    .join(endpoints, endpoints.c.id == _d.endpoint_id)
)
LISTED_DELIVERY = query(_listed.where(_d.id == param("id")), ListedDelivery)
DELIVERIES_SHOWN = query(of_page(_listed, _d.id), ListedDelivery)

_type = select(_e.type).where(_e.id == _d.event_id).scalar_subquery()
_of_endpoint = _d.endpoint_id == param("endpoint_id")
_is_so = and_(_of_endpoint, _d.status == param("status"), _d.status != "delivered")
OF_ENDPOINT = walk_of(deliveries, [_of_endpoint], given(_d.status, "status"), given(_type, "type"))
NOT_DELIVERED_OF = walk_of(deliveries, [_is_so], given(_type, "type"))
OF_EVENT = walk_of(
    deliveries,
    [_d.event_id == param("event_id")],
    given(_d.app_id, "app_id"),
    given(_d.endpoint_id, "endpoint_id"),
    given(_d.status, "status"),
)
OF_ALL = walk_of(
    deliveries,
    [true()],
    given(_d.app_id, "app_id"),
    given(_d.status, "status"),
    given(_type, "type"),
)
SUBJECTS_OF_CUSTOMERS = Statement(
    union_all(
        *(
            select(one.c.id).where(in_list(one.c.customer_id, param("ids", Json(list[str]))))
            for one in (subscriptions, invoices, payments)
        )
    ),
    str,
)
EVENTS_ABOUT = Statement(
    select(_e.id)
    .where(in_list(_e.subject_id, param("ids", Json(list[str]))))
    .order_by(_e.id.desc())
    .limit(MOST_EVENTS),
    str,
)


def _about(towards: Callable[[Any], UnaryExpression[Any]]) -> Statement[Seen]:
    """Deliveries of these events."""
    fits = and_(*(given(_d[one], one) for one in ("app_id", "endpoint_id", "status")))
    # As an expression: else the index of all ids is walked for the sake of its order.
    place = _d.id + literal("", Text)
    return query(
        select(_d.id, case((and_(fits, given(_type, "type")), 1), else_=0).label("fits"))
        .where(
            in_list(_d.event_id, param("event_ids", Json(list[str]))),
            place < param("before"),
            place >= param("floor"),
        )
        .order_by(towards(place))
        .limit(param("window", Number)),
        Seen,
    )


OF_EVENTS = BothWays(_about(desc), _about(asc))

ENDPOINTS = query(
    rows_of(Endpoint).where(endpoints.c.deleted_at.is_(None)).order_by(endpoints.c.id), Endpoint
)
_earlier = deliveries.alias("earlier")
_first_of_pulse = (
    select(_earlier.c.id)
    .where(_earlier.c.endpoint_id == endpoints.c.id)
    .order_by(_earlier.c.id.desc())
    .limit(1)
    .offset(PULSE - 1)
    .scalar_subquery()
)
_these = in_list(endpoints.c.id, param("ids", Json(list[str])))
BEATS = query(
    select(_d.endpoint_id, _d.id, _d.status)
    .select_from(endpoints.join(deliveries, _d.endpoint_id == endpoints.c.id))
    .where(_these, _d.id >= func.coalesce(_first_of_pulse, ""))
    .order_by(_d.id),
    Beat,
)


def _count(status: Status) -> Any:
    some = (
        select(_d.id)
        .where(_d.endpoint_id == endpoints.c.id, _d.status == status, _d.status != "delivered")
        .limit(MOST)
        .correlate(endpoints)
        .subquery(f"all_{status}")
    )
    return select(func.count().cast(Number)).select_from(some).scalar_subquery().label(status)


BACKLOGS = query(
    select(endpoints.c.id.label("endpoint_id"), *(_count(one) for one in NOT_DELIVERED)).where(
        _these
    ),
    Backlog,
)


class DeliveryFilter(NamedTuple):
    """None of each is every one. `endpoint_ids` are those of the app, or the one that is meant."""

    app_id: str | None = None
    endpoint_ids: Sequence[str] | None = None
    status: Status | None = None
    type: EventType | None = None
    event_id: str | None = None
    event_ids: Sequence[str] | None = None


def list_deliveries(wanted: DeliveryFilter, known: Sequence[str]) -> Listing:
    """`known` are the ids of all endpoints. What waits or failed is found by its state at each
    endpoint, the rest by the endpoint, or from the newest of all. No index tells of types: of
    several endpoints they are looked for in one walk, or each would look through thousands."""
    ids = known if wanted.endpoint_ids is None else wanted.endpoint_ids
    fits = {"status": wanted.status, "type": wanted.type}
    if wanted.event_ids is not None:
        walks = [_of_events(wanted, wanted.event_ids)]
    elif wanted.event_id is not None:
        walks = _of_event(wanted, wanted.event_id)
    elif (len(ids) > 1 and wanted.type is not None) or (
        wanted.endpoint_ids is None and wanted.status not in NOT_DELIVERED
    ):
        walks = [_of_all(wanted)]
    elif wanted.status in NOT_DELIVERED:
        walks = [Walk(NOT_DELIVERED_OF, {"endpoint_id": one, **fits}) for one in ids]
    else:
        walks = [Walk(OF_ENDPOINT, {"endpoint_id": one, **fits}) for one in ids]
    return Listing(tuple(walks), DELIVERIES_SHOWN)


def _of_all(wanted: DeliveryFilter) -> Walk:
    fits = {"app_id": wanted.app_id, "status": wanted.status, "type": wanted.type}
    return Walk(OF_ALL, fits)


def events_about(
    tx: Transaction, customer_ids: Sequence[str], subject_ids: Sequence[str]
) -> list[str]:
    """Of what these customers have, and of these things."""
    theirs = tx.all(SUBJECTS_OF_CUSTOMERS, ids=list(customer_ids)) if customer_ids else []
    subjects = [*theirs, *subject_ids]
    return tx.all(EVENTS_ABOUT, ids=subjects) if subjects else []


def _of_events(wanted: DeliveryFilter, event_ids: Sequence[str]) -> Walk:
    ids = wanted.endpoint_ids
    only = None if wanted.app_id is not None or ids is None else (ids[0] if ids else "")
    return Walk(
        OF_EVENTS,
        {
            "event_ids": list(event_ids),
            "app_id": wanted.app_id,
            "endpoint_id": only,
            "status": wanted.status,
            "type": wanted.type,
        },
    )


def _of_event(wanted: DeliveryFilter, event_id: str) -> list[Walk]:
    """To each endpoint that heard it: a handful."""
    ids = wanted.endpoint_ids
    only = {"app_id": wanted.app_id, "endpoint_id": None, "status": wanted.status}
    if wanted.app_id is None and ids is not None:
        only["endpoint_id"] = ids[0] if ids else ""
    return [Walk(OF_EVENT, {"event_id": event_id, **only})]


def beats_of(tx: Transaction, endpoint_ids: Sequence[str]) -> dict[str, list[Beat]]:
    """The pulse of each of these endpoints, the oldest delivery first."""
    beats: dict[str, list[Beat]] = {one: [] for one in endpoint_ids}
    for beat in tx.all(BEATS, ids=list(beats)) if beats else ():
        beats[beat.endpoint_id].append(beat)
    return beats


def backlogs_of(tx: Transaction, endpoint_ids: Sequence[str]) -> dict[str, Backlog]:
    """What of each is not delivered."""
    backlogs = {one: Backlog(one, 0, 0, 0) for one in endpoint_ids}
    found = tx.all(BACKLOGS, ids=list(backlogs)) if backlogs else []
    return backlogs | {one.endpoint_id: one for one in found}
