"""Send a test event to one webhook endpoint, whatever types it wants."""

from datetime import datetime

from payment_service.books.try_first import try_first
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.delivery import Shown, delivery_of_app
from payment_service.model.endpoint import listening_endpoint
from payment_service.model.endpoint_health import unpaused
from payment_service.outbox import News, announce_to
from payment_service.resources import endpoint_resource


def send_test(
    tx: Transaction,
    app_id: str,
    endpoint_id: str,
    now: datetime,
    real: datetime,
    by: By | None = None,
) -> Shown:
    """The delivery, queued; the next to be tried, also where the endpoint is paused. `real` is the
    machine's time, `by` the admin who asks, if one does. Raises NotFound, and Conflict while the
    endpoint is off."""
    endpoint = listening_endpoint(tx, app_id, endpoint_id)
    if by is not None:
        record(tx, by, app_id, "endpoint.send_test", endpoint_id)
    news = News("endpoint.test", endpoint.id, endpoint_resource(unpaused(endpoint)))
    delivery = announce_to(tx, endpoint, news, now, real)
    # Behind the app's counter, as an edit of the endpoint: the other order could deadlock.
    try_first(tx, endpoint, delivery.id, real)
    return delivery_of_app(tx, app_id, delivery.id)
