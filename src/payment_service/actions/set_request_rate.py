"""Set how often each key of an app may ask; the owner's to say, not the app's."""

import msgspec

from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By, record

HIGHEST = 100_000


def set_request_rate(tx: Transaction, app_id: str, per_second: int, by: By) -> App:
    """It holds from the next request on. Raises NotFound, Invalid."""
    app = app_by_id(tx, app_id)
    if not 1 <= per_second <= HIGHEST:
        raise Invalid(
            "request_rate", f"A key asks 1 to {HIGHEST} times a second, not {per_second}."
        )
    before = app.requests_per_second
    record(tx, by, app_id, "app.set", app_id, before=before, requests_per_second=per_second)
    return save(tx, app, msgspec.structs.replace(app, requests_per_second=per_second))
