"""Send one delivery again, at once, with the whole schedule of attempts before it."""

from datetime import datetime

from payment_service.books.try_first import try_first
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.delivery import Shown, delivery_of_app
from payment_service.model.endpoint import listening_endpoint
from payment_service.model.resend import QUEUE_AGAIN


def resend_delivery(
    tx: Transaction, app_id: str, delivery_id: str, now: datetime, by: By | None = None
) -> Shown:
    """The delivery, queued; the next to be tried, also where its endpoint is paused. What waits
    already keeps its attempts. `by` is the admin who asks, if one does. Raises NotFound, and
    Conflict while its endpoint is off."""
    delivery = delivery_of_app(tx, app_id, delivery_id)
    endpoint = listening_endpoint(tx, app_id, delivery.endpoint_id)
    if by is not None:
        record(tx, by, app_id, "delivery.resend", delivery_id)
    tx.run(QUEUE_AGAIN, id=delivery_id, now=now)
    try_first(tx, endpoint, delivery_id, now)
    return delivery_of_app(tx, app_id, delivery_id)
