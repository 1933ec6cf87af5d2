"""Try first what a person asks for: before all that waits for its endpoint, whatever the pause."""

from datetime import datetime, timedelta

from payment_service.kit.statements import Transaction, save
from payment_service.model.endpoint import Endpoint
from payment_service.model.endpoint_health import unpaused
from payment_service.model.sending import BRING_FORWARD, FIRST_WAITING

BEFORE = timedelta(milliseconds=1)


def try_first(tx: Transaction, endpoint: Endpoint, delivery_id: str, now: datetime) -> None:
    """While the breaker is open it is the one message that is tried, and its success brings the
    rest. `now` is the machine's."""
    first = tx.one(FIRST_WAITING, endpoint_id=endpoint.id, besides=delivery_id)
    at = now if first is None else min(now, first - BEFORE)
    tx.run(BRING_FORWARD, id=delivery_id, at=at)
    save(tx, endpoint, unpaused(endpoint))
