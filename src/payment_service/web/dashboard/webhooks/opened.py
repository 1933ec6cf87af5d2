"""One delivery, opened: its attempts, what was sent, what came back."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.attempt import NEWEST_ATTEMPTS, SHOWN, Attempt
from payment_service.model.delivery_list import LISTED_DELIVERY, ListedDelivery
from payment_service.model.endpoint import ENDPOINT, Endpoint
from payment_service.model.endpoint_health import last_attempt, tries_left
from payment_service.model.event import EVENT
from payment_service.resources import request_headers

ANSWERS_SHOWN = 9
PASS_SHOWN = 12
"""Of an access pass: whoever holds all of it could show it as theirs."""


class Opened(NamedTuple):
    """`body` is what was sent, for people; None where whoever asks may not read it, as are then the
    answers. `headers` are those of the newest attempt."""

    delivery: ListedDelivery
    app: App
    endpoint: Endpoint
    attempts: Sequence[Attempt]
    headers: dict[str, str]
    body: str | None

    @property
    def newest(self) -> Attempt | None:
        return self.attempts[0] if self.attempts else None

    @property
    def answered(self) -> Attempt | None:
        """The newest attempt to which something came back."""
        return next((one for one in self.attempts if one.status is not None), None)

    @property
    def said_before(self) -> list[Attempt]:
        """Those before it whose answer says something, the newest few."""
        spoken = [one for one in self.attempts if one.status is not None and one.answer]
        return [one for one in spoken if one is not self.answered][:ANSWERS_SHOWN]

    @property
    def waits_until(self) -> datetime | None:
        """When the next attempt is made: an endpoint that pauses holds it back."""
        if self.delivery.next_at is None:
            return None
        return max(self.delivery.next_at, self.endpoint.paused_until or self.delivery.next_at)

    @property
    def tries_left(self) -> int:
        """After the next one."""
        return tries_left(self.delivery.tries)

    @property
    def last_try(self) -> datetime | None:
        """When the last one is made if all of them fail."""
        at = self.waits_until
        return None if at is None else last_attempt(self.delivery.tries, at)


def opened(tx: Transaction, delivery_id: str, *, with_bodies: bool) -> Opened:
    """Raises NotFound. Without `with_bodies` nothing of an answer or a message is read out."""
    delivery = tx.one(LISTED_DELIVERY, id=delivery_id)
    endpoint = None if delivery is None else tx.one(ENDPOINT, id=delivery.endpoint_id)
    if delivery is None or endpoint is None:
        raise NotFound("delivery_not_found", "There is no delivery with this id.")
    attempts = tx.all(NEWEST_ATTEMPTS, delivery_id=delivery.id, limit=SHOWN)
    body = None
    if with_bodies:
        event = tx.one(EVENT, id=delivery.event_id)
        body = "" if event is None else readable(event.body)
    else:
        attempts = [msgspec.structs.replace(one, answer="") for one in attempts]
    headers = request_headers(delivery.event_id, attempts[0]) if attempts else {}
    return Opened(delivery, app_by_id(tx, delivery.app_id), endpoint, attempts, headers, body)


def readable(body: str) -> str:
    """The message with a line for each of its parts, and the access pass in it cut short."""
    content = msgspec.json.decode(body)
    data = content.get("data") if isinstance(content, dict) else None
    if isinstance(data, dict) and isinstance(data.get("access_pass"), str):
        data["access_pass"] = f"{data['access_pass'][:PASS_SHOWN]}…"
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()


def phrase(status: int) -> str:
    """`Service Unavailable`; empty for a status that has no name."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
