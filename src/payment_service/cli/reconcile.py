"""`payment-service reconcile`"""

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from payment_service.actions.check_money import check_money
from payment_service.books.compare_money import Told
from payment_service.cli.output import AsJson, say, show, show_list
from payment_service.config import open_runtime, read_settings
from payment_service.kit.calendar import local_date
from payment_service.kit.money import rupiah
from payment_service.model.app import APPS, App
from payment_service.model.money_check import Discrepancy, Findings
from payment_service.model.settlement import Settlement, Unreadable, read_settlement
from payment_service.runtime import Runtime, now_of

commands = typer.Typer(add_completion=False)

MOST_DAYS = 366
SOME, BAD_OPTIONS, NOT_ALL_ANSWERED = 1, 2, 3
Days = tuple[date, date]
Found = list[tuple[App, Findings]]


@commands.command()
def reconcile(
    first: Annotated[
        str | None, typer.Option("--from", help="The first local day; yesterday if not given.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="The last local day; yesterday if not given.")
    ] = None,
    app: Annotated[str | None, typer.Option(help="Only this app.")] = None,
    settlement: Annotated[
        Path | None, typer.Option(help="The gateway's settlement export of these days, a CSV file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare our books with the gateway's answer for every charge, and list what differs.

    Ends with 0 when nothing does, 1 when something does, 2 for bad options, 3 when nothing does
    and the gateway left charges unanswered.
    Example: payment-service reconcile --from 2026-11-01 --to 2026-11-21
    """
    days = _day("--from", first), _day("--to", last)
    file = None if settlement is None else _read(settlement)
    found = asyncio.run(_reconcile(days, app, file))
    if as_json:
        show({"apps": [_document(*each) for each in found]}, as_json=True)
    else:
        _show_exceptions(found)
    _tell(found)
    if any(findings.exceptions for _, findings in found):
        raise typer.Exit(SOME)
    if any(findings.unanswered for _, findings in found):
        raise typer.Exit(NOT_ALL_ANSWERED)


async def _reconcile(
    days: tuple[date | None, date | None], app_id: str | None, settlement: Settlement | None
) -> Found:
    runtime = await open_runtime(read_settings(), makes_new=False)
    try:
        apps = await runtime.db.read(lambda tx: tx.all(APPS))
        chosen = [app for app in apps if app_id in (None, app.id)]
        if app_id is not None and not chosen:
            _refuse(f"there is no app {app_id}; `payment-service app list` shows them")
        if settlement is not None and len(chosen) != 1:
            _refuse("--settlement needs --app: a file is of one app's gateway project")
        spans = [_span(runtime, app, days) for app in chosen]
        return await _check_each(runtime, list(zip(chosen, spans, strict=True)), settlement)
    finally:
        await runtime.close()


async def _check_each(
    runtime: Runtime, spans: list[tuple[App, Days]], settlement: Settlement | None
) -> Found:
    found = []
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        for app, (first, last) in spans:
            told = _bar(progress, app)
            findings = await check_money(
                runtime, app, first, last, settlement=settlement, told=told
            )
            found.append((app, findings))
    return found


def _bar(progress: Progress, app: App) -> Told:
    task = progress.add_task(app.name, total=None)

    def told(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)

    return told


def _span(runtime: Runtime, app: App, days: tuple[date | None, date | None]) -> Days:
    today = local_date(now_of(runtime, app), app.zone)
    yesterday = today - timedelta(days=1)
    first, last = days[0] or days[1] or yesterday, days[1] or max(yesterday, days[0] or yesterday)
    if last > today:
        _refuse(f"--to {last} is in the future; today is {today} for {app.name}")
    if first > last:
        _refuse(f"--from {first} is after --to {last}")
    if (last - first).days >= MOST_DAYS:
        _refuse(f"the span has {(last - first).days + 1} days; at most {MOST_DAYS} are compared")
    return first, last


def _day(option: str, written: str | None) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        _refuse(f"{option} {written} is no date; write it like 2026-11-21")


def _read(path: Path) -> Settlement:
    try:
        return read_settlement(path.read_bytes())
    except OSError as error:
        _refuse(f"--settlement {path} cannot be read: {error.strerror}")
    except Unreadable as error:
        _refuse(f"--settlement {path}: {error}; nothing was compared")


def _refuse(reason: str) -> NoReturn:
    say(reason)
    raise typer.Exit(BAD_OPTIONS)


def _show_exceptions(found: Found) -> None:
    rows = [
        _row(app, exception, named=len(found) > 1)
        for app, findings in found
        for exception in findings.exceptions
    ]
    show_list(rows, as_json=False, empty="No exceptions.")


def _row(app: App, exception: Discrepancy, *, named: bool) -> dict[str, Any]:
    return {
        **({"app": app.name} if named else {}),
        "difference": exception.difference,
        "charge": exception.charge_id,
        "reference": exception.reference,
        "ours": None if exception.ours is None else rupiah(exception.ours),
        "theirs": None if exception.theirs is None else rupiah(exception.theirs),
        "message": exception.message,
    }


def _document(app: App, findings: Findings) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(findings)
    return {"app": app.id, **told}


def _tell(found: Found) -> None:
    """What was not compared, each by name, and the summary."""
    every = [findings for _, findings in found]
    for findings in every:
        for passed_over in (*findings.unanswered, *findings.elsewhere):
            say(f"not compared: {passed_over.charge_id}, {passed_over.reason}")
    counts = {
        "charges asked": sum(findings.asked for findings in every),
        "unanswered": sum(len(findings.unanswered) for findings in every),
        "exceptions": sum(len(findings.exceptions) for findings in every),
        "of a gateway the app no longer has": sum(len(one.elsewhere) for one in every),
        "never opened": sum(findings.unopened for findings in every),
    }
    summary = ", ".join(f"{count} {what}" for what, count in counts.items())
    sys.stdout.flush()
    say(summary)
