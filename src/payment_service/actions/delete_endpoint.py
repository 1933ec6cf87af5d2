"""Delete a webhook endpoint: it hears nothing more, and its secrets are gone."""

from datetime import datetime

from msgspec.structs import replace

from payment_service.books.check_endpoint_url import shown
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import clear_alert_of
from payment_service.model.audit import By, record
from payment_service.model.endpoint import endpoint_of_app


def delete_endpoint(
    tx: Transaction, app_id: str, endpoint_id: str, now: datetime, *, by: By | None = None
) -> None:
    """Its deliveries stay in the log, and the audit log names whoever asked for it. Raises
    NotFound, for one that is deleted too."""
    endpoint = endpoint_of_app(tx, app_id, endpoint_id)
    if by is not None:
        record(tx, by, app_id, "endpoint.delete", endpoint_id, url=shown(endpoint.url))
    save(
        tx,
        endpoint,
        replace(
            endpoint,
            secret="",
            old_secret=None,
            old_secret_until=None,
            status="off",
            off_reason="deleted",
            off_at=now,
            deleted_at=now,
        ),
    )
    for kind in ("endpoint_off", "delivery_failed", "delivery_failing"):
        clear_alert_of(tx, kind, endpoint_id, now)
