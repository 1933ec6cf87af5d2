"""`payment-service pass-key …`"""

from typing import Annotated, Any

import typer

from payment_service.actions.roll_signing_key import roll_signing_key
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.kit.statements import Transaction
from payment_service.model.signing_key import SIGNING_KEYS, SigningKey, published, signing
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="The keys that sign access passes.", no_args_is_help=True, add_completion=False
)


@commands.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys, without their secrets. Example: payment-service pass-key list"""

    async def deed(runtime: Runtime) -> list[dict[str, Any]]:
        keys = await runtime.db.read(lambda tx: tx.all(SIGNING_KEYS))
        now = runtime.clock.now()
        told, signs = published(keys, now), signing(keys, now)
        return [{**_shown(key), "state": _state(key, told, signs)} for key in keys]

    show_list(work.call(deed), as_json=as_json, empty="No key.")


@commands.command("roll")
def roll(
    reason: Annotated[str, typer.Option(help="Why; it goes to the audit log.")],
    compromised: Annotated[
        bool, typer.Option("--compromised", help="Withdraw all older keys with their passes now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish a new key, which signs an hour later. Passes that older keys signed stay good.

    Example: payment-service pass-key roll --reason "yearly"
    """

    def unit(tx: Transaction, runtime: Runtime) -> SigningKey:
        by = work.by(runtime, reason)
        return roll_signing_key(tx, runtime.secrets, compromised=compromised, by=by)

    show(_shown(work.write(unit)), as_json=as_json)


def _shown(key: SigningKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "signs_from": key.signs_from.isoformat(timespec="seconds"),
        "withdrawn_at": key.withdrawn_at and key.withdrawn_at.isoformat(timespec="seconds"),
        "created_at": key.created_at.isoformat(timespec="seconds"),
    }


def _state(key: SigningKey, told: list[SigningKey], signs: SigningKey) -> str:
    if key == signs:
        return "signs"
    return "published" if key in told else "over"
