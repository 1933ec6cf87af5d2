"""`payment-service simulate-pakasir`"""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from payment_service.cli.output import say
from payment_service.cli.secret_options import read_secret
from payment_service.kit.serving import run
from payment_service.outside.simulator.server import serve_simulator
from payment_service.outside.simulator.settings import SimulatorSettings

commands = typer.Typer(add_completion=False)


@commands.command()
def simulate_pakasir(
    project: Annotated[str, typer.Option(help="The project's slug.")],
    api_key: Annotated[
        str,
        typer.Option(help="- , @file or the key.", envvar="PAYMENT_SERVICE_PAKASIR_API_KEY"),
    ],
    webhook_url: Annotated[str, typer.Option(help="Where its notices go.")],
    webhook_secret: Annotated[
        str,
        typer.Option(
            help="- , @file or the secret.", envvar="PAYMENT_SERVICE_PAKASIR_WEBHOOK_SECRET"
        ),
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 5006,
) -> None:
    """Run a Pakasir look-alike that no money goes through.

    Example: payment-service simulate-pakasir --port 5006 --project demo --api-key @key
    --webhook-url http://127.0.0.1:5005/gateway/pakasir/app_… --webhook-secret @secret
    """
    if urlsplit(webhook_url).scheme not in ("http", "https"):
        raise typer.BadParameter("--webhook-url begins with http:// or https://")
    settings = SimulatorSettings(
        project=project,
        api_key=read_secret(api_key) or "",
        webhook_url=webhook_url,
        webhook_secret=read_secret(webhook_secret) or "",
    )
    run(
        serve_simulator(
            settings,
            port,
            on_ready=lambda address: say(f"simulator on {address}"),
        )
    )
