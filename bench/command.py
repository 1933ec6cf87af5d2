"""What all commands of the benchmark share: their options, bars of progress, and how they end."""

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer
from rich.console import Console
from rich.progress import Progress

from bench.databases import Kind
from bench.finding import Measured, as_json
from bench.load import Progress as Done
from bench.run import Stage
from payment_service.kit.errors import CannotStart

M = TypeVar("M", bound=Measured)
Folder = Annotated[
    Path | None, typer.Option(help="A disk to measure on; else the temporary folder's.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Few of everything: to see that it works, not to compare.")
]
Database = Annotated[Kind, typer.Option(help="On which.")]


def measured(
    folder: Path | None,
    json: bool,
    show_it: Callable[[M], None],
    measure: Callable[[Path, Stage], M],
) -> None:
    """In a folder of its own, with a bar for each stage; print it and end."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="payment-service-bench-", dir=folder) as inside,
            bars() as shown,
        ):
            report = measure(Path(inside), stage_on(shown))
    except (CannotStart, ConnectionError, RuntimeError) as error:
        sys.exit(f"bench: {error}")
    if json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        show_it(report)
    sys.exit(report.exit_code)


def bars() -> Progress:
    # What the service's own code logs in this process is no part of the answer.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def stage_on(bars: Progress) -> Stage:
    @contextmanager
    def stage(name: str, steps: int) -> Iterator[Done]:
        if bars.disable:  # what reads the log of a run must see that it goes on
            bars.console.print(f"  {name}")
        bar = bars.add_task(name, total=steps)
        yield lambda done: bars.update(bar, completed=done)
        bars.update(bar, completed=steps, visible=False)

    return stage
