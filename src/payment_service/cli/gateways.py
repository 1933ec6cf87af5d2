"""`payment-service gateway …`"""

import sys
from typing import Annotated

import typer

from payment_service.actions.check_gateway import check_gateway
from payment_service.actions.set_gateway import GatewayChange, set_gateway
from payment_service.cli import work
from payment_service.cli.output import AsJson, show
from payment_service.cli.plans import AppId
from payment_service.cli.secret_options import read_secret
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="The gateway that an app's money comes through.",
    no_args_is_help=True,
    add_completion=False,
)


@commands.command("set")
def set_project(
    app: AppId,
    project: Annotated[str | None, typer.Option(help="The project's slug.")] = None,
    api_key: Annotated[
        str | None,
        typer.Option(help="- , @file or the key.", envvar="PAYMENT_SERVICE_PAKASIR_API_KEY"),
    ] = None,
    webhook_secret: Annotated[
        str | None,
        typer.Option(
            help="- , @file or the secret.", envvar="PAYMENT_SERVICE_PAKASIR_WEBHOOK_SECRET"
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="The gateway's origin; another one needs the key again.")
    ] = None,
    version: Annotated[str | None, typer.Option(help="v2 or v1.")] = None,
    abandon_codes: Annotated[
        bool, typer.Option("--abandon-codes", help="Give up codes that can still be paid.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Set or change an app's Pakasir project; it holds in a running `serve` at once.

    Example: payment-service gateway set --app app_… --project bukubengkel --api-key @key
    --webhook-secret @secret
    """
    change = GatewayChange(
        version=version,
        origin=base_url,
        project=project,
        api_key=read_secret(api_key),
        webhook_secret=read_secret(webhook_secret),
    )

    def unit(tx: Transaction, runtime: Runtime) -> App:
        return set_gateway(
            tx,
            app,
            change,
            runtime.secrets,
            runtime.targets,
            runtime.clock.now(),
            abandon=abandon_codes,
        )

    after = work.write(unit)
    show(
        {
            "app_id": after.id,
            "gateway": after.gateway,
            "version": after.gateway_version,
            "origin": after.gateway_origin,
            "project": after.gateway_project,
        },
        as_json=as_json,
    )


@commands.command("check")
def check(app: AppId, as_json: AsJson = False) -> None:
    """Ask the gateway something harmless, to see that it is reached and takes the key.

    Exit code 1 when not. Example: payment-service gateway check --app app_…
    """
    found = work.call(lambda runtime: check_gateway(runtime, app))
    show(
        {
            "reached": found.reached,
            "key_accepted": found.key_accepted,
            "fee_of_99000": found.fee,
            "problem": found.problem,
        },
        as_json=as_json,
    )
    if not (found.reached and found.key_accepted):
        sys.exit(1)
