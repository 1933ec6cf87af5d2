"""Set an app's gateway: the Pakasir project that its money comes through."""

from datetime import datetime
from typing import Any

import msgspec

from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import GATEWAY_ALERTS, clear_alerts
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By, record
from payment_service.model.charge import WATCHED_CHARGES
from payment_service.outside.addresses import Targets
from payment_service.outside.pakasir_settings import DEFAULT_ORIGIN, PakasirSettings, check_project


class GatewayChange(msgspec.Struct, frozen=True):
    """What is to be different; None leaves it as it is."""

    version: str | None = None
    origin: str | None = None
    project: str | None = None
    api_key: str | None = None
    webhook_secret: str | None = None


def set_gateway(
    tx: Transaction,
    app_id: str,
    change: GatewayChange,
    box: SecretBox,
    targets: Targets,
    now: datetime,
    *,
    abandon: bool = False,
    by: By | None = None,
) -> App:
    """Another origin needs the API key again: it is never sent to an address it was not given for.

    Raises NotFound, Invalid, and Conflict when codes of the present project can still be paid,
    which only it can tell of; `abandon` gives them up. The audit log names `by`, and no secret.
    """
    app = app_by_id(tx, app_id)
    if app.clock_offset:
        raise Conflict(
            "app_has_a_clock",
            "This app's clock was moved ahead, and a gateway lives in real time. Register another "
            "test app for it.",
        )
    wanted = _wanted(app, change, box)
    check_project(wanted, targets)
    moved = app.gateway != "pakasir" or (app.gateway_origin, app.gateway_project) != (
        wanted.origin,
        wanted.project,
    )
    watched = tx.one(WATCHED_CHARGES, app_id=app_id) or 0
    if moved and watched and not abandon:
        raise Conflict(
            "codes_still_open",
            f"{watched} codes of the present gateway can still be paid, which only it can tell of. "
            "Wait until they have run out, or give them up with --abandon-codes.",
            codes=watched,
        )
    changed: dict[str, Any] = {
        "gateway": "pakasir",
        "gateway_version": wanted.version,
        "gateway_origin": wanted.origin,
        "gateway_project": wanted.project,
    }
    if change.api_key is not None:
        changed["gateway_api_key"] = box.seal(wanted.api_key)
    if change.webhook_secret is not None:
        changed["gateway_webhook_secret"] = box.seal(wanted.webhook_secret)
    set_up = msgspec.structs.replace(app, **changed)
    if by is not None:
        told = _told(app), {**_told(set_up), **_new_secrets(change)}
        record(tx, by, app_id, "app.set_gateway", app_id, before=told[0], after=told[1])
    after = save(tx, app, set_up)
    clear_alerts(tx, app_id, (*GATEWAY_ALERTS.values(), "wrong_secret"), now)
    return after


def _told(app: App) -> dict[str, str | None]:
    """As the audit log keeps it."""
    return {
        "gateway": app.gateway,
        "project": app.gateway_project if app.gateway == "pakasir" else None,
        "origin": app.gateway_origin,
        "version": app.gateway_version,
    }


def _new_secrets(change: GatewayChange) -> dict[str, str]:
    given = {"api_key": change.api_key, "webhook_secret": change.webhook_secret}
    return {name: "…" for name, secret in given.items() if secret is not None}


def _wanted(app: App, change: GatewayChange, box: SecretBox) -> PakasirSettings:
    """The project as it would be. Raises Invalid when a secret must be given with it."""
    at_pakasir = app.gateway == "pakasir"
    origin = change.origin or (app.gateway_origin if at_pakasir else None) or DEFAULT_ORIGIN
    origin = origin.rstrip("/")
    api_key = change.api_key
    if api_key is None and (not at_pakasir or origin != app.gateway_origin):
        raise Invalid(
            "api_key_needed", "Another origin needs the API key again; give it with this change."
        )
    secret = change.webhook_secret
    if secret is None and at_pakasir and app.gateway_webhook_secret is not None:
        secret = box.open(app.gateway_webhook_secret)
    return PakasirSettings(
        project=change.project or (app.gateway_project if at_pakasir else None) or "",
        api_key=api_key if api_key is not None else box.open(app.gateway_api_key or ""),
        webhook_secret=secret or "",
        origin=origin,
        version=change.version or (app.gateway_version if at_pakasir else "v2"),
    )
