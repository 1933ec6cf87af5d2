"""Everybody's own account, and the way out."""

from payment_service.web.dashboard import account, factors, shown
from payment_service.web.dashboard.guard_row import Guard

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/more", "viewer", shown.show_more),
    Guard("POST", "/sign-out", "viewer", account.sign_out),
    Guard("POST", "/sign-out-everywhere", "viewer", account.sign_out_everywhere),
    Guard("GET", "/account", "viewer", account.show_account),
    Guard(
        "POST", "/account/password", "viewer", account.change_password, True, account.show_account
    ),
    Guard(
        "POST", "/account/sessions/end", "viewer", account.end_session, page=account.show_account
    ),
    Guard(
        "POST", "/account/sessions/end-others", "viewer", account.end_other_sessions,
        page=account.show_account,
    ),
    Guard("GET", "/account/passkey", "viewer", factors.show_new_passkey, True),
    Guard(
        "POST", "/account/passkey", "viewer", factors.add_passkey, True, factors.show_new_passkey
    ),
    Guard(
        "POST", "/account/passkey/remove", "viewer", factors.remove_passkey, True,
        account.show_account,
    ),
    Guard("GET", "/account/totp", "viewer", factors.show_totp, True),
    Guard("POST", "/account/totp", "viewer", factors.set_totp, True, factors.show_totp),
    Guard(
        "POST", "/account/totp/remove", "viewer", factors.remove_totp, True, account.show_account
    ),
    Guard(
        "POST", "/account/recovery-codes", "viewer", factors.renew_codes, True,
        account.show_account,
    ),
)  # fmt: skip
