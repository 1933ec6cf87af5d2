"""How the dashboard is shown, and where alerts go."""

from payment_service.web.dashboard import channels, shown
from payment_service.web.dashboard.guard_row import Guard

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/settings", "viewer", shown.show_settings),
    Guard("GET", "/settings/alerts", "owner", channels.show_channels),
    Guard(
        "POST", "/settings/alerts/mail", "owner", channels.add_mail, True, channels.show_channels
    ),
    Guard(
        "POST", "/settings/alerts/webhook", "owner", channels.add_webhook, True,
        channels.show_channels,
    ),
    Guard(
        "POST", "/settings/alerts/{id}/edit", "owner", channels.edit, True, channels.show_channels
    ),
    Guard(
        "POST", "/settings/alerts/{id}/remove", "owner", channels.remove, True,
        channels.show_channels,
    ),
    Guard(
        "POST", "/settings/alerts/{id}/test", "owner", channels.send_test,
        page=channels.show_channels,
    ),
)  # fmt: skip
