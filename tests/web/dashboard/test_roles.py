"""Who may do what, written down a second time: the table is held against this, and not itself."""

import pytest

from payment_service.model.admin import ROLES, Role
from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.routes import ROUTES

WITHOUT_SIGNING_IN = {
    "/sign-in", "/sign-in/passkey", "/sign-in/second", "/sign-in/leave", "/first",
    "/first/password", "/first/totp", "/first/passkey", "/language",
}  # fmt: skip
FOR_EVERYBODY = {
    "/step-up", "/sign-out", "/sign-out-everywhere", "/account/password", "/account/sessions/end",
    "/account/sessions/end-others", "/account/passkey", "/account/passkey/remove",
    "/account/totp", "/account/totp/remove", "/account/recovery-codes",
}  # fmt: skip
OF_OWNERS = ("/admins", "/apps/", "/keys/", "/endpoints/", "/pass-keys", "/settings/alerts")
"""Secrets, keys, admins, gateways and settings: whatever begins so."""
FOR_READERS_TOO = {"/apps/{id}"}
ASK_FOR_PROOF = {
    # Secrets and keys, revealed, made, rolled or revoked
    "/endpoints/{id}/reveal", "/endpoints/{id}/roll", "/keys/{id}/roll", "/keys/{id}/revoke",
    "/apps/{id}/keys/new", "/apps/{id}/setup/key", "/pass-keys/roll", "/pass-keys/withdraw",
    # Where money and news go
    "/apps/{id}/gateway/edit", "/apps/{id}/setup/gateway", "/apps/{id}/endpoints/new",
    "/apps/{id}/setup/webhook", "/endpoints/{id}", "/endpoints/{id}/off", "/endpoints/{id}/on",
    "/endpoints/{id}/delete", "/settings/alerts/mail", "/settings/alerts/webhook",
    "/settings/alerts/{id}/edit", "/settings/alerts/{id}/remove",
    # Money, and who has access without it
    "/invoices/{id}/mark-paid", "/invoices/{id}/void", "/invoices/{id}/period",
    "/payments/{id}/settle", "/payments/{id}/credit", "/payments/{id}/period",
    "/payments/{id}/refund", "/payments/{id}/dismiss", "/customers/{id}/refund",
    "/customers/{id}/forget", "/plans/new", "/plans/{id}/price", "/plans/{id}/move",
    "/subscriptions/{id}/invoice", "/subscriptions/{id}/one-off", "/subscriptions/{id}/extend",
    "/subscriptions/{id}/move", "/subscriptions/{id}/plan", "/subscriptions/{id}/pay-link",
    "/subscriptions/{id}/suspend", "/subscriptions/{id}/resume", "/subscriptions/{id}/cancel",
    "/subscriptions/{id}/undo-cancel", "/runs/{id}/release",
    # Factors, one's own and others'
    "/account/password", "/account/passkey", "/account/passkey/remove", "/account/totp",
    "/account/totp/remove", "/account/recovery-codes", "/admins/new", "/admins/{id}/role",
    "/admins/{id}/code", "/admins/{id}/disable", "/admins/{id}/enable",
    "/admins/{id}/end-sessions",
}  # fmt: skip


def may(guard: Guard, role: Role) -> bool:
    return guard.role is None or ROLES.index(role) <= ROLES.index(guard.role)


def faults(routes: tuple[Guard, ...]) -> list[str]:
    """What lets in more than it should."""
    return [f"{guard.method} {guard.path}: {why}" for guard in routes if (why := fault(guard))] + [
        f"{path} is gone" for path in ASK_FOR_PROOF - {guard.path for guard in routes}
    ]


def fault(guard: Guard) -> str:
    path, is_deed = guard.path, guard.method == "POST"
    if is_deed and guard.role is None and path not in WITHOUT_SIGNING_IN:
        return "anybody may"
    if is_deed and may(guard, "viewer") and path not in WITHOUT_SIGNING_IN | FOR_EVERYBODY:
        return "a viewer may"
    if path.endswith(".csv") and (may(guard, "viewer") or not guard.step_up):
        return "a file for a viewer, or without proof"
    if path.startswith(OF_OWNERS) and may(guard, "finance") and path not in FOR_READERS_TOO:
        return "finance may"
    if is_deed and path in ASK_FOR_PROOF and not guard.step_up:
        return "asks for no proof"
    return ""


def test_the_table_lets_in_nobody_whom_it_should_not() -> None:
    assert faults(ROUTES) == []


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("/admins/{id}/role", {"role": "viewer", "step_up": False}),
        ("/invoices/{id}/mark-paid", {"role": "viewer"}),
        ("/apps/{id}/gateway/edit", {"role": "finance"}),
        ("/keys/{id}/roll", {"role": "finance"}),
        ("/customers/{id}/refund", {"step_up": False}),
        ("/endpoints/{id}/reveal", {"role": "viewer"}),
        ("/plans/{id}/archive", {"role": None}),
        ("/invoices.csv", {"role": "viewer"}),
        ("/audit.csv", {"step_up": False}),
        ("/settings/alerts/{id}/test", {"role": "finance"}),
    ],
)
def test_a_row_that_lets_in_too_many_is_found(path: str, changed: dict[str, object]) -> None:
    wrong = tuple(
        guard._replace(**changed)  # type: ignore[arg-type]
        if (guard.method, guard.path) == ("POST", path)
        else guard
        for guard in ROUTES
    )
    assert wrong != ROUTES
    assert len(faults(wrong)) == 1
