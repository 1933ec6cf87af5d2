"""Endpoints and deliveries."""

from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.webhooks import endpoint, live, newest

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/webhooks", "viewer", newest.show_webhooks),
    Guard("GET", "/webhooks/live", "viewer", live.follow),
    Guard(
        "POST", "/webhooks/resend-failed", "finance", newest.send_lost_again,
        page=newest.show_webhooks,
    ),
    Guard("GET", "/webhooks/{id}", "viewer", endpoint.show_endpoint),
    Guard(
        "POST", "/webhooks/{id}/test", "finance", endpoint.try_endpoint,
        page=endpoint.show_endpoint,
    ),
    Guard(
        "POST", "/webhooks/{id}/resend-failed", "finance", endpoint.send_failed_again,
        page=endpoint.show_endpoint,
    ),
    Guard(
        "POST", "/webhooks/{id}/resend-since", "finance", endpoint.send_all_since,
        page=endpoint.show_endpoint,
    ),
    Guard("GET", "/deliveries/{id}", "viewer", newest.show_delivery),
    Guard(
        "POST", "/deliveries/{id}/resend", "finance", newest.send_again, page=newest.show_delivery
    ),
)  # fmt: skip
