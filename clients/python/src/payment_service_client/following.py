"""The list of events as one who follows it asks for it: until the service is there to answer."""

from collections.abc import Iterable
from datetime import date

import msgspec

from payment_service_client.call import Call
from payment_service_client.calls.webhooks import events
from payment_service_client.events import EventPage


def following(
    *,
    after: int,
    types: Iterable[str] | None,
    customer: str | None,
    subscription: str | None,
    created_from: date | None,
    created_to: date | None,
    wait: int,
) -> Call[EventPage]:
    call = events(
        after=after,
        types=types,
        customer=customer,
        subscription=subscription,
        created_from=created_from,
        created_to=created_to,
        wait=max(1, min(wait, 25)),  # never round and round without a rest
    )
    return msgspec.structs.replace(call, endless=True)
