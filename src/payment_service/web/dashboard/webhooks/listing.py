"""What stands around the deliveries of a page: endpoints with their pulse, counts, a version."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from payment_service.kit.crypto import digest
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.delivery import DELIVERY, Delivery
from payment_service.model.delivery_list import (
    ENDPOINTS,
    MOST,
    Backlog,
    Beat,
    DeliveryFilter,
    ListedDelivery,
    backlogs_of,
    beats_of,
    events_about,
    list_deliveries,
)
from payment_service.model.endpoint import Endpoint
from payment_service.model.listed import Listing as Deliveries
from payment_service.model.listed import Shown, show
from payment_service.model.search import search
from payment_service.web.dashboard.webhooks.asked import TYPES, Asked

ON_A_PAGE = 15
ENDPOINTS_SHOWN = 12


class Place(NamedTuple):
    """An endpoint, whose it is, and how it does."""

    endpoint: Endpoint
    app: App
    beats: Sequence[Beat]
    backlog: Backlog


class Lost(NamedTuple):
    """What failed for good and can be sent again: so many deliveries, to these endpoints."""

    total: int
    endpoints: Sequence[Endpoint]


class Listing(NamedTuple):
    """A page of deliveries, newest first; what is not delivered, counted; how many of these failed
    at how many endpoints that are on; the endpoints, those that fail first, and how many there are;
    every app by its id."""

    asked: Asked
    rows: Sequence[ListedDelivery]
    older_than: str | None
    newer_than: str | None
    counts: dict[str, int]
    lost: Lost
    places: Sequence[Place]
    endpoints: int
    known: Sequence[Endpoint]
    apps: dict[str, App]
    version: str

    def is_beyond(self, status: str) -> bool:
        """Whether there may be more than were counted."""
        return self.counts[status] >= MOST

    @property
    def alike(self) -> dict[str, Endpoint]:
        """By their ids those endpoints whose host another one has too."""
        hosts = Counter((one.app_id, _host(one)) for one in self.known)
        return {one.id: one for one in self.known if hosts[one.app_id, _host(one)] > 1}

    def app_of(self, app_id: str) -> App:
        return self.apps[app_id]


def _host(endpoint: Endpoint) -> str:
    return endpoint.url.split("/")[2]


def look(tx: Transaction, asked: Asked, opened_id: str | None = None) -> Listing:
    """All that a page shows beside the delivery that is open on it."""
    known = tx.all(ENDPOINTS)
    meant = _meant(known, asked)
    page = _page(tx, asked, known)
    apps = {one.id: one for one in tx.all(APPS)}
    backlogs = backlogs_of(tx, [one.id for one in meant])
    seen = sorted(meant, key=lambda one: (_calm(one, backlogs[one.id]), one.app_id, one.id))
    shown = seen[:ENDPOINTS_SHOWN]
    beats = beats_of(tx, [one.id for one in shown])
    return Listing(
        asked,
        page.rows,
        page.older_than,
        page.newer_than,
        {
            status: sum(getattr(one, status) for one in backlogs.values())
            for status in ("queued", "retrying", "failed")
        },
        _lost(meant, backlogs),
        [Place(one, apps[one.app_id], beats[one.id], backlogs[one.id]) for one in shown],
        len(meant),
        known,
        apps,
        _version(page, meant, _opened(tx, opened_id)),
    )


def lost_at(tx: Transaction, asked: Asked) -> Lost:
    """At the endpoints that are meant."""
    meant = _meant(tx.all(ENDPOINTS), asked)
    return _lost(meant, backlogs_of(tx, [one.id for one in meant]))


def version_now(tx: Transaction, asked: Asked, opened_id: str | None) -> str:
    """Another one than the page's where something on it has changed."""
    known = tx.all(ENDPOINTS)
    return _version(_page(tx, asked, known), _meant(known, asked), _opened(tx, opened_id))


def _opened(tx: Transaction, opened_id: str | None) -> Delivery | None:
    return tx.one(DELIVERY, id=opened_id) if opened_id else None


def _page(tx: Transaction, asked: Asked, known: Sequence[Endpoint]) -> Shown:
    return show(tx, listing_of(tx, asked, known), asked.turn, ON_A_PAGE)


def listing_of(tx: Transaction, asked: Asked, known: Sequence[Endpoint]) -> Deliveries:
    """The deliveries that are asked for, all of them."""
    ids = None if not asked.app and not asked.endpoint else [one.id for one in _meant(known, asked)]
    if asked.endpoint and not ids:
        ids = [asked.endpoint]  # one that was deleted had deliveries all the same
    wanted = DeliveryFilter(asked.app, ids, asked.status, asked.type, asked.event)
    return list_deliveries(_looked_for(tx, asked, wanted), [one.id for one in known])


def _looked_for(tx: Transaction, asked: Asked, wanted: DeliveryFilter) -> DeliveryFilter:
    """The same with what was typed: an event's id, a type that begins so, else whose it is."""
    if asked.q is None:
        return wanted
    if asked.q.startswith("evt_"):
        return wanted._replace(event_id=asked.q)
    types = [one for one in TYPES if one.startswith(asked.q.lower())]
    if len(types) == 1:
        return wanted._replace(type=types[0])
    hits = search(tx, asked.q, asked.app)
    customers = [one.id for one in hits if one.kind == "customer"]
    others = [one.invoice_id or one.id for one in hits if one.kind != "customer"]
    return wanted._replace(event_ids=events_about(tx, customers, others))


def _meant(known: Sequence[Endpoint], asked: Asked) -> list[Endpoint]:
    return [
        one for one in known if asked.app in (None, one.app_id) and asked.endpoint in (None, one.id)
    ]


def _lost(meant: Sequence[Endpoint], backlogs: dict[str, Backlog]) -> Lost:
    at = [one for one in meant if one.status == "active" and backlogs[one.id].failed]
    return Lost(sum(backlogs[one.id].failed for one in at), at)


def _calm(endpoint: Endpoint, backlog: Backlog) -> int:
    """What fails stands first, then what has something to be sent again."""
    if endpoint.failing_since is not None and endpoint.status == "active":
        return 0
    if endpoint.status == "off":
        return 1
    return 2 if backlog.failed else 3


def _version(page: Shown, meant: Sequence[Endpoint], opened: Delivery | None) -> str:
    rows = [(one.id, one.status, one.attempts) for one in page.rows]
    states = [(one.id, one.status, one.failing_since, one.paused_until) for one in meant]
    return digest(repr((rows, states, opened)))[:16]
