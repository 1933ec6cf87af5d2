"""Apps, their gateway, keys, endpoints and look."""

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
from payment_service.web.dashboard.guard_row import Guard

ROWS: tuple[Guard, ...] = (
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
)  # fmt: skip
