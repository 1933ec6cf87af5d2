"""`payment-service test-clock …`"""

import asyncio
import logging
import sys
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from payment_service.actions.set_payer import set_payer
from payment_service.cli import work
from payment_service.cli.log import configure_log
from payment_service.cli.output import AsJson, say, show
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.clock_advance import check_test_app
from payment_service.model.invoice import Invoice
from payment_service.model.payer import HABITS, Habit
from payment_service.rehearsal.advance_clock import begin, go_on
from payment_service.rehearsal.pay import pay_now
from payment_service.rehearsal.told import Span, Stand, span, stand, timeline
from payment_service.resources.timeline import TimelineEntry, written
from payment_service.runtime import Runtime
from payment_service.web.simulated import tell_and_wait

commands = typer.Typer(
    help="The clock of a test app, its payers, and what came of them.",
    no_args_is_help=True,
    add_completion=False,
)
OfApp = Annotated[str, typer.Option("--app", help="The test app's id.")]
LOOK_EVERY = 0.5


@commands.command("advance")
def advance(
    app: OfApp,
    to: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A local day.")],
    as_json: AsJson = False,
) -> None:
    """Do everything that falls due up to 12:00 of a local day; the clock runs on from there.

    Example: payment-service test-clock advance --app app_… --to 2027-11-22
    """
    configure_log(logging.WARNING)  # each day of the way would say what it did
    told, zone = work.call(lambda runtime: _advance(runtime, app, to.date()))
    if as_json:
        show(msgspec.to_builtins(told), as_json=True)
        return
    sys.stdout.write(written(told.events, zone))
    if told.more_events:
        say(f"these are the first {len(told.events)} events; `timeline` tells of each subscription")
    counts = ", ".join(f"{count} {kind}" for kind, count in told.counts.items())
    say(f"the clock shows {told.clock.today}; {counts or 'nothing happened'}")


async def _advance(runtime: Runtime, app_id: str, day: date) -> tuple[Span, str]:
    begun = await begin(runtime, app_id, day)
    going = asyncio.create_task(go_on(runtime, begun, tell_and_wait))
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        days = max((day - begun.from_day).days, 1)
        bar = progress.add_task("days", total=days)
        try:
            while not going.done():
                await asyncio.wait((going,), timeout=LOOK_EVERY)
                reached = (await _stand(runtime, app_id)).today
                progress.update(bar, completed=(reached - begun.from_day).days)
        finally:  # broken off, it lets go of the clock where it stands
            going.cancel()
            await asyncio.wait((going,))
    await going
    told = await runtime.db.read(span, app_id, begun.first_position, runtime.clock.now())
    return told, told.clock.zone


@commands.command("show")
def show_clock(app: OfApp, as_json: AsJson = False) -> None:
    """Show what the app's clock shows, and how far an advance has come.

    Example: payment-service test-clock show --app app_…
    """

    async def query(runtime: Runtime) -> Stand:
        check_test_app(await runtime.db.read(app_by_id, app))
        return await _stand(runtime, app)

    show(msgspec.to_builtins(work.call(query)), as_json=as_json)


async def _stand(runtime: Runtime, app_id: str) -> Stand:
    return await runtime.db.read(stand, app_id, runtime.clock.now())


@commands.command("pay")
def pay(
    invoice: Annotated[str, typer.Argument(help="Its id, inv_….")],
    app: OfApp,
    periods: Annotated[
        int | None, typer.Option(help="1, 3, 6 or 12 in all; else as its open code asks for.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pay an invoice through the simulator, as a payer would.

    Example: payment-service test-clock pay inv_… --app app_… --periods 3
    """

    async def deed(runtime: Runtime) -> Invoice:
        found = await runtime.db.read(app_by_id, app)
        return await pay_now(runtime, found, invoice, tell_and_wait, periods=periods)

    paid = work.call(deed)
    show({"id": paid.id, "number": paid.number, "status": paid.status}, as_json=as_json)


@commands.command("payer")
def payer(
    subscription: Annotated[str, typer.Argument(help="Its id, sub_….")],
    habit: Annotated[str, typer.Argument(help=f"{', '.join(HABITS)}; or none.")],
    app: OfApp,
    as_json: AsJson = False,
) -> None:
    """Give a subscription's payer a habit, by which it pays while the clock is advanced.

    Example: payment-service test-clock payer sub_… pays_late --app app_…
    """
    wanted = _habit(habit)

    def unit(tx: Transaction, runtime: Runtime) -> None:
        set_payer(tx, app_by_id(tx, app), subscription, wanted, runtime.clock.now())

    work.write(unit)
    show({"subscription_id": subscription, "habit": wanted}, as_json=as_json)


def _habit(named: str) -> Habit | None:
    found = next((habit for habit in HABITS if habit == named), None)
    if found is None and named != "none":
        raise typer.BadParameter(f"{named} is no habit; choose {', '.join(HABITS)} or none")
    return found


@commands.command("timeline")
def show_timeline(
    subscription: Annotated[str, typer.Argument(help="Its id, sub_….")],
    app: OfApp,
    as_json: AsJson = False,
) -> None:
    """Tell what happened to a subscription, from the beginning, a line each.

    Example: payment-service test-clock timeline sub_… --app app_…
    """
    told, zone = work.call(lambda runtime: _timeline(runtime, app, subscription))
    if as_json:
        rows: dict[str, Any] = {"data": msgspec.to_builtins(told)}
        show(rows, as_json=True)
    else:
        sys.stdout.write(written(told, zone))


async def _timeline(
    runtime: Runtime, app_id: str, subscription_id: str
) -> tuple[list[TimelineEntry], str]:
    app = await runtime.db.read(app_by_id, app_id)
    check_test_app(app)
    return await timeline(runtime, app, subscription_id), app.zone
