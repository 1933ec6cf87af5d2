"""What must hold of events: every step told once, in order, and on its way to who wants it."""

from typing import Any

from sqlalchemy import Text, and_, cast, func, literal, or_, select

from payment_service.kit.expressions import json_field
from payment_service.kit.schema import Number
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints
from payment_service.model.event import event_counters, events
from payment_service.model.invariant.breach import found, invariant
from payment_service.model.subscription import MOVES, subscriptions

_counted = event_counters.outerjoin(events, events.c.app_id == event_counters.c.app_id)
_highest = func.coalesce(func.max(events.c.position), 0)

_in_order: dict[str, Any] = {
    "partition_by": events.c.subject_id,
    "order_by": events.c.position,
}
_status = json_field(events.c.body, "data", "status")
_steps = (
    select(
        events.c.id,
        events.c.subject_id,
        cast(json_field(events.c.body, "data", "seq"), Number).label("seq"),
        _status.label("status"),
        func.row_number().over(**_in_order).label("place"),
        func.lag(_status).over(**_in_order).label("before"),
        func.lead(events.c.id).over(**_in_order).label("following"),
    )
    .where(events.c.type.like("subscription.%"))
    .subquery()
)
_may_move = or_(
    _steps.c.before.is_(None),
    _steps.c.before == _steps.c.status,
    *(and_(_steps.c.before == at, _steps.c.status.in_(to)) for at, to in MOVES.items()),
)
_latest = subscriptions.outerjoin(
    _steps, and_(_steps.c.subject_id == subscriptions.c.id, _steps.c.following.is_(None))
)

_wants = or_(
    endpoints.c.types.is_(None),
    cast(endpoints.c.types, Text).like(literal('%"') + events.c.type + literal('"%')),
)
_heard_from = and_(
    events.c.app_id == endpoints.c.app_id, events.c.position >= endpoints.c.listens_from
)
_listening = endpoints.join(events, _heard_from).outerjoin(
    deliveries,
    and_(deliveries.c.event_id == events.c.id, deliveries.c.endpoint_id == endpoints.c.id),
)
_is_over = deliveries.c.status.in_(("delivered", "failed"))
_was_delivered = deliveries.c.status == "delivered"

INVARIANTS = (
    invariant(
        "positions_have_no_gap",
        "The app's events and their counter are apart: {seen} and {wanted}.",
        found(
            event_counters.c.app_id,
            cast(func.count(events.c.id), Text) + literal(" up to ") + cast(_highest, Text),
            event_counters.c.last,
        )
        .select_from(_counted)
        .group_by(event_counters.c.app_id, event_counters.c.last)
        .having(
            or_(
                func.count(events.c.id) != event_counters.c.last,
                _highest != event_counters.c.last,
            )
        ),
    ),
    invariant(
        "each_step_is_told_once",
        "An event of it has seq {seen} at place {wanted}.",
        found(_steps.c.subject_id, _steps.c.seq, _steps.c.place).where(
            or_(_steps.c.seq != _steps.c.place, _steps.c.seq.is_(None))
        ),
    ),
    invariant(
        "states_move_as_they_may",
        "An event of it tells a move from {seen} to {wanted}.",
        found(_steps.c.subject_id, _steps.c.before, _steps.c.status).where(~_may_move),
    ),
    invariant(
        "the_latest_event_tells_how_it_stands",
        "It is {seen}; its latest event says {wanted}.",
        found(
            subscriptions.c.id,
            subscriptions.c.status + literal(" ") + cast(subscriptions.c.seq, Text),
            _steps.c.status + literal(" ") + cast(_steps.c.seq, Text),
        )
        .select_from(_latest)
        .where(
            or_(
                _steps.c.id.is_(None),
                _steps.c.seq != subscriptions.c.seq,
                _steps.c.status != subscriptions.c.status,
            )
        ),
    ),
    invariant(
        "each_event_is_on_its_way",
        "No delivery of it was made to the endpoint {seen}.",
        found(events.c.id, endpoints.c.id)
        .select_from(_listening)
        .where(
            endpoints.c.status == "active",
            events.c.type != "endpoint.test",
            _wants,
            deliveries.c.id.is_(None),
        ),
    ),
    invariant(
        "no_delivery_is_stuck",
        "It is {seen}, and its next attempt is {wanted}.",
        found(deliveries.c.id, deliveries.c.status, deliveries.c.next_at).where(
            or_(
                and_(_is_over, deliveries.c.next_at.is_not(None)),
                and_(~_is_over, deliveries.c.next_at.is_(None)),
                and_(_was_delivered, deliveries.c.delivered_at.is_(None)),
                and_(~_was_delivered, deliveries.c.delivered_at.is_not(None)),
            )
        ),
    ),
)
