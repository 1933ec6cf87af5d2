"""The steps after registering: who sells, the gateway, the webhook, and the key at the end."""

import msgspec
from starlette.responses import Response

from payment_service.actions import create_key
from payment_service.actions.reveal_endpoint_secret import reveal_endpoint_secret
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.endpoint import Endpoint
from payment_service.model.key import FIRST_SCOPES, ApiKey
from payment_service.web.dashboard.apps.endpoints import make_endpoint
from payment_service.web.dashboard.apps.gateway import checked, keep_and_check, notices_to
from payment_service.web.dashboard.apps.register import ALL, WHERE
from payment_service.web.dashboard.apps.seller import keep_seller
from payment_service.web.dashboard.apps.standing import Pulse, endpoints_of, pulse_of
from payment_service.web.dashboard.apps.trial import try_endpoint
from payment_service.web.dashboard.ask import Ask


class Ready(msgspec.Struct, frozen=True):
    """What the app is told at the end, once; the secret is None where it hears nothing yet."""

    app: App
    key: ApiKey
    api_key: str
    webhook_secret: str | None


async def show_seller(ask: Ask) -> Response:
    return ask.page("apps/setup_seller.html", app=await ask.read(app_by_id, ask.params["id"]))


async def set_seller(ask: Ask) -> Response:
    app = await keep_seller(ask, ask.params["id"])
    return ask.go(_step(app.id, "gateway"))


async def show_gateway(ask: Ask) -> Response:
    app = await ask.read(app_by_id, ask.params["id"])
    return ask.page("apps/setup_gateway.html", app=app, notices_to=notices_to(ask, app))


async def set_gateway(ask: Ask) -> Response:
    return await keep_and_check(ask, _step(ask.params["id"], "gateway"))


async def check_gateway(ask: Ask) -> Response:
    await ask.claim()
    return await checked(ask, _step(ask.params["id"], "gateway"))


async def show_webhook(ask: Ask) -> Response:
    app, pulse = await ask.read(_first_endpoint, ask.params["id"])
    return ask.page("apps/setup_webhook.html", app=app, pulse=pulse)


async def set_webhook(ask: Ask) -> Response:
    made, _ = await make_endpoint(ask, ask.params["id"], None)
    await try_endpoint(ask, made)
    return ask.go(_step(made.app_id, "webhook"), "endpoint_added")


async def send_test(ask: Ask) -> Response:
    await ask.claim()
    _, pulse = await ask.read(_first_endpoint, ask.params["id"])
    if pulse is not None:
        await try_endpoint(ask, pulse.endpoint)
    return ask.go(_step(ask.params["id"], "webhook"), "endpoint_tried")


async def show_key(ask: Ask) -> Response:
    app, pulse = await ask.read(_first_endpoint, ask.params["id"])
    return ask.page("apps/setup_key.html", app=app, pulse=pulse)


async def make_key(ask: Ask) -> Response:
    """In the answer itself: no address shows the key again."""
    ready = await ask.write(_ready, ask)
    origin = ask.runtime.links.base_url
    return ask.page("apps/setup_ready.html", ready=ready, app=ready.app, origin=origin)


def _step(app_id: str, step: str) -> str:
    return f"{ALL}/{app_id}/setup/{step}"


def _first_endpoint(tx: Transaction, app_id: str) -> tuple[App, Pulse | None]:
    first = _first(tx, app_id)
    return app_by_id(tx, app_id), None if first is None else pulse_of(tx, first)


def _first(tx: Transaction, app_id: str) -> Endpoint | None:
    return min(endpoints_of(tx, app_id), key=lambda one: one.id, default=None)


def _ready(tx: Transaction, ask: Ask) -> Ready:
    app, by = app_by_id(tx, ask.params["id"]), ask.by(WHERE)
    name = ask.text("name")
    key, api_key = create_key.create_key(tx, app.id, name, FIRST_SCOPES, ask.now, by=by)
    first, secret = _first(tx, app.id), None
    if first is not None:
        secret = reveal_endpoint_secret(tx, app.id, first.id, ask.runtime.secrets, by)
    return Ready(app, key, api_key, secret)
