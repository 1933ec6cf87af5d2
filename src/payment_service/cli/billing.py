"""`payment-service run-billing`"""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from payment_service.actions.plan_billing import BillingPlan, plan_billing
from payment_service.actions.run_billing import Told, run_billing
from payment_service.actions.send_reminders import send_reminders
from payment_service.actions.watch_machine import watch_machine
from payment_service.books.find_due import last_day_of
from payment_service.cli import work
from payment_service.cli.output import AsJson, say, show, show_list
from payment_service.kit.calendar import local_date
from payment_service.kit.collector import spare_what_is_here
from payment_service.kit.errors import CannotStart
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App, app_by_id
from payment_service.model.due import COUNT_WALK
from payment_service.model.flaw import standing_flaw
from payment_service.runtime import Runtime, now_of

commands = typer.Typer(add_completion=False)


@commands.command()
def run(
    app: Annotated[str | None, typer.Option(help="Only this app; else every app.")] = None,
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A local day; a later one only with --dry-run."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would happen; change nothing.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Release the breaker for this day; needs --app."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Issue renewals, begin grace, suspend, end: what is due today, in each app's own zone.

    The worker of `serve` does it by itself from 01:00 local time. It may run at any time and any
    number of times: what is done is not done again.

    Example: payment-service run-billing --dry-run --today 2026-12-22
    """
    if force and app is None:
        raise typer.BadParameter("--force needs --app: it releases one app's breaker")
    day = today.date() if today else None
    if dry_run:
        _show_plans(work.call(lambda runtime: _plans(runtime, app, day)), as_json)
        return
    runs = work.call(lambda runtime: _run(runtime, app, day, force, quiet=as_json))
    show_list(runs, as_json=as_json, empty="No app yet.")
    for one in runs:
        if one["held"]:
            say(
                f"{one['held']} suspensions of {one['app']} were held: too many for one day. "
                f"If that is right: payment-service run-billing --force --app {one['app']}"
            )
    if any(one["failed"] for one in runs):
        raise typer.Exit(1)


async def _apps(runtime: Runtime, app_id: str | None) -> list[App]:
    if app_id is None:
        return await runtime.db.read(lambda tx: tx.all(APPS))
    return [await runtime.db.read(app_by_id, app_id)]


async def _plans(
    runtime: Runtime, app_id: str | None, day: date | None
) -> list[tuple[App, BillingPlan]]:
    return [(app, await plan_billing(runtime, app, day)) for app in await _apps(runtime, app_id)]


async def _run(
    runtime: Runtime, app_id: str | None, day: date | None, forced: bool, *, quiet: bool
) -> list[dict[str, Any]]:
    done = []
    await watch_machine(runtime)
    if (doubt := runtime.troubles.standing.get("clock_jumped")) is not None:
        raise CannotStart(
            f"{doubt.message} When it is right, clear the alert: payment-service alert list"
        )
    if (flaw := await runtime.db.read(standing_flaw)) is not None:
        raise CannotStart(
            f"{flaw.message}. When it is dealt with, clear the alert: payment-service alert list"
        )
    spare_what_is_here()
    console = Console(stderr=True)
    with Progress(
        console=console, disable=quiet or not console.is_terminal, transient=True
    ) as progress:
        for app in await _apps(runtime, app_id):
            today = local_date(now_of(runtime, app), app.zone)
            if day is not None and day > today:
                raise typer.BadParameter(
                    f"{day} is not here yet in {app.zone}; see it with --dry-run"
                )
            told = await _bar(runtime, progress, app, day or today)
            run = await run_billing(runtime, app, day, forced=forced, told=told)
            counts = msgspec.structs.asdict(run.counts)
            reminders = await send_reminders(runtime, app)
            done.append({"app": app.id, "day": str(run.day), **counts, "reminders": reminders})
    return done


async def _bar(runtime: Runtime, progress: Progress, app: App, day: date) -> Told:
    def count(tx: Transaction) -> int | None:
        return tx.one(COUNT_WALK, app_id=app.id, day=last_day_of(app, day))

    task = progress.add_task(app.name, total=await runtime.db.read(count))
    return lambda looked_at: progress.update(task, completed=looked_at)


def _show_plans(found: list[tuple[App, BillingPlan]], as_json: bool) -> None:
    if as_json:
        apps = [
            {
                "app": app.id,
                "day": str(plan.day),
                "held": plan.is_held,
                "steps": [step._asdict() for step in plan.steps],
            }
            for app, plan in found
        ]
        show({"apps": apps}, as_json=True)
        return
    rows = [
        {
            "app": app.name,
            "step": step.step,
            "customer": step.customer,
            "subscription": step.subscription_id,
            "status": step.status,
            "paid through": step.paid_through,
            "amount": None if step.amount is None else rupiah(step.amount),
        }
        for app, plan in found
        for step in plan.steps
    ]
    show_list(rows, as_json=False, empty="Nothing is due.")
    for app, plan in found:
        if plan.is_held:
            say(f"the suspensions of {app.name} would be held: too many for one day")
