"""Who runs the dashboard, and what was done with it."""

from payment_service.web.dashboard import admins, audit
from payment_service.web.dashboard.guard_row import Guard

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/admins", "owner", admins.show_admins),
    Guard("GET", "/admins/new", "owner", admins.show_invite),
    Guard("POST", "/admins/new", "owner", admins.invite, True, admins.show_invite),
    Guard("GET", "/admins/{id}", "owner", admins.show_admin),
    Guard("POST", "/admins/{id}/role", "owner", admins.set_role, True, admins.show_admin),
    Guard("POST", "/admins/{id}/code", "owner", admins.renew_code, True, admins.show_admin),
    Guard("POST", "/admins/{id}/disable", "owner", admins.disable, True, admins.show_admin),
    Guard("POST", "/admins/{id}/enable", "owner", admins.enable, True, admins.show_admin),
    Guard(
        "POST", "/admins/{id}/end-sessions", "owner", admins.end_sessions, True, admins.show_admin
    ),
    Guard("GET", "/audit", "viewer", audit.show_audit),
    Guard("GET", "/audit.csv", "finance", audit.show_export, True),
    Guard("POST", "/audit.csv", "finance", audit.export_audit, True, audit.show_export),
)  # fmt: skip
