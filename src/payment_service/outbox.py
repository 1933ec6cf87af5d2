"""The one door by which apps hear of anything: events and their deliveries, in the caller's
transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from payment_service.kit.calendar import local_date
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add, add_all
from payment_service.model.daily_total import sum_up
from payment_service.model.delivery import Delivery
from payment_service.model.endpoint import LISTENERS_OF_APP, Endpoint, Listener
from payment_service.model.event import Event, EventType, take_positions
from payment_service.resources import PassSigner, SubscriptionResource, pass_content, with_pass

BODY_BYTES = 20_000
"""Standard Webhooks asks for messages under 20 kB."""


class News(NamedTuple):
    """One thing to announce: `data` is a resource, `subject_id` the id of what it is about.
    A subscription comes with the installation's passes."""

    type: EventType
    subject_id: str
    data: Any
    passes: PassSigner | None = None


def announce(tx: Transaction, app_id: str, news: Sequence[News], now: datetime) -> None:
    """Store the events and a delivery to each endpoint that wants them, and sum up what changed.

    `now` is the app's, and stands in what it hears; it hears in the machine's time. Call it once,
    last in the transaction: it takes the app's counter, which all wait for.
    """
    listeners = tx.all(LISTENERS_OF_APP, app_id=app_id)
    # Written and signed before the counter is taken.
    bodies = [_body(tx, app_id, one, listeners[0], now) for one in news]
    first = take_positions(tx, app_id, len(news))
    if not tx.is_alone:
        # Behind the counter, so that an endpoint hears every event from the position that it was
        # given under the same lock.
        listeners = tx.all(LISTENERS_OF_APP, app_id=app_id)
    sum_up(tx, app_id, local_date(now, listeners[0].zone))
    events = [
        _event(app_id, first + place, one, body, now)
        for place, (one, body) in enumerate(zip(news, bodies, strict=True))
    ]
    add_all(tx, events)
    real = now - timedelta(seconds=listeners[0].clock_offset)
    add_all(
        tx,
        [
            _delivery(event, listener.id, real)
            for event in events
            for listener in listeners
            if listener.id is not None and (listener.types is None or event.type in listener.types)
        ],
    )


def announce_to(
    tx: Transaction, endpoint: Endpoint, news: News, now: datetime, real: datetime
) -> Delivery:
    """Store an event that only this endpoint hears of, whatever types it wants; last in the
    transaction. `real` is the machine's time."""
    body = _written(news.type, news.data, now).decode()
    event = _event(endpoint.app_id, take_positions(tx, endpoint.app_id, 1), news, body, now)
    delivery = _delivery(event, endpoint.id, real)
    add(tx, event)
    add(tx, delivery)
    return delivery


def _event(app_id: str, position: int, news: News, body: str, now: datetime) -> Event:
    return Event(
        id=new_id("evt", now),
        app_id=app_id,
        position=position,
        type=news.type,
        subject_id=news.subject_id,
        body=body,
        created_at=now,
    )


def _delivery(event: Event, endpoint_id: str, real: datetime) -> Delivery:
    return Delivery(
        id=new_id("dlv", real),
        app_id=event.app_id,
        event_id=event.id,
        endpoint_id=endpoint_id,
        status="queued",
        attempts=0,
        tries=0,
        next_at=real,
        delivered_at=None,
        created_at=real,
    )


def _body(tx: Transaction, app_id: str, news: News, listener: Listener, now: datetime) -> str:
    """What is signed and sent. A subscription carries its access pass, where a message has room
    for it: an app can ask for one at any time."""
    told = news.data
    if not isinstance(told, SubscriptionResource):
        return _written(news.type, told, now).decode()
    if news.passes is None:
        raise TypeError(f"news of {news.subject_id} without the passes to sign")
    ahead = timedelta(seconds=listener.clock_offset)
    content = pass_content(told, app_id)
    signed = news.passes.sign(tx, content, listener.zone, now - ahead, ahead)
    body = _written(news.type, with_pass(told, signed.token), now)
    if len(body) > BODY_BYTES:
        body = _written(news.type, with_pass(told, None), now)
    return body.decode()


def _written(kind: EventType, data: Any, now: datetime) -> bytes:
    return msgspec.json.encode({"type": kind, "timestamp": now, "data": data})
