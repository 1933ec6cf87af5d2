"""`payment-service alert …`"""

import asyncio
from typing import Annotated, Any

import typer

from payment_service.actions.clear_alert import clear_alert
from payment_service.actions.see_alert import see_alert
from payment_service.actions.send_alerts import try_channels
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.config import open_runtime, read_settings
from payment_service.kit.errors import CannotStart
from payment_service.kit.statements import Transaction
from payment_service.model.alert import (
    NEWEST_ALERTS,
    NEWEST_ALERTS_OF_APP,
    OPEN_ALERTS,
    OPEN_ALERTS_OF_APP,
    Alert,
)
from payment_service.model.app import app_by_id
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="What the owner must know, open until it is cleared.",
    no_args_is_help=True,
    add_completion=False,
)
AlertId = Annotated[str, typer.Argument(help="The alert's id, from `alert list`.")]
LISTED = 200


@commands.command("list")
def list_alerts(
    app: Annotated[str | None, typer.Option(help="Only of this app.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Cleared ones too: the newest 200.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List open alerts; under `note` stands by which way one could not be sent.

    Example: payment-service alert list --app app_… --all
    """

    def query(tx: Transaction) -> list[Alert]:
        if app is not None:
            app_by_id(tx, app)
        if everything and app is None:
            return tx.all(NEWEST_ALERTS, after="", limit=LISTED)
        if everything:
            return tx.all(NEWEST_ALERTS_OF_APP, app_id=app, after="", limit=LISTED)
        if app is None:
            return tx.all(OPEN_ALERTS)
        return tx.all(OPEN_ALERTS_OF_APP, app_id=app)

    rows = [_shown(alert) for alert in work.read(query)]
    show_list(rows, as_json=as_json, empty="No alert; all is well.")


@commands.command("seen")
def seen(alert: AlertId, as_json: AsJson = False) -> None:
    """Mark an alert as read; it stays open. Example: payment-service alert seen alr_…"""

    def unit(tx: Transaction, runtime: Runtime) -> Alert:
        return see_alert(tx, alert, runtime.clock.now())

    show(_shown(work.write(unit)), as_json=as_json)


@commands.command("clear")
def clear(
    alert: AlertId,
    note: Annotated[str, typer.Option(help="How it was dealt with; at most 500 characters.")],
    as_json: AsJson = False,
) -> None:
    """Close an alert that has been dealt with; no reminder comes any more.

    Example: payment-service alert clear alr_… --note "new API key entered"
    """

    def unit(tx: Transaction, runtime: Runtime) -> Alert:
        return clear_alert(tx, alert, work.by(runtime, note))

    show(_shown(work.write(unit)), as_json=as_json)


@commands.command("test")
def try_out(as_json: AsJson = False) -> None:
    """Send a test message by every way that is set; code 1 when one fails.

    Example: payment-service alert test
    """
    outcomes = asyncio.run(_try())
    if not outcomes:
        raise CannotStart(
            "no way to send alerts is set; set PAYMENT_SERVICE_ALERT_WEBHOOK_URL or "
            "PAYMENT_SERVICE_SMTP_URL, or add one in the dashboard's settings"
        )
    rows = [{"channel": name, "result": why or "sent"} for name, why in outcomes.items()]
    show_list(rows, as_json=as_json, empty="")
    if any(why is not None for why in outcomes.values()):
        raise typer.Exit(1)


async def _try() -> dict[str, str | None]:
    runtime = await open_runtime(read_settings(), makes_new=False)
    try:
        return await try_channels(runtime)
    finally:
        await runtime.close()


def _shown(alert: Alert) -> dict[str, Any]:
    instants = {
        name: instant and instant.isoformat(timespec="seconds")
        for name, instant in (
            ("raised_at", alert.raised_at),
            ("sent_at", alert.sent_at),
            ("seen_at", alert.seen_at),
            ("cleared_at", alert.cleared_at),
        )
    }
    return {
        "id": alert.id,
        "kind": alert.kind,
        "message": alert.message,
        "app_id": alert.app_id,
        "subject_id": alert.subject_id,
        **instants,
        "note": alert.note,
    }
