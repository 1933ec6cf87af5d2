"""`payment-service key …`"""

from typing import Annotated, Any, get_args

import typer

from payment_service.actions.create_key import create_key
from payment_service.actions.revoke_key import revoke_key
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.cli.plans import AppId
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.key import KEYS_OF_APP, ApiKey, Scope
from payment_service.runtime import Runtime

commands = typer.Typer(help="API keys of an app.", no_args_is_help=True, add_completion=False)


@commands.command("create")
def create(
    app: AppId,
    name: Annotated[str, typer.Option(help="What it is for.")] = "key",
    scopes: Annotated[str, typer.Option(help="Of read, write, admin.")] = "read,write",
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

    def unit(tx: Transaction, runtime: Runtime) -> tuple[ApiKey, str]:
        return create_key(tx, app, name, kept, runtime.clock.now())

    key, secret = work.write(unit)
    show({**_shown(key), "api_key": secret}, as_json=as_json)


@commands.command("list")
def list_keys(app: AppId, as_json: AsJson = False) -> None:
    """List an app's keys, without their secrets. Example: payment-service key list --app app_…"""

    def query(tx: Transaction) -> list[ApiKey]:
        return tx.all(KEYS_OF_APP, app_id=app_by_id(tx, app).id)

    rows = [_shown(key) for key in work.read(query)]
    show_list(rows, as_json=as_json, empty="No key; `payment-service key create` makes one.")


@commands.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, from `key list`.")],
    as_json: AsJson = False,
) -> None:
    """Refuse a key from the next request on. Example: payment-service key revoke key_…"""

    def unit(tx: Transaction, runtime: Runtime) -> ApiKey:
        return revoke_key(tx, key, runtime.clock.now())

    show(_shown(work.write(unit)), as_json=as_json)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "key": f"{key.start}…{key.last4}",
        "scopes": ",".join(key.scopes),
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "last_used_at": key.last_used_at and key.last_used_at.isoformat(timespec="seconds"),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(timespec="seconds"),
    }
