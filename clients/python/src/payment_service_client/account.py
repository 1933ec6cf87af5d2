"""The app itself and its keys, as the service tells of them."""

from datetime import datetime
from typing import Any

import msgspec

from payment_service_client.records import Record


class ApiKey(Record, frozen=True, kw_only=True):
    """`secret` is told once, when the key is made; `start` and `last4` are what may be seen."""

    id: str
    name: str
    start: str
    last4: str
    scopes: list[str]
    status: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    secret: str | None = None


class Seller(Record, frozen=True, kw_only=True):
    """Who sells, as printed on invoices."""

    name: str
    address: str
    npwp: str
    footer: str


class Gateway(Record, frozen=True, kw_only=True):
    kind: str
    version: str
    project: str | None
    has_api_key: bool
    has_webhook_secret: bool


class App(Record, frozen=True, kw_only=True):
    """The app that the key belongs to. `gateway` of None is none yet."""

    id: str
    name: str
    mode: str
    zone: str
    invoice_prefix: str
    gateway: Gateway | None
    grace_days: int
    renewal_lead_days: int
    pending_timeout_hours: int
    cancel_after_days: int | None
    reminder_days: list[int]
    reminder_time: str
    many_subscriptions: bool
    return_origins: list[str]
    seller: Seller
    color: str
    metadata: dict[str, Any]
    created_at: datetime
