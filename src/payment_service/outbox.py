"""The one door by which apps hear of anything: events and their deliveries, in the caller's
transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add_all
from payment_service.model.delivery import ENDPOINTS_OF_APP, Delivery
from payment_service.model.event import Event, EventType, take_positions


class News(NamedTuple):
    """One thing to announce: `data` is a resource, `subject_id` the id of what it is about."""

    type: EventType
    subject_id: str
    data: Any


def announce(tx: Transaction, app_id: str, news: Sequence[News], now: datetime) -> None:
    """Store the events and a delivery to each endpoint that wants them.

    Call it once, last in the transaction: it takes the app's counter, which all wait for.
    """
    endpoints = tx.all(ENDPOINTS_OF_APP, app_id=app_id)
    first = take_positions(tx, app_id, len(news))
    events = [
        Event(
            id=new_id("evt", now),
            app_id=app_id,
            position=first + place,
            type=one.type,
            subject_id=one.subject_id,
            body=msgspec.json.encode(
                {"type": one.type, "timestamp": now, "data": one.data}
            ).decode(),
            created_at=now,
        )
        for place, one in enumerate(news)
    ]
    add_all(tx, events)
    add_all(
        tx,
        [
            Delivery(
                id=new_id("dlv", now),
                app_id=app_id,
                event_id=event.id,
                endpoint_id=endpoint.id,
                status="queued",
                attempts=0,
                next_at=now,
                lease_no=0,
                delivered_at=None,
                created_at=now,
            )
            for event in events
            for endpoint in endpoints
            if endpoint.status == "active"
            and (endpoint.types is None or event.type in endpoint.types)
        ],
    )
