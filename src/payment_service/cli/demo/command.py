"""The command itself: play once and end, or stay up for somebody to play with."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from payment_service.cli.demo.parties import Parties, together
from payment_service.cli.demo.play import Step, StepFailed, play
from payment_service.cli.demo.ports import known_ports, own_ports
from payment_service.cli.output import AsJson, show
from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart

WELCOME = """
  BukuBengkel     {bukubengkel}
                  sign up, choose a plan, pay, and get in: this is the tenant's side
  Pakasir         {simulator}
                  a look-alike that no money goes through; the pay page links to it
  API             {service}/v1/openapi.json
                  Authorization: Bearer {key}

  The data is in {folder} until you press Ctrl-C.
"""
INTERRUPTED = 130


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
    with (
        own_ports() if once else known_ports() as ports,
        tempfile.TemporaryDirectory(prefix="payment-service-demo-") as folder,
    ):
        parties = Parties(Path(folder), ports)
        work = _play_once(parties, as_json=as_json) if once else _stay_up(parties)
        code = asyncio.run(_until_told(work))
        if code is None:
            # Ctrl-C is how staying up ends, and what a play breaks off at.
            code = 0
            if once:
                sys.stderr.write("payment-service: interrupted\n")
                code = INTERRUPTED
    sys.exit(code)


async def _until_told(work: Coroutine[Any, Any, int]) -> int | None:
    """What `work` returns; None when it was cancelled, and tidied up, for Ctrl-C or the like."""
    working = asyncio.create_task(work)
    told = asyncio.Event()
    # Told twice, it still tidies up.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    telling = asyncio.create_task(told.wait())
    await asyncio.wait({working, telling}, return_when=asyncio.FIRST_COMPLETED)
    telling.cancel()
    if not told.is_set():
        return await working
    working.cancel()
    await asyncio.wait({working})
    return None


async def _play_once(parties: Parties, *, as_json: bool) -> int:
    steps: list[Step] = []
    started = monotonic()

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
        total = round((monotonic() - started) * 1000)
        await parties.stop()
    if as_json:
        result = {"ok": failed is None, "failed": failed and failed.name, "milliseconds": total}
        show({**result, "steps": steps}, as_json=True)
    if failed is not None:
        sys.stderr.write(f"payment-service: {failed}\n")
        return 1
    if not as_json:
        _say(f"✓ {total:>6} ms  from nothing to a paid, active tenant")
    return 0


async def _stay_up(parties: Parties) -> int:
    try:
        _say("Setting up …")
        await parties.register_app()
        await together(
            parties.start_simulator(), parties.start_service(), parties.start_bukubengkel()
        )
        await parties.add_plans()
        _say(
            WELCOME.format(
                bukubengkel=parties.bukubengkel,
                simulator=parties.simulator,
                service=parties.service,
                key=parties.app["api_key"],
                folder=parties.folder,
            )
        )
        raise CannotStart(await parties.wait_for_an_end())
    finally:
        await parties.stop()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
