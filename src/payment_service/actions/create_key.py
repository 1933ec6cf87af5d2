"""Create an API key for an app; its secret is shown this once."""

from datetime import datetime

from payment_service.kit.statements import Transaction, add
from payment_service.model.app import app_by_id
from payment_service.model.key import ApiKey, Scope, key_record, new_secret


def create_key(
    tx: Transaction, app_id: str, name: str, scopes: tuple[Scope, ...], now: datetime
) -> tuple[ApiKey, str]:
    """The key and its secret. Raises NotFound for an unknown app."""
    app = app_by_id(tx, app_id)
    secret = new_secret(app.mode)
    key = key_record(app.id, secret, name, scopes, now)
    add(tx, key)
    return key, secret
