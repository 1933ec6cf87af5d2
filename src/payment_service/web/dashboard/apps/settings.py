"""How an app bills: names, days, reminders, and where its pay page leads back to."""

import msgspec
from starlette.responses import Response

from payment_service.actions.edit_app import AppChange, edit_app
from payment_service.actions.set_request_rate import set_request_rate
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id, app_held
from payment_service.model.invoice import AN_INVOICE
from payment_service.model.subscription import A_SUBSCRIPTION
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import ALL, WHERE
from payment_service.web.dashboard.apps.seller import keep_seller
from payment_service.web.dashboard.apps.written import whole
from payment_service.web.dashboard.ask import Ask

FURTHEST = 60
"""Days of a reminder from the due date, either way."""


class Fixed(msgspec.Struct, frozen=True):
    """What stays because days and numbers were counted with it."""

    app: App
    zone: bool
    prefix: bool


async def show_settings(ask: Ask) -> Response:
    return ask.page("apps/settings.html", fixed=await ask.read(_fixed, ask.params["id"]))


async def set_general(ask: Ask) -> Response:
    app_id, by = ask.params["id"], ask.by(WHERE)
    change = AppChange(
        name=ask.text("name").strip(),
        zone=ask.text("zone"),
        invoice_prefix=ask.text("invoice_prefix").strip().upper(),
        return_origins=tuple(ask.text("return_origins").split()),
    )
    rate = whole(ask.text("requests_per_second"))
    if rate is None:
        raise Invalid("request_rate", "How often a key may ask is a whole number.")

    def keep(tx: Transaction) -> App:
        unchanged(app_held(tx, app_id), ask.text("version"))
        edited = edit_app(tx, app_id, change, ask.runtime.targets, by)
        if rate != edited.requests_per_second:
            return set_request_rate(tx, app_id, rate, by)
        return edited

    return _kept(ask, await ask.write(keep))


async def set_schedule(ask: Ask) -> Response:
    app_id, by = ask.params["id"], ask.by(WHERE)
    change = AppChange(
        grace_days=_number(ask, "grace_days"),
        renewal_lead_days=_number(ask, "renewal_lead_days"),
        pending_timeout_hours=_number(ask, "pending_timeout_hours"),
        cancel_after_days=_number(ask, "cancel_after_days"),
        reminder_days=_days(ask),
        reminder_time=ask.text("reminder_time")[:5].replace(".", ":"),
    )

    def keep(tx: Transaction) -> App:
        unchanged(app_held(tx, app_id), ask.text("version"))
        return edit_app(tx, app_id, change, ask.runtime.targets, by)

    return _kept(ask, await ask.write(keep))


async def set_seller(ask: Ask) -> Response:
    return _kept(ask, await keep_seller(ask, ask.params["id"]))


def _kept(ask: Ask, app: App) -> Response:
    return ask.go(f"{ALL}/{app.id}/settings", "app_set", name=app.name)


def _number(ask: Ask, name: str) -> int:
    """Raises Invalid, which says where."""
    number = whole(ask.text(name))
    if number is None:
        raise Invalid("billing_setting", f"{name} is a whole number.", field=name)
    return number


def _days(ask: Ask) -> tuple[int, ...]:
    """`7, 3, 1` before and `0, 3` after, counted from the due date. Raises Invalid."""
    before, after = (_listed(ask, name) for name in ("reminders_before", "reminders_after"))
    return (*(-day for day in before), *after)


def _listed(ask: Ask, name: str) -> list[int]:
    """Raises Invalid, which says where."""
    days = [whole(word) for word in ask.text(name).replace(",", " ").split()]
    found = [day for day in days if day is not None and day <= FURTHEST]
    if len(found) < len(days):
        raise Invalid("reminders_typed", "Write days like 7, 3, 1 before, 0, 3 after.", field=name)
    return found


def _fixed(tx: Transaction, app_id: str) -> Fixed:
    app = app_by_id(tx, app_id)
    return Fixed(
        app,
        zone=tx.one(A_SUBSCRIPTION, app_id=app_id) is not None,
        prefix=tx.one(AN_INVOICE, app_id=app_id) is not None,
    )
