"""Check that an app hears each event once at one place: two endpoints there would send it twice."""

from payment_service.books.check_endpoint_url import same_place
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.endpoint import ENDPOINTS_OF_AN_APP, ENDPOINTS_OF_APP, Endpoint
from payment_service.model.page import NEWEST


def check_heard_once(tx: Transaction, endpoint: Endpoint) -> None:
    """Under the app's counter, so that of two at once one is seen. Raises Conflict, which names the
    other endpoint."""
    others = tx.all(
        ENDPOINTS_OF_APP, app_id=endpoint.app_id, before=NEWEST, limit=ENDPOINTS_OF_AN_APP
    )
    for other in others:
        if _hears_the_same(endpoint, other):
            raise Conflict(
                "endpoint_twice",
                f"Endpoint {other.id} sends events of these types to this address already, and "
                "each would arrive twice; edit that one, or name other types or another address.",
                id=other.id,
            )


def _hears_the_same(one: Endpoint, other: Endpoint) -> bool:
    if other.id == one.id or other.status == "off" or not same_place(one.url, other.url):
        return False
    if one.types is None or other.types is None:
        return True
    return not set(one.types).isdisjoint(other.types)
