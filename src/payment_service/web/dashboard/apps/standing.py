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
from payment_service.model.delivery import DELIVERIES_OF_ENDPOINT, Shown
from payment_service.model.endpoint import ENDPOINTS_OF_AN_APP, ENDPOINTS_OF_APP, Endpoint
from payment_service.model.overview import STANDINGS_OF_APP
from payment_service.model.page import NEWEST

PULSE = 24
GATEWAY_KINDS = (*GATEWAY_ALERTS.values(), "wrong_secret")
GatewayState = Literal["none", "simulator", "works", "alert"]


class Pulse(msgspec.Struct, frozen=True):
    """An endpoint and its last deliveries, the oldest first; `attempt` is the latest that was made
    of the newest of them."""

    endpoint: Endpoint
    deliveries: Sequence[Shown]
    attempt: Attempt | None

    @property
    def ticks(self) -> Sequence[Literal["arrived", "failed", "waiting"]]:
        return [
            "arrived"
            if one.status == "delivered"
            else "waiting"
            if one.status == "queued"
            else "failed"
            for one in self.deliveries
        ]

    @property
    def arrived(self) -> int:
        return sum(one.status == "delivered" for one in self.deliveries)

    @property
    def failed(self) -> int:
        return sum(one.status in ("retrying", "failed") for one in self.deliveries)

    @property
    def newest(self) -> Shown | None:
        return self.deliveries[-1] if self.deliveries else None


class Selling(msgspec.Struct, frozen=True):
    """`monthly` is in rupiah."""

    active: int
    grace: int
    monthly: int


def endpoints_of(tx: Transaction, app_id: str) -> list[Endpoint]:
    """Those that fail first, then in the order in which they were made."""
    found = tx.all(ENDPOINTS_OF_APP, app_id=app_id, before=NEWEST, limit=ENDPOINTS_OF_AN_APP)
    return sorted(found, key=lambda one: (one.failing_since is None, one.id))


def pulse_of(tx: Transaction, endpoint: Endpoint) -> Pulse:
    latest = tx.all(
        DELIVERIES_OF_ENDPOINT, endpoint_id=endpoint.id, before=NEWEST, first="", limit=PULSE
    )
    tried = next((one for one in latest if one.attempts), None)
    attempt = tx.one(NEWEST_ATTEMPTS, delivery_id=tried.id, limit=1) if tried else None
    return Pulse(endpoint, latest[::-1], attempt)


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
