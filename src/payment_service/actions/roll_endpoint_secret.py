"""Roll an endpoint's secret: the new one signs at once, the old one beside it for a while."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from payment_service.kit.crypto import SecretBox, new_webhook_secret
from payment_service.kit.errors import Invalid
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
    older still. The audit log names whoever asked for it. Raises NotFound and Invalid."""
    if not 0 <= keep_hours <= LONGEST_KEPT:
        raise Invalid("keep_hours", f"The old secret signs for 0 to {LONGEST_KEPT} more hours.")
    endpoint = endpoint_of_app(tx, app_id, endpoint_id)
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
