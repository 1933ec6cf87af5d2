"""Edit an app: how it bills, when it reminds and gives up, and what payers see of it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from payment_service.kit.calendar import ZONES
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.kit.unseen import holds_unseen
from payment_service.model.app import App, Seller, app_by_id
from payment_service.model.audit import By, record
from payment_service.model.invoice import AN_INVOICE
from payment_service.model.plan import check_metadata
from payment_service.model.subscription import A_SUBSCRIPTION
from payment_service.outside.addresses import Targets
from payment_service.outside.pakasir_settings import check_origin

NEVER = 0
"""As `cancel_after_days`, like None: a suspended subscription is never canceled by itself."""


class AppChange(msgspec.Struct, frozen=True):
    """What is to be different. `reminder_days` count from the due date; `seller`, `return_origins`
    and `metadata` are replaced whole."""

    name: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    invoice_prefix: str | UnsetType = UNSET
    grace_days: int | UnsetType = UNSET
    renewal_lead_days: int | UnsetType = UNSET
    pending_timeout_hours: int | UnsetType = UNSET
    cancel_after_days: int | UnsetType | None = UNSET
    reminder_days: tuple[int, ...] | UnsetType = UNSET
    reminder_time: str | UnsetType = UNSET
    seller: Seller | UnsetType = UNSET
    return_origins: tuple[str, ...] | UnsetType = UNSET
    color: str | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


MOST_ORIGINS = 20
LIMITS = {
    "grace_days": (0, 90),
    "renewal_lead_days": (0, 60),
    "pending_timeout_hours": (1, 720),
    "cancel_after_days": (0, 365),
}


def edit_app(tx: Transaction, app_id: str, change: AppChange, targets: Targets, by: By) -> App:
    """What is open keeps the schedule and the seller it was issued with. Raises NotFound; Invalid
    with the one thing to mend; Conflict for another zone once somebody has subscribed, and for
    another prefix once an invoice was issued."""
    app = app_by_id(tx, app_id)
    wanted = {name: one for name, one in msgspec.structs.asdict(change).items() if one is not UNSET}
    _check(wanted, targets)
    _tidy(wanted)
    wanted = {name: one for name, one in wanted.items() if one != getattr(app, name)}
    if not wanted:
        return app
    if "zone" in wanted and tx.one(A_SUBSCRIPTION, app_id=app_id) is not None:
        raise Conflict(
            "zone_is_fixed",
            f"This app has subscriptions, whose days are counted in {app.zone}; its zone stays.",
        )
    if "invoice_prefix" in wanted and tx.one(AN_INVOICE, app_id=app_id) is not None:
        raise Conflict(
            "prefix_is_fixed",
            f"This app has issued invoices with {app.invoice_prefix}; their numbers go on with it.",
        )
    before = {name: getattr(app, name) for name in wanted}
    record(tx, by, app_id, "app.set", app_id, before=_logged(before), after=_logged(wanted))
    return save(tx, app, msgspec.structs.replace(app, **wanted))


def _logged(settings: Mapping[str, Any]) -> Any:
    """Metadata may name people, whom the log never does."""
    told = {name: "…" if name == "metadata" else one for name, one in settings.items()}
    return msgspec.to_builtins(told)


def _tidy(wanted: dict[str, Any]) -> None:
    if "reminder_days" in wanted:
        wanted["reminder_days"] = tuple(sorted(set(wanted["reminder_days"])))
    if wanted.get("cancel_after_days") == NEVER:
        wanted["cancel_after_days"] = None
    if "return_origins" in wanted:
        origins = (origin.rstrip("/") for origin in wanted["return_origins"])
        wanted["return_origins"] = tuple(dict.fromkeys(origins))


def _check(wanted: Mapping[str, Any], targets: Targets) -> None:
    if "name" in wanted and not 1 <= len(wanted["name"].strip()) <= 200:
        raise Invalid("name_length", "A name has 1 to 200 characters.")
    if holds_unseen(wanted.get("name", "")):
        raise Invalid("name_text", "A name is one line of what can be seen.")
    if wanted.get("zone", ZONES[0]) not in ZONES:
        raise Invalid("unknown_zone", f"The zone is one of {', '.join(ZONES)}.")
    if re.fullmatch(r"[A-Z0-9]{1,10}", wanted.get("invoice_prefix", "INV")) is None:
        raise Invalid("invoice_prefix", "The prefix is 1 to 10 capital letters and digits.")
    for name, (least, most) in LIMITS.items():
        value = wanted.get(name)
        if value is not None and not least <= value <= most:
            raise Invalid(
                "billing_setting", f"{name} is {least} to {most}, not {value}.", field=name
            )
    days = wanted.get("reminder_days", ())
    if len(days) > 10 or any(not -60 <= day <= 60 for day in days):
        raise Invalid("reminder_days", "Give at most 10 days, each -60 to 60 from the due date.")
    if not _is_hour(wanted.get("reminder_time", "09:00")):
        raise Invalid("reminder_time", "The time of reminders is local, like 09:00.")
    if re.fullmatch(r"#[0-9a-f]{6}", wanted.get("color", "#27439b")) is None:
        raise Invalid("app_color", "The colour is # and six of 0-9 and a-f, like #27439b.")
    if "seller" in wanted:
        _check_seller(wanted["seller"])
    origins = wanted.get("return_origins", ())
    if len(origins) > MOST_ORIGINS:
        raise Invalid("return_origins", f"Give at most {MOST_ORIGINS} return origins.")
    for origin in origins:
        check_origin(origin, targets, "https://bukubengkel.id")
    check_metadata("metadata", wanted.get("metadata", {}))


def _check_seller(seller: Seller) -> None:
    if not 1 <= len(seller.name.strip()) <= 200:
        raise Invalid("seller_name", "The seller's name has 1 to 200 characters.")
    if max(len(seller.address), len(seller.footer)) > 500 or len(seller.npwp) > 50:
        raise Invalid("seller_text", "Address and footer have at most 500 characters, the NPWP 50.")
    if any(map(holds_unseen, (seller.name, seller.address, seller.npwp, seller.footer))):
        raise Invalid("seller_unseen", "What stands on invoices is one line of what can be seen.")


def _is_hour(written: str) -> bool:
    try:
        datetime.strptime(written, "%H:%M")  # noqa: DTZ007 - an hour of no day
    except ValueError:
        return False
    return re.fullmatch(r"\d\d:\d\d", written) is not None
