"""Lists of an app's keys, newest first."""

from datetime import datetime

from sqlalchemy import case, literal, or_

from payment_service.kit.schema import Instant
from payment_service.kit.statements import param, query, rows_of
from payment_service.model.key import ApiKey, KeyStatus, api_keys
from payment_service.model.page import Walk, given, of_page, walk_of

_k = api_keys.c
_ends_later = or_(_k.expires_at.is_(None), _k.expires_at > param("now", Instant()))
_status = case(
    (_k.revoked_at.is_not(None), literal("revoked")),
    (_ends_later, literal("active")),
    else_=literal("expired"),
)
OF_APP = walk_of(api_keys, [_k.app_id == param("app_id")], given(_status, "status"))
KEYS_LISTED = query(of_page(rows_of(ApiKey), _k.id), ApiKey)


def walk_keys(app_id: str, status: KeyStatus | None, now: datetime) -> Walk:
    """All of them where `status` is None; it is as of `now`."""
    return Walk(OF_APP, {"app_id": app_id, "status": status, "now": now})
