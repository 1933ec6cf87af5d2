"""The one table of the dashboard: every address, who may ask for it, and what answers."""

from collections.abc import Mapping

from starlette.routing import compile_path

from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.rows import (
from payment_service.web.dashboard import (
    account,
    admins,
    apps,
    invoices,
    overview,
    settings,
    signing_in,
    webhooks,
)

ROUTES: tuple[Guard, ...] = (
    *signing_in.ROWS,
    *account.ROWS,
    *overview.ROWS,
    *invoices.ROWS,
    *webhooks.ROWS,
    *apps.ROWS,
    *admins.ROWS,
    *settings.ROWS,
)
from payment_service.web.dashboard.apps import (
    endpoints,
    every_app,
    gateway,
    keys,
    look,
    one_app,
    pass_keys,
    register,
    secrets,
    setup,
)
from payment_service.web.dashboard.apps import settings as app_settings
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.overview import (
    attention,
    monthly_csv,
    search,
    show_overview,
    tonight,
)
from payment_service.web.dashboard.row import Guard
from payment_service.web.dashboard.subscriptions.addresses import SUBSCRIPTIONS
from payment_service.web.dashboard.webhooks import endpoint, live, newest

__all__ = ["ROUTES", "Guard", "page_of"]

ROUTES: tuple[Guard, ...] = (
    Guard("GET", "/sign-in", None, sign_in.show_sign_in),
    Guard("POST", "/sign-in", None, sign_in.give_password, page=sign_in.show_sign_in),
    Guard("POST", "/sign-in/passkey", None, sign_in.give_passkey, page=sign_in.show_sign_in),
    Guard("GET", "/sign-in/second", None, sign_in.show_second),
    Guard("POST", "/sign-in/second", None, sign_in.give_code, page=sign_in.show_second),
    Guard("POST", "/sign-in/leave", None, sign_in.leave),
    Guard("GET", "/first", None, first.show_code),
    Guard("POST", "/first", None, first.give_code, page=first.show_code),
    Guard("GET", "/first/password", None, first.show_password),
    Guard("POST", "/first/password", None, first.choose_password, page=first.show_password),
    Guard("GET", "/first/factor", None, first.show_factor),
    Guard("POST", "/first/totp", None, first.begin_with_totp, page=first.show_factor),
    Guard("POST", "/first/passkey", None, first.begin_with_passkey, page=first.show_factor),
    Guard("POST", "/language", None, shown.choose_language),
    Guard("GET", "", "viewer", show_overview.show_overview),
    Guard("GET", "/overview.csv", "finance", monthly_csv.export_months),
    Guard("GET", "/tonight", "viewer", tonight.show_tonight),
    Guard("GET", "/search", "viewer", search.show_search),
    Guard("GET", "/attention", "viewer", attention.show_attention),
    Guard(
        "POST", "/alerts/{id}/see", "finance", attention.mark_seen, page=attention.show_attention
    ),
    Guard(
        "POST", "/alerts/{id}/clear", "finance", attention.mark_dealt_with,
        page=attention.show_attention,
    ),
    Guard(
        "POST", "/runs/{id}/release", "finance", attention.let_run, True, attention.show_attention
    ),
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
    Guard("GET", "/webhooks", "viewer", newest.show_webhooks),
    Guard("GET", "/webhooks/live", "viewer", live.follow),
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
    Guard("GET", "/more", "viewer", shown.show_more),
    Guard("GET", "/step-up", "viewer", step_up.show_step_up),
    Guard("POST", "/step-up", "viewer", step_up.step_up, page=step_up.show_step_up),
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
    Guard("GET", "/apps", "viewer", every_app.show_apps),
    Guard("GET", "/apps/new", "owner", register.show_new),
    Guard("POST", "/apps/new", "owner", register.register, page=register.show_new),
    Guard("GET", "/apps/{id}", "viewer", one_app.show_app),
    Guard("GET", "/apps/{id}/setup/seller", "owner", setup.show_seller),
    Guard("POST", "/apps/{id}/setup/seller", "owner", setup.set_seller, page=setup.show_seller),
    Guard("GET", "/apps/{id}/setup/gateway", "owner", setup.show_gateway, True),
    Guard(
        "POST", "/apps/{id}/setup/gateway", "owner", setup.set_gateway, True, setup.show_gateway
    ),
    Guard(
        "POST", "/apps/{id}/setup/gateway/check", "owner", setup.check_gateway,
        page=setup.show_gateway,
    ),
    Guard("GET", "/apps/{id}/setup/webhook", "owner", setup.show_webhook),
    Guard(
        "POST", "/apps/{id}/setup/webhook", "owner", setup.set_webhook, True, setup.show_webhook
    ),
    Guard(
        "POST", "/apps/{id}/setup/webhook/test", "owner", setup.send_test, page=setup.show_webhook
    ),
    Guard("GET", "/apps/{id}/setup/key", "owner", setup.show_key),
    Guard("POST", "/apps/{id}/setup/key", "owner", setup.make_key, True, setup.show_key),
    Guard("GET", "/apps/{id}/settings", "owner", app_settings.show_settings),
    Guard(
        "POST", "/apps/{id}/settings/general", "owner", app_settings.set_general,
        page=app_settings.show_settings,
    ),
    Guard(
        "POST", "/apps/{id}/settings/schedule", "owner", app_settings.set_schedule,
        page=app_settings.show_settings,
    ),
    Guard(
        "POST", "/apps/{id}/settings/seller", "owner", app_settings.set_seller,
        page=app_settings.show_settings,
    ),
    Guard("GET", "/apps/{id}/look", "owner", look.show_look),
    Guard("POST", "/apps/{id}/look/color", "owner", look.set_color, page=look.show_look),
    Guard("POST", "/apps/{id}/look/logo", "owner", look.set_logo, page=look.show_look),
    Guard("POST", "/apps/{id}/look/logo/remove", "owner", look.remove_logo, page=look.show_look),
    Guard("GET", "/apps/{id}/gateway", "owner", gateway.show_gateway),
    Guard("POST", "/apps/{id}/gateway/check", "owner", gateway.check, page=gateway.show_gateway),
    Guard("GET", "/apps/{id}/gateway/edit", "owner", gateway.show_new_gateway, True),
    Guard(
        "POST", "/apps/{id}/gateway/edit", "owner", gateway.set_gateway, True,
        gateway.show_new_gateway,
    ),
    Guard("GET", "/apps/{id}/keys", "owner", keys.show_keys),
    Guard("GET", "/apps/{id}/keys/new", "owner", keys.show_new_key),
    Guard("POST", "/apps/{id}/keys/new", "owner", keys.make_key, True, keys.show_new_key),
    Guard("GET", "/keys/{id}", "owner", keys.show_key),
    Guard("POST", "/keys/{id}/roll", "owner", keys.roll, True, keys.show_key),
    Guard("POST", "/keys/{id}/revoke", "owner", keys.revoke, True, keys.show_key),
    Guard("GET", "/apps/{id}/endpoints", "owner", endpoints.show_endpoints),
    Guard("GET", "/apps/{id}/endpoints/new", "owner", endpoints.show_new_endpoint),
    Guard(
        "POST", "/apps/{id}/endpoints/new", "owner", endpoints.add_endpoint, True,
        endpoints.show_new_endpoint,
    ),
    Guard("GET", "/endpoints/{id}", "owner", endpoints.show_endpoint),
    Guard(
        "POST", "/endpoints/{id}", "owner", endpoints.set_endpoint, True, endpoints.show_endpoint
    ),
    Guard(
        "POST", "/endpoints/{id}/test", "owner", endpoints.send_test,
        page=endpoints.show_endpoint,
    ),
    Guard(
        "POST", "/endpoints/{id}/off", "owner", endpoints.turn_off, True, endpoints.show_endpoint
    ),
    Guard("POST", "/endpoints/{id}/on", "owner", endpoints.turn_on, True, endpoints.show_endpoint),
    Guard(
        "POST", "/endpoints/{id}/delete", "owner", endpoints.delete, True,
        endpoints.show_endpoint,
    ),
    Guard(
        "POST", "/endpoints/{id}/reveal", "owner", secrets.reveal_secret, True,
        endpoints.show_endpoint,
    ),
    Guard(
        "POST", "/endpoints/{id}/roll", "owner", secrets.roll_secret, True,
        endpoints.show_endpoint,
    ),
    Guard("GET", "/pass-keys", "owner", pass_keys.show_pass_keys),
    Guard(
        "POST", "/pass-keys/roll", "owner", pass_keys.roll_pass_key, True,
        pass_keys.show_pass_keys,
    ),
    Guard(
        "POST", "/pass-keys/withdraw", "owner", pass_keys.withdraw_pass_keys, True,
        pass_keys.show_pass_keys,
    ),
    *SUBSCRIPTIONS,
    Guard("GET", "/audit", "viewer", audit.show_audit),
    Guard("GET", "/audit.csv", "finance", audit.export_audit, True),
)  # fmt: skip


def page_of(guard: Guard, params: Mapping[str, str]) -> str:
    """Where the form stands that is sent to this address."""
    shown_by = min(
        (known for known in ROUTES if known.method == "GET" and known.handler == guard.page),
        key=lambda known: known.path != guard.path,
    )
    _, pattern, _ = compile_path(PREFIX + shown_by.path)
    return pattern.format(**params)
