"""Register an app: itself, its first API key, and where its webhooks go."""

import re
import secrets
from datetime import datetime
from typing import NamedTuple

import msgspec

from payment_service.books.check_endpoint_url import check_endpoint_url
from payment_service.kit.calendar import ZONES
from payment_service.kit.crypto import SecretBox, new_webhook_secret
from payment_service.kit.errors import Invalid
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add
from payment_service.kit.unseen import holds_unseen
from payment_service.model.app import MODES, App, GatewayKind, Mode, Seller, initials
from payment_service.model.audit import By, record
from payment_service.model.endpoint import Endpoint, new_endpoint
from payment_service.model.key import FIRST_SCOPES, ApiKey, key_record, new_secret
from payment_service.outside.addresses import Targets
from payment_service.outside.pakasir_settings import (
    PakasirSettings,
    check_origin,
    check_project,
)


class Registration(msgspec.Struct, frozen=True):
    """What is asked for. Without a `pakasir` a test app uses the simulator in the process."""

    name: str
    mode: str
    webhook_url: str | None = None
    zone: str = "Asia/Jakarta"
    prefix: str | None = None
    pakasir: PakasirSettings | None = None
    return_origins: tuple[str, ...] = ()
    """Where pay pages may link back to."""
    many_subscriptions: bool = False
    """Whether a customer may have several at once."""


class Registered(NamedTuple):
    """The app and its secrets, which are shown this once."""

    app: App
    key: ApiKey
    api_key: str
    endpoint: Endpoint | None
    webhook_secret: str | None


def register_app(
    tx: Transaction, wanted: Registration, box: SecretBox, targets: Targets, now: datetime
) -> Registered:
    """Raises Invalid with the one thing to mend."""
    app = add_app(tx, wanted, box, targets, now)
    api_key = new_secret(app.mode)
    key = key_record(app.id, api_key, "first key", FIRST_SCOPES, now)
    add(tx, key)
    endpoint, webhook_secret = None, None
    if wanted.webhook_url is not None:
        webhook_secret = new_webhook_secret()
        endpoint = new_endpoint(app.id, wanted.webhook_url, box.seal(webhook_secret), 1, now)
        add(tx, endpoint)
    return Registered(app, key, api_key, endpoint, webhook_secret)


def add_app(
    tx: Transaction,
    wanted: Registration,
    box: SecretBox,
    targets: Targets,
    now: datetime,
    *,
    by: By | None = None,
) -> App:
    """The app alone, for who sets it up step by step; the audit log names them. Raises Invalid."""
    _check(wanted, targets)
    app = _app(wanted, box, now)
    add(tx, app)
    if by is not None:
        record(tx, by, app.id, "app.register", app.id, name=app.name, mode=app.mode)
    return app


def _check(wanted: Registration, targets: Targets) -> None:
    if not 1 <= len(wanted.name.strip()) <= 200:
        raise Invalid("name_length", "A name has 1 to 200 characters.")
    if holds_unseen(wanted.name):
        raise Invalid("name_text", "A name is one line of what can be seen.")
    if wanted.mode not in MODES:
        raise Invalid("unknown_mode", "The mode is test or live.")
    if wanted.zone not in ZONES:
        raise Invalid("unknown_zone", f"The zone is one of {', '.join(ZONES)}.")
    if wanted.prefix is not None and not re.fullmatch(r"[A-Z0-9]{1,10}", wanted.prefix):
        raise Invalid("invoice_prefix", "The prefix is 1 to 10 capital letters and digits.")
    if wanted.webhook_url is not None:
        check_endpoint_url(wanted.webhook_url, _mode(wanted), targets)
    for origin in wanted.return_origins:
        check_origin(origin, targets, "https://bukubengkel.id")
    if wanted.pakasir is not None:
        check_project(wanted.pakasir, targets)


def _mode(wanted: Registration) -> Mode:
    return "live" if wanted.mode == "live" else "test"


def _app(wanted: Registration, box: SecretBox, now: datetime) -> App:
    app_id = new_id("app", now)
    name = wanted.name.strip()
    kind: GatewayKind | None = None
    project = wanted.pakasir
    if project is not None:
        kind = "pakasir"
    elif wanted.mode == "test":
        kind = "simulator"
        project = PakasirSettings(app_id, "", secrets.token_urlsafe(24), origin="")
    return App(
        id=app_id,
        name=name,
        mode=_mode(wanted),
        zone=next(zone for zone in ZONES if zone == wanted.zone),
        invoice_prefix=wanted.prefix or initials(name),
        gateway=kind,
        gateway_version="v1" if project and project.version == "v1" else "v2",
        gateway_origin=project.origin.rstrip("/") if project and project.origin else None,
        gateway_project=project.project if project else None,
        gateway_api_key=box.seal(project.api_key) if project and project.api_key else None,
        gateway_webhook_secret=(
            box.seal(project.webhook_secret) if project and project.webhook_secret else None
        ),
        grace_days=7,
        renewal_lead_days=7,
        pending_timeout_hours=72,
        cancel_after_days=60,
        reminder_days=(-7, -3, -1, 0, 3),
        reminder_time="09:00",
        many_subscriptions=wanted.many_subscriptions,
        return_origins=tuple(origin.rstrip("/") for origin in wanted.return_origins),
        seller=Seller(name=name),
        color="#27439b",
        logo=None,
        metadata={},
        clock_offset=0,
        requests_per_second=50,
        created_at=now,
        version=1,
    )
