"""The command line: `python -m bench`."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from bench import beside_report, billing_report, webhooks_report
from bench.beside import run_beside
from bench.billing import run_billing_bench
from bench.dashboard import as_json as as_json_of
from bench.dashboard import run_dashboard, show_dashboard
from bench.databases import Kind
from bench.flood import run_flood, show_flood
from bench.growth import QUICK_SAMPLES as GROWTH_QUICK
from bench.growth import QUICK_SIZES, run_growth, show_growth
from bench.growth import SAMPLES as GROWTH_SAMPLES
from bench.growth import as_json as growth_as_json
from bench.load import Progress as Done
from bench.profile import QUICK_SAMPLES as PROFILE_QUICK
from bench.profile import SAMPLES as PROFILE_SAMPLES
from bench.profile import as_json as profile_as_json
from bench.profile import run_profile, show_profile
from bench.report import as_json, show
from bench.restore import GOAL, run_restore, show_restore
from bench.restore import as_json as restore_as_json
from bench.run import FULL, FULL_ON_POSTGRES, QUICK, Stage, run
from bench.slow_disk import DELAY_MS, QUICK_SAMPLES, SAMPLES, run_slow_disk, show_slow_disk
from bench.slow_disk import as_json as slow_as_json
from bench.webhooks import run_webhooks
from bench.weight import run_weight, show_weight
from bench.year import run_year, show_year
from payment_service.kit.errors import CannotStart

T = TypeVar("T")
Folder = Annotated[
    Path | None, typer.Option(help="A disk to measure on; else the temporary folder's.")
]


def bench(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few samples: to see that it works, not to compare.")
    ] = False,
    database: Annotated[Kind, typer.Option(help="On which.")] = "sqlite",
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Pay invoices in no order: worse for any cache.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Measure one server process on one core, beside the limit of its own statements.

    Ends with 1 when rows are missing afterwards, never for a goal that is missed.

    Example: python -m bench --quick --json
    """
    if context.invoked_subcommand is not None:
        return
    full = FULL if database == "sqlite" else FULL_ON_POSTGRES
    counts = QUICK if quick else full
    report = _measure(
        folder,
        lambda inside, stage: run(inside, counts, stage, kind=database, shuffled=shuffled),
    )
    if json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        show(report)
    sys.exit(report.exit_code)


def flood(
    seconds: Annotated[int, typer.Option(min=1, max=600, help="Quiet, and again flooded.")] = 10,
    folder: Folder = None,
) -> None:
    """Post 1,000 forged notices a second beside a steady load of API reads and writes.

    Ends with 1 when a forged notice reached the gateway, or was not counted.

    Example: python -m bench flood --seconds 10
    """
    report = _measure(folder, lambda inside, stage: run_flood(inside, seconds, stage))
    show_flood(report)
    sys.exit(report.exit_code)


def billing(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few subscriptions: to see that it works.")
    ] = False,
    database: Annotated[Kind | None, typer.Option(help="Only this one; else both.")] = None,
    subscriptions: Annotated[
        int, typer.Option(min=1_000, help="The largest size; also a tenth and a hundredth of it.")
    ] = 1_000_000,
    folder: Folder = None,
) -> None:
    """Make one day's billing run over a crowd of which 5 % change.

    Ends with 1 when rows are missing afterwards, never for a goal that is missed.

    Example: python -m bench billing --database sqlite --subscriptions 100000
    """
    sizes = (1_000,) if quick else (subscriptions // 100, subscriptions // 10, subscriptions)
    kinds: tuple[Kind, ...] = (database,) if database else ("sqlite", "postgresql")
    report = _measure(folder, lambda inside, stage: run_billing_bench(inside, kinds, sizes, stage))
    if json:
        sys.stdout.write(billing_report.as_json(report) + "\n")
    else:
        billing_report.show(report)
    sys.exit(report.exit_code)


def beside(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database: Annotated[Kind, typer.Option(help="On which.")] = "sqlite",
    subscriptions: Annotated[int, typer.Option(min=1_000, help="The crowd.")] = 200_000,
    days: Annotated[int, typer.Option(min=1, max=5, help="Runs, each after a quiet time.")] = 3,
    folder: Folder = None,
) -> None:
    """Make the worker's billing run beside a steady load of API reads and writes.

    Ends with 1 when steps are missing afterwards, never for a goal that is missed.

    Example: python -m bench beside --database postgresql --subscriptions 50000
    """
    report = _measure(
        folder, lambda inside, stage: run_beside(inside, database, subscriptions, days, stage)
    )
    sys.stdout.write(beside_report.as_json(report) + "\n") if json else beside_report.show(report)
    sys.exit(report.exit_code)


def dashboard(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database: Annotated[Kind, typer.Option(help="On which.")] = "sqlite",
    subscriptions: Annotated[int, typer.Option(min=100, help="With ten invoices each.")] = 200_000,
    folder: Folder = None,
) -> None:
    """Ask what the dashboard asks: figures, search, lists, a history, tonight.

    Ends with 1 when a question takes over 300 ms, of 95 in 100.

    Example: python -m bench dashboard --subscriptions 20000
    """
    report = _measure(
        folder, lambda inside, stage: run_dashboard(inside, database, subscriptions, stage)
    )
    sys.stdout.write(as_json_of(report) + "\n") if json else show_dashboard(report)
    sys.exit(bool(report.slow))


def restore(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database: Annotated[Kind, typer.Option(help="On which.")] = "sqlite",
    subscriptions: Annotated[int, typer.Option(min=100, help="With ten invoices each.")] = 30_000,
    folder: Folder = None,
) -> None:
    """Back up, put back and verify books of about a gigabyte.

    Ends with 1 when putting back takes over 60 s a gigabyte.

    Example: python -m bench restore --database postgresql
    """
    report = _measure(
        folder, lambda inside, stage: run_restore(inside, database, subscriptions, stage)
    )
    sys.stdout.write(restore_as_json(report) + "\n") if json else show_restore(report)
    sys.exit(report.seconds_a_gigabyte["restore"] > GOAL)


def slow_disk(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few samples: to see that it works, not to compare.")
    ] = False,
    delay: Annotated[
        float, typer.Option(min=0, max=100, help="Milliseconds by which each sync takes longer.")
    ] = DELAY_MS,
    folder: Folder = None,
) -> None:
    """Confirm and create on a disk whose fsync takes 4 ms longer. Needs a C compiler.

    Ends with 1 when rows are missing afterwards or syncs were not slowed, never for a missed goal.

    Example: python -m bench slow-disk --delay 1
    """
    samples = QUICK_SAMPLES if quick else SAMPLES
    report = _measure(
        folder, lambda inside, stage: run_slow_disk(inside, samples, stage, delay_ms=delay)
    )
    sys.stdout.write(slow_as_json(report) + "\n") if json else show_slow_disk(report)
    sys.exit(report.exit_code)


def growth(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small sizes: to see that it works, not to compare.")
    ] = False,
    database: Annotated[Kind, typer.Option(help="On which.")] = "sqlite",
    subscriptions: Annotated[
        int, typer.Option(min=500_000, help="The largest size; also a tenth and a hundredth of it.")
    ] = 1_000_000,
    folder: Folder = None,
) -> None:
    """Confirm, create and read while the books grow from 10,000 subscriptions to a million.

    Ends with 1 when rows are missing afterwards, never for a goal that is missed.

    Example: python -m bench growth --database postgresql
    """
    sizes = tuple(subscriptions // part for part in (100, 10, 1))
    sizes, samples = (QUICK_SIZES, GROWTH_QUICK) if quick else (sizes, GROWTH_SAMPLES)
    report = _measure(
        folder, lambda inside, stage: run_growth(inside, database, sizes, samples, stage)
    )
    sys.stdout.write(growth_as_json(report) + "\n") if json else show_growth(report)
    sys.exit(report.exit_code)


def profile(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few samples: to see that it works.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Tell on which floor of the service an operation spends its time, and in which functions.

    Ends with 1 when rows are missing afterwards. Needs root, or kernel.yama.ptrace_scope = 0.

    Example: python -m bench profile --json
    """
    samples = PROFILE_QUICK if quick else PROFILE_SAMPLES
    report = _measure(folder, lambda inside, stage: run_profile(inside, samples, stage))
    sys.stdout.write(profile_as_json(report) + "\n") if json else show_profile(report)
    sys.exit(report.exit_code)


def year(folder: Folder = None) -> None:
    """Advance a test app's clock by a year, with 100 subscriptions and payers of every habit.

    Example: python -m bench year
    """
    report = _measure(folder, run_year)
    show_year(report)
    sys.exit(report.exit_code)


def webhooks(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few events: to see that it works.")
    ] = False,
    database: Annotated[Kind, typer.Option(help="On which.")] = "sqlite",
    events: Annotated[int, typer.Option(min=1_000, help="The backlog.")] = 100_000,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="Of new events, twice.")] = 30,
    folder: Folder = None,
) -> None:
    """Let a worker on one core deliver a backlog of 20 apps, then new events, then new events
    beside 40 dead endpoints.

    Ends with 1 when an event was lost or a signature does not hold, never for a missed goal.

    Example: python -m bench webhooks --database postgresql
    """
    count, time = (2_000, 2) if quick else (events, seconds)
    report = _measure(
        folder, lambda inside, stage: run_webhooks(inside, database, count, time, stage)
    )
    sys.stdout.write(webhooks_report.as_json(report) + "\n") if json else webhooks_report.show(
        report
    )
    sys.exit(report.exit_code)


def weight(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    count: Annotated[int, typer.Option(min=100, help="Payments, twice.")] = 4_000,
    subscriptions: Annotated[int, typer.Option(min=10, help="Of which a year is weighed.")] = 400,
    folder: Folder = None,
) -> None:
    """Weigh a subscription on PostgreSQL: its log, its rows and their bytes, of each step and of a
    year; and book payments of one app, then of eight.

    Example: python -m bench weight --count 1000
    """
    report = _measure(
        folder,
        lambda inside, stage: run_weight(inside, stage, count=count, subscriptions=subscriptions),
    )
    if json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show_weight(report)


def _measure(folder: Path | None, measure: Callable[[Path, Stage], T]) -> T:
    """In a folder of its own, with a bar for each stage."""
    with tempfile.TemporaryDirectory(prefix="payment-service-bench-", dir=folder) as inside:
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:

            @contextmanager
            def stage(name: str, steps: int) -> Iterator[Done]:
                bar = bars.add_task(name, total=steps)
                yield lambda done: bars.update(bar, completed=done)
                bars.update(bar, completed=steps)

            try:
                return measure(Path(inside), stage)
            except (CannotStart, ConnectionError, RuntimeError) as error:
                sys.exit(f"bench: {error}")


commands = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
commands.callback(invoke_without_command=True)(bench)
commands.command()(flood)
commands.command()(billing)
commands.command()(beside)
commands.command()(dashboard)
commands.command()(restore)
commands.command()(slow_disk)
commands.command()(profile)
commands.command()(growth)
commands.command()(year)
commands.command()(webhooks)
commands.command()(weight)
commands(prog_name="python -m bench")
