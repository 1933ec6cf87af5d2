"""The command itself: play once and end, or stay up for somebody to play with."""

import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from payment_service.cli.demo.parties import Parties, Ports, free_ports
from payment_service.cli.demo.play import Step, StepFailed, play
from payment_service.cli.output import AsJson, show
from payment_service.kit.errors import CannotStart
from payment_service.kit.serving import listening

PORTS = Ports(service=5005, simulator=5006, bukubengkel=3000)
WELCOME = """
  BukuBengkel     {bukubengkel}
                  sign up, choose a plan, pay, and get in: this is the tenant's side
  Pakasir         {simulator}
                  a look-alike that no money goes through; the pay page links to it
  API             {service}/v1/openapi.json
                  Authorization: Bearer {key}

  The data is in {folder} until you press Ctrl-C.
"""


commands = typer.Typer(add_completion=False)


@commands.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Play the whole route on free ports and end.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Set everything up on this machine and run it: service, gateway simulator, a tenant app.

    Example: payment-service demo --once
    """
    with tempfile.TemporaryDirectory(prefix="payment-service-demo-") as folder:
        code = asyncio.run(
            _play_once(Path(folder), as_json=as_json) if once else _stay_up(Path(folder))
        )
    sys.exit(code)


async def _play_once(folder: Path, *, as_json: bool) -> int:
    parties = Parties(folder, free_ports())
    steps: list[Step] = []

    def tell(step: Step) -> None:
        steps.append(step)
        if not as_json:
            _say(f"✓ {step.milliseconds:>6} ms  {step.name}: {step.found}")

    failed: StepFailed | None = None
    try:
        await play(parties, tell)
    except StepFailed as failure:
        failed = failure
    finally:
        await parties.stop()
    total = sum(step.milliseconds for step in steps)
    if as_json:
        show({"ok": failed is None, "failed": failed and failed.name, "steps": steps}, as_json=True)
    if failed is not None:
        sys.stderr.write(f"payment-service: {failed}\n")
        return 1
    if not as_json:
        _say(f"✓ {total:>6} ms  from nothing to a paid, active tenant")
    return 0


async def _stay_up(folder: Path) -> int:
    for port in (PORTS.service, PORTS.simulator, PORTS.bukubengkel):
        with listening("127.0.0.1", port):
            pass
    parties = Parties(folder, PORTS)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        _say("Setting up …")
        await parties.register_app()
        await parties.start_simulator()
        await parties.start_service()
        await parties.start_bukubengkel()
        _say(
            WELCOME.format(
                bukubengkel=parties.bukubengkel,
                simulator=parties.simulator,
                service=parties.service,
                key=parties.app["api_key"],
                folder=folder,
            )
        )
        ended = asyncio.create_task(parties.wait_for_an_end())
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done() and not stopped.is_set():
            raise CannotStart(f"{ended.result()} ended by itself; see its log above")
        ended.cancel()
    finally:
        await parties.stop()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
