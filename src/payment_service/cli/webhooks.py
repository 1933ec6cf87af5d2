"""`payment-service webhook …`"""

from datetime import datetime
from typing import Annotated, Any

import typer

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.delete_endpoint import delete_endpoint
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.actions.resend import begin_resend
from payment_service.actions.resend_delivery import resend_delivery
from payment_service.actions.roll_endpoint_secret import roll_endpoint_secret
from payment_service.actions.send_test import send_test
from payment_service.cli import work
from payment_service.cli.log import leave_refusals_to_the_command
from payment_service.cli.output import AsJson, show, show_list
from payment_service.cli.plans import AppId
from payment_service.kit.calendar import zone_info
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.delivery import (
    DELIVERED_OF_ENDPOINT,
    DELIVERIES_OF_ENDPOINT,
    NOT_DELIVERED_OF_ENDPOINT,
    SHOWN_DELIVERY,
    STATUSES,
    Shown,
)
from payment_service.model.endpoint import ENDPOINT, ENDPOINTS_OF_APP, Endpoint
from payment_service.model.resend import Resend
from payment_service.resources import (
    DeliveryResource,
    EndpointResource,
    delivery_resource,
    endpoint_resource,
    endpoint_with_secret,
    resend_resource,
)
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="Where apps hear of events, and what became of each.",
    no_args_is_help=True,
    add_completion=False,
    callback=leave_refusals_to_the_command,
)
EndpointId = Annotated[str, typer.Argument(help="The endpoint's id, from `webhook list`.")]
Url = Annotated[str | None, typer.Option("--url", help="Public and https.")]
Types = Annotated[
    str | None, typer.Option("--types", help="With commas between them; `all` for every type.")
]
Description = Annotated[str | None, typer.Option("--description", help="What it is for.")]
NEWEST = "~"


@commands.command("list")
def list_endpoints(app: AppId, as_json: AsJson = False) -> None:
    """List an app's endpoints. Example: payment-service webhook list --app app_…"""

    def query(tx: Transaction) -> list[Endpoint]:
        return tx.all(ENDPOINTS_OF_APP, app_id=app_by_id(tx, app).id, before=NEWEST, limit=100)

    told = [endpoint_resource(endpoint) for endpoint in work.read(query)]
    show_list(
        [_shown(one) for one in told],
        as_json=as_json,
        empty="No endpoint; `payment-service webhook create`.",
        documents=told,
    )


@commands.command("create")
def create(
    app: AppId,
    url: Annotated[str, typer.Option(help="Public and https.")],
    types: Types = None,
    description: Description = None,
    as_json: AsJson = False,
) -> None:
    """Add an endpoint and print its secret, this once.

    Example: payment-service webhook create --app app_… --url https://bengkel.example.com/hooks
    """
    wanted = NewEndpoint(url=url, types=_types(types), description=description)

    def unit(tx: Transaction, runtime: Runtime) -> tuple[Endpoint, str]:
        owner, now = app_by_id(tx, app), runtime.clock.now()
        return create_endpoint(tx, owner, wanted, runtime.secrets, runtime.targets, now)

    _show_secret(*work.write(unit), as_json=as_json)


@commands.command("edit")
def edit(
    endpoint: EndpointId,
    url: Url = None,
    types: Types = None,
    description: Description = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Turn it on or off.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change an endpoint, turn it off or on. Example: payment-service webhook edit ep_… --on"""
    given: dict[str, Any] = {"url": url, "description": description}
    if types is not None:
        given["types"] = _types(types)
    if on is not None:
        given["status"] = "active" if on else "off"
    change = EndpointChange(
        **{name: one for name, one in given.items() if one is not None or name == "types"}
    )

    def unit(tx: Transaction, runtime: Runtime) -> Endpoint:
        owner = _app_of(tx, endpoint)
        return edit_endpoint(tx, owner, endpoint, change, runtime.targets, runtime.clock.now())

    told = endpoint_resource(work.write(unit))
    show(_shown(told), as_json=as_json, document=told)


@commands.command("delete")
def delete(endpoint: EndpointId) -> None:
    """Delete an endpoint for good. Example: payment-service webhook delete ep_…"""

    def unit(tx: Transaction, runtime: Runtime) -> None:
        delete_endpoint(tx, _app_of(tx, endpoint).id, endpoint, runtime.clock.now())

    work.write(unit)


@commands.command("roll")
def roll(
    endpoint: EndpointId,
    keep_hours: Annotated[
        int, typer.Option(min=0, max=168, help="How long the old secret signs too.")
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Make a new secret and print it, this once. While an older one signs, only with 0 hours.

    Example: payment-service webhook roll ep_…
    """

    def unit(tx: Transaction, runtime: Runtime) -> tuple[Endpoint, str]:
        app_id, now = _app_of(tx, endpoint).id, runtime.clock.now()
        return roll_endpoint_secret(tx, app_id, endpoint, keep_hours, runtime.secrets, now)

    _show_secret(*work.write(unit), as_json=as_json)


@commands.command("test")
def send(endpoint: EndpointId, as_json: AsJson = False) -> None:
    """Send an `endpoint.test` to it. Example: payment-service webhook test ep_…"""

    def unit(tx: Transaction, runtime: Runtime) -> Shown:
        owner, real = _app_of(tx, endpoint), runtime.clock.now()
        return send_test(tx, owner.id, endpoint, owner.at(real), real)

    told = delivery_resource(work.write(unit))
    show(_delivery(told), as_json=as_json, document=told)


@commands.command("resend")
def resend(
    what: Annotated[str, typer.Argument(help="A delivery's id, or an endpoint's.")],
    failed: Annotated[
        bool, typer.Option(help="All that failed, or wait for their next attempt.")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option(help="Everything since then, in the app's local time.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send one delivery again, or many of an endpoint; the worker goes on with those.

    Example: payment-service webhook resend ep_… --since 2026-11-20
    """
    if what.startswith("dlv_"):

        def one(tx: Transaction, runtime: Runtime) -> Shown:
            app_id = _delivery_by_id(tx, what).app_id
            return resend_delivery(tx, app_id, what, runtime.clock.now())

        delivery = delivery_resource(work.write(one))
        show(_delivery(delivery), as_json=as_json, document=delivery)
        return
    if failed == (since is not None):
        raise typer.BadParameter("say --failed or --since for an endpoint")

    def many(tx: Transaction, runtime: Runtime) -> Resend:
        owner = _app_of(tx, what)
        instant = since.replace(tzinfo=zone_info(owner.zone)) if since else None
        return begin_resend(tx, owner.id, what, instant, runtime.clock.now())

    told = resend_resource(work.write(many))
    rows = {"id": told.id, "queued": told.queued, "status": told.status}
    show(rows, as_json=as_json, document=told)


@commands.command("deliveries")
def list_deliveries(
    endpoint: EndpointId,
    status: Annotated[str | None, typer.Option(help=f"One of {', '.join(STATUSES)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest deliveries of an endpoint.

    Example: payment-service webhook deliveries ep_… --status failed
    """
    if status is not None and status not in STATUSES:
        raise typer.BadParameter(f"a status is one of {', '.join(STATUSES)}")
    page = {"endpoint_id": endpoint, "first": "", "before": NEWEST, "limit": limit}

    def query(tx: Transaction) -> list[Shown]:
        _app_of(tx, endpoint)
        if status is None:
            return tx.all(DELIVERIES_OF_ENDPOINT, **page)
        if status == "delivered":
            return tx.all(DELIVERED_OF_ENDPOINT, **page)
        return tx.all(NOT_DELIVERED_OF_ENDPOINT, **page, status=status)

    told = [delivery_resource(one) for one in work.read(query)]
    rows = [_delivery(one) for one in told]
    show_list(rows, as_json=as_json, empty="No delivery.", documents=told)


def _types(given: str | None) -> tuple[str, ...] | None:
    if given is None or given == "all":
        return None
    return tuple(one.strip() for one in given.split(",") if one.strip())


def _app_of(tx: Transaction, endpoint_id: str) -> App:
    """Whose it is. Raises NotFound."""
    endpoint = tx.one(ENDPOINT, id=endpoint_id)
    if endpoint is None or endpoint.deleted_at is not None:
        raise NotFound(
            "endpoint_not_found", "There is no webhook endpoint with this id; see `webhook list`."
        )
    return app_by_id(tx, endpoint.app_id)


def _delivery_by_id(tx: Transaction, delivery_id: str) -> Shown:
    delivery = tx.one(SHOWN_DELIVERY, id=delivery_id)
    if delivery is None:
        raise NotFound("delivery_not_found", "There is no delivery with this id.")
    return delivery


def _show_secret(endpoint: Endpoint, secret: str, *, as_json: bool) -> None:
    told = endpoint_with_secret(endpoint, secret)
    show({**_shown(told), "secret": secret}, as_json=as_json, document=told)


def _shown(told: EndpointResource) -> dict[str, Any]:
    return {
        "id": told.id,
        "url": told.url,
        "description": told.description,
        "types": "all" if told.types is None else ",".join(told.types),
        "status": told.status if told.off_reason is None else f"{told.status} ({told.off_reason})",
        "failures": told.failures,
        "failing_since": _time(told.failing_since),
        "paused_until": _time(told.paused_until),
        "missed_since": _time(told.missed_since),
        "old_secret_until": _time(told.old_secret_until),
    }


def _delivery(told: DeliveryResource) -> dict[str, Any]:
    return {
        "id": told.id,
        "type": told.type,
        "event_id": told.event_id,
        "status": told.status,
        "attempts": told.attempt_count,
        "created_at": _time(told.created_at),
        "next_attempt_at": _time(told.next_attempt_at),
        "delivered_at": _time(told.delivered_at),
    }


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
