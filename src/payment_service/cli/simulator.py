"""`payment-service simulate-pakasir`"""

import re
from typing import Annotated
from urllib.parse import urlsplit

import typer

from payment_service.cli.output import say
from payment_service.cli.secret_options import read_secret
from payment_service.kit.errors import CannotStart
from payment_service.kit.serving import run
from payment_service.outside.simulator.codes import CODE_MINUTES, Rounding
from payment_service.outside.simulator.faults import KINDS, LONGEST_SECONDS, Fault, Faults
from payment_service.outside.simulator.server import serve_simulator
from payment_service.outside.simulator.settings import Api, Fees, SimulatorSettings

commands = typer.Typer(add_completion=False)


@commands.command(epilog=f"Kinds of fault: {', '.join(KINDS)}.")
def simulate_pakasir(
    project: Annotated[str, typer.Option(help="The project's slug.")],
    api_key: Annotated[
        str,
        typer.Option(help="- , @file or the key.", envvar="PAYMENT_SERVICE_PAKASIR_API_KEY"),
    ],
    webhook_url: Annotated[str, typer.Option(help="Where its notices go.")],
    webhook_secret: Annotated[
        str | None,
        typer.Option(
            help="- , @file or the secret; v1 needs none.",
            envvar="PAYMENT_SERVICE_PAKASIR_WEBHOOK_SECRET",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 5006,
    api: Annotated[
        Api, typer.Option(help="The shape of notices; calls of both are answered.")
    ] = "v2",
    sandbox: Annotated[
        bool, typer.Option("--sandbox/--live", help="Only a sandbox is paid by a call.")
    ] = True,
    fees: Annotated[Fees, typer.Option(help="Who pays the fee.")] = "buyer",
    fee_rounding: Annotated[Rounding, typer.Option(help="Of a broken rupiah.")] = "up",
    code_minutes: Annotated[
        int, typer.Option(min=1, max=1440, help="How long a code can be scanned.")
    ] = CODE_MINUTES,
    limits: Annotated[
        bool, typer.Option("--limits/--no-limits", help="Answer too many calls with 429.")
    ] = True,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="What goes wrong, and how often; repeatable.", metavar="KIND[=N%]"),
    ] = None,
    fault_seconds: Annotated[
        float,
        typer.Option(min=0, max=LONGEST_SECONDS, help="What is slow or late takes so long."),
    ] = 2.0,
    seed: Annotated[int, typer.Option(help="Of the faults: the same one, the same faults.")] = 0,
) -> None:
    """Run a Pakasir look-alike that no money goes through.

    Example: payment-service simulate-pakasir --port 5006 --project demo --api-key @key
    --webhook-url http://127.0.0.1:5005/gateway/pakasir/app_… --webhook-secret @secret
    --fault slow=10% --fault notice_lost=50% --seed 7
    """
    if urlsplit(webhook_url).scheme not in ("http", "https"):
        raise CannotStart("--webhook-url begins with http:// or https://")
    if not re.fullmatch(r"[\w.~-]+", project, re.ASCII):
        raise CannotStart("--project is letters, digits and - _ . ~")
    key, secret = read_secret(api_key) or "", read_secret(webhook_secret) or ""
    if not key:
        raise CannotStart("--api-key is empty")
    if api == "v2" and not secret:
        raise CannotStart("--webhook-secret is missing; notices of v2 carry it")
    settings = SimulatorSettings(
        project=project,
        api_key=key,
        webhook_url=webhook_url,
        webhook_secret=secret,
        api=api,
        sandbox=sandbox,
        fees=fees,
        fee_rounding=fee_rounding,
        code_minutes=code_minutes,
        limits=limits,
    )
    faults = Faults(seed, [read_fault(text) for text in fault or ()], seconds=fault_seconds)
    run(
        serve_simulator(
            settings,
            port,
            faults=faults,
            on_ready=lambda address: say(f"simulator on {address}"),
        )
    )


def read_fault(text: str) -> Fault:
    """`slow` always, `slow=10%` at every tenth chance. Raises CannotStart."""
    found = re.fullmatch(r"([a-z_0-9]+)(?:=([0-9]+(?:\.[0-9]+)?)%)?", text)
    if found is None:
        raise CannotStart(f"--fault {text!r} is not KIND or KIND=N%, as in slow=10%")
    kind, percent = found.groups()
    try:
        # An unknown kind is refused by Fault itself, which names those there are.
        return Fault(kind=kind, rate=float(percent or 100) / 100)  # type: ignore[arg-type]
    except ValueError as error:
        raise CannotStart(f"--fault {text}: {error}") from error
