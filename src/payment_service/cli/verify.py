"""`payment-service verify`"""

import asyncio
import sys

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from payment_service.actions.check_invariants import NAMES, Told, check_invariants
from payment_service.cli.output import AsJson, say, show, show_list
from payment_service.config import open_runtime, read_settings
from payment_service.model.invariant.breach import Breach

commands = typer.Typer(add_completion=False)

BROKEN = 1


@commands.command()
def verify(as_json: AsJson = False) -> None:
    """Check what the database must hold whatever happened, and list what it does not.

    It only reads, and may run beside the service. Ends with 0 when all is well, 1 when not.
    Example: payment-service verify
    """
    breaches = asyncio.run(_verify())
    rows = [msgspec.to_builtins(breach) for breach in breaches]
    if as_json:
        show({"checked": list(NAMES), "breaches": rows}, as_json=True)
    else:
        show_list(rows, as_json=False, empty="All is well.")
    sys.stdout.flush()
    say(f"{len(NAMES)} invariants checked, {len({one.invariant for one in breaches})} broken")
    if breaches:
        raise typer.Exit(BROKEN)


async def _verify() -> list[Breach]:
    runtime = await open_runtime(read_settings(), makes_new=False)
    console = Console(stderr=True)
    try:
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            return await check_invariants(runtime.db, _bar(progress))
    finally:
        await runtime.close()


def _bar(progress: Progress) -> Told:
    task = progress.add_task("", total=len(NAMES))

    def told(name: str, done: int, total: int) -> None:
        progress.update(task, description=name.replace("_", " "), completed=done, total=total)

    return told
