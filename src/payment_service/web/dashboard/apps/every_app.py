"""All apps: what each brings in, and whether its gateway and its endpoints are well."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.attention import attention
from payment_service.web.dashboard.apps.standing import (
    GatewayState,
    Pulse,
    Selling,
    endpoints_of,
    gateway_state,
    pulses_of,
    selling,
)
from payment_service.web.dashboard.ask import Ask


class Card(msgspec.Struct, frozen=True):
    """`pulse` is of the endpoint that fares worst; `more` is how many others there are."""

    app: App
    selling: Selling
    gateway: GatewayState
    pulse: Pulse | None
    more: int


async def show_apps(ask: Ask) -> Response:
    return ask.page("apps/every.html", cards=await ask.read(_cards, ask.now))


def _cards(tx: Transaction, now: datetime) -> Sequence[Card]:
    matters = attention(tx, now).shown
    apps = tx.all(APPS)
    endpoints = {app.id: endpoints_of(tx, app.id) for app in apps}
    worst = [found[0] for found in endpoints.values() if found]
    pulses = {pulse.endpoint.app_id: pulse for pulse in pulses_of(tx, worst)}
    return [
        Card(
            app,
            selling(tx, app.id),
            gateway_state(app, matters),
            pulses.get(app.id),
            max(0, len(endpoints[app.id]) - 1),
        )
        for app in apps
    ]
