"""The command line: `python -m bench`."""

from typing import Annotated

import typer

from bench import beside_report, billing_report, growth, profile, slow_disk, webhooks_report
from bench.beside import run_beside
from bench.billing import run_billing_bench
from bench.command import Database, Folder, Json, Quick, measured
from bench.dashboard import run_dashboard, show_dashboard
from bench.databases import Kind
from bench.everything import everything
from bench.flood import run_flood, show_flood
from bench.report import show
from bench.restore import run_restore, show_restore
from bench.run import FULL, FULL_ON_POSTGRES, QUICK, run
from bench.webhooks import run_webhooks
from bench.weight import run_weight, show_weight
from bench.year import run_year, show_year


def bench(
    context: typer.Context,
    json: Json = False,
    quick: Quick = False,
    database: Database = "sqlite",
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Pay invoices in no order: worse for any cache.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Measure one server process on one core, beside the limits of the same operations.

    Ends with 1 when rows are missing afterwards, never for a goal that is missed.

    Example: python -m bench --quick --json
    """
    if context.invoked_subcommand is not None:
        return
    full = FULL if database == "sqlite" else FULL_ON_POSTGRES
    counts = QUICK if quick else full
    measured(
        folder,
        json,
        show,
        lambda inside, stage: run(inside, counts, stage, kind=database, shuffled=shuffled),
    )


def flood(
    json: Json = False,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="Quiet, and again flooded.")] = 10,
    folder: Folder = None,
) -> None:
    """Post 1,000 forged notices a second beside a steady load of API reads and writes.

    Ends with 1 when a forged notice reached the gateway, or was not counted.

    Example: python -m bench flood --seconds 10
    """
    measured(folder, json, show_flood, lambda inside, stage: run_flood(inside, seconds, stage))


def billing(
    json: Json = False,
    quick: Quick = False,
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
    measured(
        folder,
        json,
        billing_report.show,
        lambda inside, stage: run_billing_bench(inside, kinds, sizes, stage),
    )


def beside(
    json: Json = False,
    database: Database = "sqlite",
    subscriptions: Annotated[int, typer.Option(min=1_000, help="The crowd.")] = 200_000,
    days: Annotated[int, typer.Option(min=1, max=5, help="Runs, each after a quiet time.")] = 3,
    folder: Folder = None,
) -> None:
    """Make the worker's billing run beside a steady load of API reads and writes.

    Ends with 1 when steps are missing afterwards, never for a goal that is missed.

    Example: python -m bench beside --database postgresql --subscriptions 50000
    """
    measured(
        folder,
        json,
        beside_report.show,
        lambda inside, stage: run_beside(inside, database, subscriptions, days, stage),
    )


def dashboard(
    json: Json = False,
    database: Database = "sqlite",
    subscriptions: Annotated[int, typer.Option(min=100, help="With ten invoices each.")] = 200_000,
    folder: Folder = None,
) -> None:
    """Ask what the dashboard asks: figures, search, lists, a history, tonight.

    Ends with 1 when a question takes over 300 ms, of 95 in 100.

    Example: python -m bench dashboard --subscriptions 20000
    """
    measured(
        folder,
        json,
        show_dashboard,
        lambda inside, stage: run_dashboard(inside, database, subscriptions, stage),
    )


def restore(
    json: Json = False,
    database: Database = "sqlite",
    subscriptions: Annotated[int, typer.Option(min=100, help="With ten invoices each.")] = 30_000,
    folder: Folder = None,
) -> None:
    """Back up, put back and verify books of about a gigabyte.

    Ends with 1 when putting back takes over 60 s a gigabyte.

    Example: python -m bench restore --database postgresql
    """
    measured(
        folder,
        json,
        show_restore,
        lambda inside, stage: run_restore(inside, database, subscriptions, stage),
    )


def slow(
    json: Json = False,
    quick: Quick = False,
    delay: Annotated[
        float, typer.Option(min=0, max=100, help="Milliseconds by which each sync takes longer.")
    ] = slow_disk.DELAY_MS,
    folder: Folder = None,
) -> None:
    """Confirm and create on a disk whose fsync takes 4 ms longer. Needs a C compiler.

    Ends with 1 when rows are missing afterwards or syncs were not slowed, never for a missed goal.

    Example: python -m bench slow-disk --delay 1
    """
    samples = slow_disk.QUICK_SAMPLES if quick else slow_disk.SAMPLES
    measured(
        folder,
        json,
        slow_disk.show_slow_disk,
        lambda inside, stage: slow_disk.run_slow_disk(inside, samples, stage, delay_ms=delay),
    )


def grown(
    json: Json = False,
    quick: Quick = False,
    database: Database = "sqlite",
    folder: Folder = None,
) -> None:
    """Confirm, create and read while the books grow from 10,000 subscriptions to a million.

    Ends with 1 when rows are missing afterwards, never for a goal that is missed.

    Example: python -m bench growth --database postgresql
    """
    sizes = growth.QUICK_SIZES if quick else growth.SIZES
    samples = growth.QUICK_SAMPLES if quick else growth.SAMPLES
    measured(
        folder,
        json,
        growth.show_growth,
        lambda inside, stage: growth.run_growth(inside, database, sizes, samples, stage),
    )


def profiled(json: Json = False, quick: Quick = False, folder: Folder = None) -> None:
    """Tell on which floor of the service an operation spends its time, and in which functions.

    Ends with 1 when rows are missing afterwards. Needs root, or kernel.yama.ptrace_scope = 0.

    Example: python -m bench profile --json
    """
    samples = profile.QUICK_SAMPLES if quick else profile.SAMPLES
    measured(
        folder,
        json,
        profile.show_profile,
        lambda inside, stage: profile.run_profile(inside, samples, stage),
    )


def year(json: Json = False, folder: Folder = None) -> None:
    """Advance a test app's clock by a year, with 100 subscriptions and payers of every habit.

    Example: python -m bench year
    """
    measured(folder, json, show_year, run_year)


def webhooks(
    json: Json = False,
    quick: Quick = False,
    database: Database = "sqlite",
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
    measured(
        folder,
        json,
        webhooks_report.show,
        lambda inside, stage: run_webhooks(inside, database, count, time, stage),
    )


def weight(
    json: Json = False,
    count: Annotated[int, typer.Option(min=100, help="Payments, twice.")] = 4_000,
    subscriptions: Annotated[int, typer.Option(min=10, help="Of which a year is weighed.")] = 400,
    folder: Folder = None,
) -> None:
    """Weigh a subscription on PostgreSQL: its log, its rows and their bytes, of each step and of a
    year; and book payments of one app, then of eight.

    Example: python -m bench weight --count 1000
    """
    measured(
        folder,
        json,
        show_weight,
        lambda inside, stage: run_weight(inside, stage, count=count, subscriptions=subscriptions),
    )


commands = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
commands.callback(invoke_without_command=True)(bench)
commands.command("all")(everything)
commands.command("slow-disk")(slow)
commands.command("growth")(grown)
commands.command("profile")(profiled)
for command in (flood, billing, beside, dashboard, restore, year, webhooks, weight):
    commands.command()(command)
commands(prog_name="python -m bench")
