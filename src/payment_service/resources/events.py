"""An event as the API lists it: what was sent, byte for byte, and its place among the others."""

from datetime import datetime

import msgspec

from payment_service.model.event import Event, EventType


class EventResource(msgspec.Struct, frozen=True):
    """`timestamp` and `data` are those of the message; `position` counts the app's events in the
    order of their commits."""

    id: str
    position: int
    type: EventType
    timestamp: datetime
    data: msgspec.Raw


class _Message(msgspec.Struct, frozen=True):
    data: msgspec.Raw


NULL = msgspec.Raw(b"null")
DATA = b',"data":'


def event_resource(event: Event) -> EventResource:
    """The stored text is not read and written again, so that `data` is what was signed."""
    body = event.body.encode()
    data = NULL
    try:
        data = msgspec.json.decode(body, type=_Message).data
    except RecursionError:
        # Nested deeper than can be read back; it stands as it was written, behind a head that
        # cannot hold the words themselves.
        data = msgspec.Raw(body.partition(DATA)[2].removesuffix(b"}") or b"null")
    except msgspec.MsgspecError:
        pass  # a damaged row must not hide the others
    return EventResource(event.id, event.position, event.type, event.created_at, data)
