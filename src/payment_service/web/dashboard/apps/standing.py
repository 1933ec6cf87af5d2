"""How the parts of an app stand: what they do, and what their endpoints heard lately."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from payment_service.kit.statements import Transaction
from payment_service.model.alert import GATEWAY_ALERTS
from payment_service.model.app import App
from payment_service.model.attempt import NEWEST_ATTEMPTS, Attempt
from payment_service.model.attention import Matter
from payment_service.model.delivery import SHOWN_DELIVERY, Shown
from payment_service.model.delivery_list import Beat, beats_of
from payment_service.model.endpoint import ENDPOINTS_OF_AN_APP, ENDPOINTS_OF_APP, Endpoint
from payment_service.model.overview import STANDINGS_OF_APP
from payment_service.model.page import NEWEST

GATEWAY_KINDS = (*GATEWAY_ALERTS.values(), "wrong_secret")
GatewayState = Literal["none", "simulator", "works", "alert"]


class Pulse(msgspec.Struct, frozen=True):
    """An endpoint and how its last deliveries went, the oldest first; `newest` is the last of
    them, and `attempt` the latest that was made of it."""

    endpoint: Endpoint
    beats: Sequence[Beat]
    newest: Shown | None
    attempt: Attempt | None

    @property
    def arrives(self) -> bool:
        """Whether the newest did, so that how long it took says how the endpoint is."""
        return self.newest is not None and self.newest.status == "delivered"


class Selling(msgspec.Struct, frozen=True):
    """`monthly` is in rupiah."""

    active: int
    grace: int
    monthly: int


def endpoints_of(tx: Transaction, app_id: str) -> list[Endpoint]:
    """Those that fail first, then in the order in which they were made."""
    found = tx.all(ENDPOINTS_OF_APP, app_id=app_id, before=NEWEST, limit=ENDPOINTS_OF_AN_APP)
    return sorted(found, key=lambda one: (one.failing_since is None, one.id))


def pulses_of(tx: Transaction, shown: Sequence[Endpoint]) -> list[Pulse]:
    """In their order."""
    beats = beats_of(tx, [endpoint.id for endpoint in shown])
    pulses = []
    for endpoint in shown:
        last = beats[endpoint.id][-1].id if beats[endpoint.id] else None
        newest = tx.one(SHOWN_DELIVERY, id=last) if last else None
        attempt = tx.one(NEWEST_ATTEMPTS, delivery_id=last, limit=1) if last else None
        pulses.append(Pulse(endpoint, beats[endpoint.id], newest, attempt))
    return pulses


def pulse_of(tx: Transaction, endpoint: Endpoint) -> Pulse:
    return pulses_of(tx, [endpoint])[0]


def selling(tx: Transaction, app_id: str) -> Selling:
    counted = tx.all(STANDINGS_OF_APP, app_id=app_id, day=date.max)
    paying = [one for one in counted if one.status in ("active", "grace")]
    return Selling(
        active=sum(one.subscriptions for one in counted if one.status == "active"),
        grace=sum(one.subscriptions for one in counted if one.status == "grace"),
        monthly=sum(one.monthly for one in paying),
    )


def gateway_state(app: App, matters: Sequence[Matter]) -> GatewayState:
    """`matters` need a person; those of this app's gateway say that it does not work."""
    if app.gateway is None:
        return "none"
    if any(one.app_id == app.id and one.kind in GATEWAY_KINDS for one in matters):
        return "alert"
    return "simulator" if app.gateway == "simulator" else "works"
