"""Reveal the secret that signs what an endpoint gets; whoever looked stands in the audit log."""

from payment_service.kit.crypto import SecretBox
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.endpoint import endpoint_of_app


def reveal_endpoint_secret(
    tx: Transaction, app_id: str, endpoint_id: str, box: SecretBox, by: By
) -> str:
    """Raises NotFound."""
    endpoint = endpoint_of_app(tx, app_id, endpoint_id)
    record(tx, by, app_id, "endpoint.reveal_secret", endpoint_id)
    return box.open(endpoint.secret)
