"""Lists of an app's webhook endpoints, newest first."""

from payment_service.kit.statements import param, query, rows_of
from payment_service.model.endpoint import Endpoint, EndpointStatus, endpoints
from payment_service.model.page import Walk, given, of_page, walk_of

_e = endpoints.c
OF_APP = walk_of(
    endpoints,
    [_e.app_id == param("app_id")],
    _e.deleted_at.is_(None),
    given(_e.status, "status"),
)
ENDPOINTS_LISTED = query(of_page(rows_of(Endpoint), _e.id), Endpoint)


def walk_endpoints(app_id: str, status: EndpointStatus | None) -> Walk:
    """Those that were not deleted; in any state where `status` is None."""
    return Walk(OF_APP, {"app_id": app_id, "status": status})
