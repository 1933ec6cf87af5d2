"""The one door by which apps hear of anything: events and their deliveries, in the caller's
transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add_all
from payment_service.model.delivery import LISTENERS_OF_APP, Delivery
from payment_service.model.event import Event, EventType, take_positions


class News(NamedTuple):
    """One thing to announce: `data` is a resource, `subject_id` the id of what it is about."""

    type: EventType
    subject_id: str
    data: Any


def announce(tx: Transaction, app_id: str, news: Sequence[News], now: datetime) -> None:
    """Store the events and a delivery to each endpoint that wants them.

    `now` is the app's, and stands in what it hears; it hears in the machine's time. Call it once,
    last in the transaction: it takes the app's counter, which all wait for.
    """
    listeners = tx.all(LISTENERS_OF_APP, app_id=app_id)
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
    if not listeners:
        return
    real = now - timedelta(seconds=listeners[0].clock_offset)
    add_all(
        tx,
        [
            Delivery(
                id=new_id("dlv", real),
                app_id=app_id,
                event_id=event.id,
                endpoint_id=listener.id,
                status="queued",
                attempts=0,
                next_at=real,
                lease_no=0,
                delivered_at=None,
                created_at=real,
            )
            for event in events
            for listener in listeners
            if listener.types is None or event.type in listener.types
        ],
    )
