"""The webhook endpoints of an app: where each is, what it hears, and whether it is on."""

from typing import Any, get_args

import msgspec
from starlette.responses import Response

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.delete_endpoint import delete_endpoint
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id, app_held
from payment_service.model.endpoint import ENDPOINT, Endpoint, endpoint_of_app
from payment_service.model.event import EventType
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import ALL, WHERE
from payment_service.web.dashboard.apps.standing import Pulse, endpoints_of, pulse_of, pulses_of
from payment_service.web.dashboard.apps.trial import try_endpoint
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

TYPES = tuple(one for one in get_args(EventType) if one != "endpoint.test")
LONGEST_DESCRIPTION = 200


class Endpoints(msgspec.Struct, frozen=True):
    app: App
    pulses: list[Pulse]


async def show_endpoints(ask: Ask) -> Response:
    return ask.page("apps/endpoints.html", found=await ask.read(_endpoints, ask.params["id"]))


async def show_new_endpoint(ask: Ask) -> Response:
    app = await ask.read(app_by_id, ask.params["id"])
    return ask.page("apps/endpoint_new.html", app=app, types=TYPES)


async def add_endpoint(ask: Ask) -> Response:
    """Its secret is in this answer; it can be looked at again, unlike an API key."""
    made, secret = await make_endpoint(ask, ask.params["id"], wanted_types(ask))
    app = await ask.read(app_by_id, made.app_id)
    return ask.page("apps/secret_shown.html", app=app, endpoint=made, secret=secret, is_new=True)


async def make_endpoint(
    ask: Ask, app_id: str, types: tuple[str, ...] | None
) -> tuple[Endpoint, str]:
    wanted = NewEndpoint(url=ask.text("url").strip(), types=types, description=_description(ask))

    def make(tx: Transaction) -> tuple[Endpoint, str]:
        runtime = ask.runtime
        return create_endpoint(
            tx,
            app_by_id(tx, app_id),
            wanted,
            runtime.secrets,
            runtime.targets,
            ask.now,
            by=ask.by(WHERE),
        )

    return await ask.write(make)


async def show_endpoint(ask: Ask) -> Response:
    pulse, app = await ask.read(_pulse, ask.params["id"])
    return ask.page("apps/endpoint.html", pulse=pulse, app=app, types=TYPES)


async def set_endpoint(ask: Ask) -> Response:
    change: dict[str, Any] = {
        "url": ask.text("url").strip(),
        "types": wanted_types(ask),
        "description": _description(ask),
    }
    made = await _change(ask, **change)
    return ask.go(f"{PREFIX}/endpoints/{made.id}", "endpoint_set")


async def turn_off(ask: Ask) -> Response:
    made = await _change(ask, status="off")
    return ask.go(f"{PREFIX}/endpoints/{made.id}", "endpoint_turned_off")


async def turn_on(ask: Ask) -> Response:
    made = await _change(ask, status="active")
    return ask.go(f"{PREFIX}/endpoints/{made.id}", "endpoint_turned_on")


async def delete(ask: Ask) -> Response:
    def remove(tx: Transaction) -> Endpoint:
        endpoint = endpoint_by_id(tx, ask.params["id"])
        delete_endpoint(tx, endpoint.app_id, endpoint.id, ask.now, by=ask.by(WHERE))
        return endpoint

    gone = await ask.write(remove)
    return ask.go(f"{ALL}/{gone.app_id}/endpoints", "endpoint_deleted")


async def send_test(ask: Ask) -> Response:
    await ask.claim()
    endpoint = await ask.read(endpoint_by_id, ask.params["id"])
    await try_endpoint(ask, endpoint)
    return ask.go(f"{PREFIX}/endpoints/{endpoint.id}", "endpoint_tried")


def endpoint_by_id(tx: Transaction, endpoint_id: str) -> Endpoint:
    """Of whichever app. Raises NotFound, for one that was deleted too."""
    found = tx.one(ENDPOINT, id=endpoint_id)
    return endpoint_of_app(tx, found.app_id if found else "", endpoint_id)


def endpoint_held(tx: Transaction, endpoint_id: str) -> Endpoint:
    """To be changed as it stands: admins who change something of one app come one by one. Raises
    NotFound."""
    found = endpoint_by_id(tx, endpoint_id)
    app_held(tx, found.app_id)
    return endpoint_by_id(tx, endpoint_id)


def wanted_types(ask: Ask) -> tuple[str, ...] | None:
    """What was ticked; None for every type there is and will be."""
    if ask.text("which") != "some":
        return None
    return tuple(one for one in TYPES if ask.text(one))


async def _change(ask: Ask, **change: Any) -> Endpoint:
    def edit(tx: Transaction) -> Endpoint:
        endpoint = endpoint_held(tx, ask.params["id"])
        if change.get("status") == endpoint.status:
            raise Conflict("changed_meanwhile", "Somebody did the same a moment ago.")
        unchanged(endpoint, ask.text("version"))
        app, targets = app_by_id(tx, endpoint.app_id), ask.runtime.targets
        return edit_endpoint(
            tx, app, endpoint.id, EndpointChange(**change), targets, ask.now, by=ask.by(WHERE)
        )

    return await ask.write(edit)


def _description(ask: Ask) -> str | None:
    written = ask.text("description").strip()
    if len(written) > LONGEST_DESCRIPTION:
        raise Invalid("endpoint_description", "A description has at most 200 characters.")
    return written or None


def _endpoints(tx: Transaction, app_id: str) -> Endpoints:
    app = app_by_id(tx, app_id)
    return Endpoints(app, pulses_of(tx, endpoints_of(tx, app_id)))


def _pulse(tx: Transaction, endpoint_id: str) -> tuple[Pulse, App]:
    endpoint = endpoint_by_id(tx, endpoint_id)
    return pulse_of(tx, endpoint), app_by_id(tx, endpoint.app_id)
