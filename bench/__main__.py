"""The command line: `python -m bench`."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench.load import Progress as Done
from bench.report import as_json, show
from bench.run import FULL, QUICK, run
from payment_service.kit.errors import CannotStart


def bench(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few samples: to see that it works, not to compare.")
    ] = False,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Pay invoices in no order: worse for any cache.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="A disk to measure on; else the temporary folder's.")
    ] = None,
) -> None:
    """Measure one server process on one core, beside the limit of its own statements.

    Ends with 1 when rows are missing afterwards, never for a goal that is missed.

    Example: python -m bench --quick --json
    """
    with tempfile.TemporaryDirectory(prefix="payment-service-bench-", dir=folder) as inside:
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:

            @contextmanager
            def stage(name: str, steps: int) -> Iterator[Done]:
                bar = bars.add_task(name, total=steps)
                yield lambda done: bars.update(bar, completed=done)
                bars.update(bar, completed=steps)

            try:
                counts = QUICK if quick else FULL
                report = run(Path(inside), counts, stage, shuffled=shuffled)
            except (CannotStart, ConnectionError, RuntimeError) as error:
                sys.exit(f"bench: {error}")
    if json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        show(report)
    sys.exit(report.exit_code)


commands = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
commands.command()(bench)
commands(prog_name="python -m bench")
