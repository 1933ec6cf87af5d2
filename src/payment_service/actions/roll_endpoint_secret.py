"""Roll an endpoint's secret: the new one signs at once, the old one beside it for a while."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from payment_service.kit.crypto import SecretBox, new_webhook_secret
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.endpoint import Endpoint, endpoint_of_app

LONGEST_KEPT = 168


def roll_endpoint_secret(
    tx: Transaction,
    app_id: str,
    endpoint_id: str,
    keep_hours: int,
    box: SecretBox,
    now: datetime,
    *,
    by: By | None = None,
) -> tuple[Endpoint, str]:
    """The endpoint and its new secret. With 0 hours the old one is dropped at once, as is one
    older still. The audit log names whoever asked for it.

    Raises NotFound and Invalid, and Conflict while an older secret signs: it was promised for so
    long, and may be the one that the app has.
    """
    if not 0 <= keep_hours <= LONGEST_KEPT:
        raise Invalid("keep_hours", f"The old secret signs for 0 to {LONGEST_KEPT} more hours.")
    endpoint = endpoint_of_app(tx, app_id, endpoint_id)
    until = endpoint.old_secret_until
    if keep_hours and until is not None and until > now:
        raise Conflict(
            "old_secret_signs",
            f"The secret before this one signs until {_told(until)}; wait for that, or roll with "
            "keep_hours 0, which ends every older secret at once.",
            id=endpoint_id,
            old_secret_until=until,
        )
    if by is not None:
        record(tx, by, app_id, "endpoint.roll_secret", endpoint_id, keep_hours=keep_hours)
    secret = new_webhook_secret()
    rolled = replace(
        endpoint,
        secret=box.seal(secret),
        old_secret=endpoint.secret if keep_hours else None,
        old_secret_until=now + timedelta(hours=keep_hours) if keep_hours else None,
    )
    return save(tx, endpoint, rolled), secret


def _told(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
