"""Which deliveries are asked for: filters and the place in the list, as the address has them."""

from collections.abc import Mapping
from typing import NamedTuple, get_args
from urllib.parse import urlencode

from payment_service.model.delivery import STATUSES, Status
from payment_service.model.event import EventType
from payment_service.model.turning import Turn

TYPES: tuple[EventType, ...] = get_args(EventType)
LONGEST = 40
"""Of an id; what is longer is none."""
LONGEST_TEXT = 100


class Asked(NamedTuple):
    """None of each is every one. `q` is whatever somebody looks for by: an event's id or type, or
    whose it is."""

    app: str | None = None
    endpoint: str | None = None
    status: Status | None = None
    type: EventType | None = None
    event: str | None = None
    q: str | None = None
    older_than: str | None = None
    newer_than: str | None = None

    @property
    def turn(self) -> Turn:
        return Turn(self.older_than, self.newer_than)

    @property
    def is_newest(self) -> bool:
        return self.older_than is None and self.newer_than is None

    @property
    def is_filtered(self) -> bool:
        return any((self.app, self.endpoint, self.status, self.type, self.event, self.q))

    def at(self, path: str, **changed: str | None) -> str:
        """That page's address with the same filters, some of them changed; None takes one out."""
        kept = {name: text for name, text in {**self._asdict(), **changed}.items() if text}
        return f"{path}?{urlencode(kept)}" if kept else path


def asked_in(query: Mapping[str, str]) -> Asked:
    """What is no filter is passed over."""
    status, kind = query.get("status"), query.get("type")
    return Asked(
        app=_id(query, "app"),
        endpoint=_id(query, "endpoint"),
        status=next((one for one in STATUSES if one == status), None),
        type=next((one for one in TYPES if one == kind), None),
        event=_id(query, "event"),
        q=query.get("q", "").strip()[:LONGEST_TEXT] or None,
        older_than=_id(query, "older_than"),
        newer_than=_id(query, "newer_than"),
    )


def _id(query: Mapping[str, str], name: str) -> str | None:
    given = query.get(name, "").strip()
    return given if 0 < len(given) <= LONGEST and given.isascii() else None
