"""`payment-service key …`"""

from datetime import datetime
from typing import Annotated, Any, get_args

import typer

from payment_service.actions.create_key import create_key
from payment_service.actions.revoke_key import revoke_key
from payment_service.actions.roll_key import roll_key
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.cli.plans import AppId
from payment_service.kit.clock import SystemClock
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.key import KEYS_OF_APP, ApiKey, Scope, key_by_id
from payment_service.resources import KeyResource, key_resource, new_key_resource
from payment_service.runtime import Runtime

commands = typer.Typer(help="API keys of an app.", no_args_is_help=True, add_completion=False)

SHOWN = 1000
KeyId = Annotated[str, typer.Argument(help="The key's id, from `key list`.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the audit log.")]


@commands.command("create")
def create(
    app: AppId,
    name: Annotated[str, typer.Option(help="What it is for.")] = "key",
    scopes: Annotated[
        str, typer.Option(help="Of read, write, admin; admin only when it is named.")
    ] = "read,write",
    expires_at: Annotated[
        str | None, typer.Option(help="Like 2027-01-01T00:00:00Z; else it has no end.")
    ] = None,
    reason: Reason = "made on the terminal",
    as_json: AsJson = False,
) -> None:
    """Make a key and print its secret, this once.

    Example: payment-service key create --app app_… --name "staging server" --scopes read
    """
    wanted = tuple(scope.strip() for scope in scopes.split(",") if scope.strip())
    known = get_args(Scope)
    if not wanted or any(scope not in known for scope in wanted):
        raise typer.BadParameter(f"scopes are some of {', '.join(known)}, with commas")
    kept: tuple[Scope, ...] = tuple(scope for scope in known if scope in wanted)
    ends = _instant(expires_at)

    def unit(tx: Transaction, runtime: Runtime) -> tuple[ApiKey, str, datetime]:
        by = work.by(runtime, reason)
        return *create_key(tx, app, name, kept, by.at, expires_at=ends, by=by), by.at

    _show_new(*work.write(unit), as_json=as_json)


@commands.command("list")
def list_keys(app: AppId, as_json: AsJson = False) -> None:
    """List an app's keys, newest first and without their secrets.

    Example: payment-service key list --app app_… --json
    """

    def query(tx: Transaction) -> list[ApiKey]:
        return tx.all(KEYS_OF_APP, app_id=app_by_id(tx, app).id, before="~", limit=SHOWN)

    now = SystemClock().now()
    told = [key_resource(key, now) for key in work.read(query)]
    show_list(
        [_shown(key) for key in told],
        as_json=as_json,
        empty="No key; `payment-service key create` makes one.",
        documents=told,
    )


@commands.command("roll")
def roll(
    key: KeyId,
    ends_in: Annotated[
        int,
        typer.Option(help="Seconds until the old key ends: 0, 3600, 86400 or 604800."),
    ] = 86400,
    reason: Reason = "rolled on the terminal",
    as_json: AsJson = False,
) -> None:
    """Make a new key in place of another, which holds for a day longer, and print its secret.

    Example: payment-service key roll key_… --ends-in 3600
    """

    def unit(tx: Transaction, runtime: Runtime) -> tuple[ApiKey, str, datetime]:
        by = work.by(runtime, reason)
        return *roll_key(tx, key_by_id(tx, key), ends_in, by), by.at

    _show_new(*work.write(unit), as_json=as_json)


@commands.command("revoke")
def revoke(key: KeyId, reason: Reason = "revoked on the terminal", as_json: AsJson = False) -> None:
    """Refuse a key from the next request on. Example: payment-service key revoke key_…"""

    def unit(tx: Transaction, runtime: Runtime) -> tuple[ApiKey, datetime]:
        by = work.by(runtime, reason)
        return revoke_key(tx, key_by_id(tx, key), by), by.at

    told = key_resource(*work.write(unit))
    show(_shown(told), as_json=as_json, document=told)


def _instant(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise typer.BadParameter("--expires-at is an instant with its zone: 2027-01-01T00:00:00Z")
    return instant


def _show_new(key: ApiKey, secret: str, now: datetime, *, as_json: bool) -> None:
    told = new_key_resource(key, secret, now)
    show({**_shown(told), "api_key": secret}, as_json=as_json, document=told)


def _shown(key: KeyResource) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "key": f"{key.start}…{key.last4}",
        "scopes": ",".join(key.scopes),
        "status": key.status,
        "created_at": _written(key.created_at),
        "expires_at": _written(key.expires_at),
        "last_used_at": _written(key.last_used_at),
        "revoked_at": _written(key.revoked_at),
    }


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
