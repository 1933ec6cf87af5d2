"""What a form asks for, as the audit log calls it: told of who tried what their role may not."""

_OF_SUBSCRIPTIONS = {
    "invoice": "subscription.renew_early",
    "one-off": "invoice.issue",
    "extend": "subscription.extend",
    "move": "subscription.move",
    "plan": "subscription.change_plan",
    "pay-link": "subscription.roll_link",
    "resume": "subscription.resume",
    "undo-cancel": "subscription.undo_cancel",
    "suspend": "subscription.suspend",
    "cancel": "subscription.cancel",
}
_OF_APPS = {
    "setup/seller": "app.set",
    "setup/gateway": "app.set_gateway",
    "setup/gateway/check": "app.check_gateway",
    "setup/webhook": "endpoint.create",
    "setup/webhook/test": "endpoint.send_test",
    "setup/key": "key.create",
    "settings/general": "app.set",
    "settings/schedule": "app.set",
    "settings/seller": "app.set",
    "look/color": "app.set",
    "look/logo": "app.set_logo",
    "look/logo/remove": "app.set_logo",
    "gateway/check": "app.check_gateway",
    "gateway/edit": "app.set_gateway",
    "keys/new": "key.create",
    "endpoints/new": "endpoint.create",
}
_OF_ENDPOINTS = {
    "test": "endpoint.send_test",
    "off": "endpoint.edit",
    "on": "endpoint.edit",
    "delete": "endpoint.delete",
    "reveal": "endpoint.reveal_secret",
    "roll": "endpoint.roll_secret",
}
_OF_ADMINS = {
    "role": "admin.set_role",
    "code": "admin.invite_again",
    "disable": "admin.disable",
    "enable": "admin.enable",
    "end-sessions": "session.end_all",
}
_OTHERS = {
    "/alerts/{id}/see": "alert.see",
    "/alerts/{id}/clear": "alert.clear",
    "/runs/{id}/release": "run.release",
    "/customers/{id}/edit": "customer.edit",
    "/customers/{id}/refund": "credit.refund",
    "/customers/{id}/forget": "customer.forget",
    "/invoices/{id}/code": "invoice.ask_code",
    "/invoices/{id}/mark-paid": "invoice.mark_paid",
    "/invoices/{id}/void": "invoice.void",
    "/invoices/{id}/period": "credit.period",
    "/payments/{id}/period": "credit.period",
    "/money/check": "money.check",
    "/plans/new": "plan.add",
    "/plans/{id}/edit": "plan.edit",
    "/plans/{id}/price": "plan.edit",
    "/plans/{id}/move": "plan.move_subscribers",
    "/plans/{id}/archive": "plan.archive",
    "/plans/{id}/sell-again": "plan.sell_again",
    "/webhooks/resend-failed": "endpoint.resend",
    "/webhooks/{id}/test": "endpoint.send_test",
    "/webhooks/{id}/resend-failed": "endpoint.resend",
    "/webhooks/{id}/resend-since": "endpoint.resend",
    "/deliveries/{id}/resend": "delivery.resend",
    "/apps/new": "app.register",
    "/keys/{id}/roll": "key.roll",
    "/keys/{id}/revoke": "key.revoke",
    "/endpoints/{id}": "endpoint.edit",
    "/pass-keys/roll": "signing_key.roll",
    "/pass-keys/withdraw": "signing_key.roll",
    "/admins/new": "admin.invite",
    "/settings/alerts/mail": "channel.add",
    "/settings/alerts/webhook": "channel.add",
    "/settings/alerts/{id}/edit": "channel.edit",
    "/settings/alerts/{id}/remove": "channel.remove",
    "/settings/alerts/{id}/test": "channel.test",
}
_REVIEWS = ("settle", "credit", "refund", "dismiss")
TRIED: dict[str, str] = {
    **{f"/subscriptions/{{id}}/{one}": deed for one, deed in _OF_SUBSCRIPTIONS.items()},
    **{f"/payments/{{id}}/{one}": f"review.{one}" for one in _REVIEWS},
    **{f"/apps/{{id}}/{one}": deed for one, deed in _OF_APPS.items()},
    **{f"/endpoints/{{id}}/{one}": deed for one, deed in _OF_ENDPOINTS.items()},
    **{f"/admins/{{id}}/{one}": deed for one, deed in _OF_ADMINS.items()},
    **_OTHERS,
}


def tried(path: str) -> str:
    """The deed that is done at this address of the table."""
    return "list.export" if path.endswith(".csv") else TRIED.get(path, path)
