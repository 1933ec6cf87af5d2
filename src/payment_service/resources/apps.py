"""An app as itself sees it: how it bills, and whether its gateway is set up. No secret is shown."""

from datetime import datetime
from typing import Any

import msgspec

from payment_service.kit.calendar import Zone
from payment_service.model.app import App, GatewayKind, GatewayVersion, Mode, Seller


class GatewayOfApp(msgspec.Struct, frozen=True):
    """Where the app's money comes through. The simulator needs no keys."""

    kind: GatewayKind
    version: GatewayVersion
    project: str | None
    has_api_key: bool
    has_webhook_secret: bool


class AppResource(msgspec.Struct, frozen=True):
    """`cancel_after_days` of null is never; `reminder_days` count from an invoice's due date, and
    `reminder_time` is local. `gateway` of null is none: a live app cannot ask for codes yet."""

    id: str
    name: str
    mode: Mode
    zone: Zone
    invoice_prefix: str
    gateway: GatewayOfApp | None
    grace_days: int
    renewal_lead_days: int
    pending_timeout_hours: int
    cancel_after_days: int | None
    reminder_days: tuple[int, ...]
    reminder_time: str
    many_subscriptions: bool
    return_origins: tuple[str, ...]
    seller: Seller
    color: str
    metadata: dict[str, Any]
    created_at: datetime


def app_resource(app: App) -> AppResource:
    gateway = None
    if app.gateway is not None:
        gateway = GatewayOfApp(
            kind=app.gateway,
            version=app.gateway_version,
            project=app.gateway_project if app.gateway == "pakasir" else None,
            has_api_key=app.gateway_api_key is not None,
            has_webhook_secret=app.gateway_webhook_secret is not None,
        )
    return AppResource(
        id=app.id,
        name=app.name,
        mode=app.mode,
        zone=app.zone,
        invoice_prefix=app.invoice_prefix,
        gateway=gateway,
        grace_days=app.grace_days,
        renewal_lead_days=app.renewal_lead_days,
        pending_timeout_hours=app.pending_timeout_hours,
        cancel_after_days=app.cancel_after_days,
        reminder_days=app.reminder_days,
        reminder_time=app.reminder_time,
        many_subscriptions=app.many_subscriptions,
        return_origins=app.return_origins,
        seller=app.seller,
        color=app.color,
        metadata=app.metadata,
        created_at=app.created_at,
    )
