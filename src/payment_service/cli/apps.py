"""`payment-service app …`"""

from typing import Annotated, Any

import typer

from payment_service.actions.edit_app import AppChange, edit_app
from payment_service.actions.register_app import Registered, Registration, register_app
from payment_service.actions.set_request_rate import set_request_rate
from payment_service.cli import work
from payment_service.cli.log import leave_refusals_to_the_command
from payment_service.cli.output import AsJson, show, show_list
from payment_service.cli.secret_options import read_secret
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.outside.pakasir_settings import DEFAULT_ORIGIN, PakasirSettings
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="The apps that bill through this service.",
    no_args_is_help=True,
    add_completion=False,
    callback=leave_refusals_to_the_command,
)


@commands.command("create")
def create(
    name: Annotated[str, typer.Option(help="The app's name, as payers see it.")],
    mode: Annotated[str, typer.Option(help="test or live; fixed from here on.")],
    webhook_url: Annotated[
        str | None, typer.Option(help="Where the app hears what happened.")
    ] = None,
    gateway: Annotated[
        str | None, typer.Option(help="pakasir; a test app without one uses the simulator.")
    ] = None,
    pakasir_project: Annotated[str | None, typer.Option(help="The project's slug.")] = None,
    pakasir_api_key: Annotated[
        str | None,
        typer.Option(help="- , @file or the key.", envvar="PAYMENT_SERVICE_PAKASIR_API_KEY"),
    ] = None,
    pakasir_webhook_secret: Annotated[
        str | None,
        typer.Option(
            help="- , @file or the secret.", envvar="PAYMENT_SERVICE_PAKASIR_WEBHOOK_SECRET"
        ),
    ] = None,
    pakasir_base_url: Annotated[
        str, typer.Option(help="The gateway's origin; the path is added.")
    ] = DEFAULT_ORIGIN,
    pakasir_version: Annotated[
        str, typer.Option(help="v2, or v1 for a project that still has it.")
    ] = "v2",
    prefix: Annotated[
        str | None, typer.Option(help="Of invoice numbers; else the initials of the name.")
    ] = None,
    return_origin: Annotated[
        list[str] | None,
        typer.Option(help="Where pay pages may link back to; may be given several times."),
    ] = None,
    many_subscriptions: Annotated[
        bool,
        typer.Option("--many-subscriptions", help="Whether a customer may have several at once."),
    ] = False,
    zone: Annotated[
        str, typer.Option(help="Asia/Jakarta, Asia/Makassar or Asia/Jayapura.")
    ] = "Asia/Jakarta",
    as_json: AsJson = False,
) -> None:
    """Register an app and print its API key and webhook secret, this once.

    Example: payment-service app create --name BukuBengkel --mode test
    --webhook-url https://bukubengkel.id/webhooks/payment-service
    """
    project = _project(
        gateway,
        pakasir_project,
        pakasir_api_key,
        pakasir_webhook_secret,
        pakasir_base_url,
        pakasir_version,
    )
    wanted = Registration(
        name=name,
        mode=mode,
        webhook_url=webhook_url,
        zone=zone,
        prefix=prefix,
        pakasir=project,
        return_origins=tuple(return_origin or ()),
        many_subscriptions=many_subscriptions,
    )

    def unit(tx: Transaction, runtime: Runtime) -> Registered:
        return register_app(tx, wanted, runtime.secrets, runtime.targets, runtime.clock.now())

    done = work.write(unit)
    show(
        {
            **_shown(done.app),
            "api_key": done.api_key,
            "webhook_secret": done.webhook_secret,
            "webhook_url": wanted.webhook_url,
        },
        as_json=as_json,
    )


@commands.command("set")
def set_app(
    app: Annotated[str, typer.Argument(help="The app's id.")],
    zone: Annotated[str | None, typer.Option(help="Only while nobody has subscribed.")] = None,
    grace_days: Annotated[int | None, typer.Option(help="Access after an unpaid period.")] = None,
    lead_days: Annotated[
        int | None, typer.Option(help="How long before the last paid day a renewal is issued.")
    ] = None,
    pending_timeout_hours: Annotated[
        int | None, typer.Option(help="After which an unpaid first invoice is void.")
    ] = None,
    cancel_after_days: Annotated[
        int | None, typer.Option(help="Of suspension for non-payment; 0 is never.")
    ] = None,
    reminder_days: Annotated[
        str | None, typer.Option(help="From the due date: -7,-3,-1,0,3; empty for none.")
    ] = None,
    reminder_time: Annotated[str | None, typer.Option(help="Local, like 09:00.")] = None,
    requests_per_second: Annotated[
        int | None, typer.Option(help="What each API key may ask; four seconds' worth at once.")
    ] = None,
    reason: Annotated[
        str, typer.Option(help="Why; kept in the audit log.")
    ] = "set on the terminal",
    as_json: AsJson = False,
) -> None:
    """Change how an app bills, and how often its keys may ask; what is open keeps its schedule.

    Example: payment-service app set app_… --grace-days 3 --reminder-days=-3,0,3
    """
    given: dict[str, Any] = {
        "zone": zone,
        "grace_days": grace_days,
        "renewal_lead_days": lead_days,
        "pending_timeout_hours": pending_timeout_hours,
        "cancel_after_days": cancel_after_days,
        "reminder_days": _days(reminder_days),
        "reminder_time": reminder_time,
    }
    change = AppChange(**{name: one for name, one in given.items() if one is not None})

    def unit(tx: Transaction, runtime: Runtime) -> App:
        by = work.by(runtime, reason)
        if requests_per_second is not None:
            set_request_rate(tx, app, requests_per_second, by)
        return edit_app(tx, app, change, runtime.targets, by)

    show(_billing(work.write(unit)), as_json=as_json)


def _days(listed: str | None) -> tuple[int, ...] | None:
    if listed is None:
        return None
    try:
        return tuple(int(day) for day in listed.split(",") if day.strip())
    except ValueError:
        raise typer.BadParameter("--reminder-days is days with commas: -7,-3,-1,0,3") from None


def _billing(app: App) -> dict[str, Any]:
    return {
        "id": app.id,
        "name": app.name,
        "zone": app.zone,
        "grace_days": app.grace_days,
        "lead_days": app.renewal_lead_days,
        "pending_timeout_hours": app.pending_timeout_hours,
        "cancel_after_days": app.cancel_after_days or 0,
        "reminder_days": ",".join(str(day) for day in app.reminder_days),
        "reminder_time": app.reminder_time,
        "requests_per_second": app.requests_per_second,
    }


@commands.command("list")
def list_apps(as_json: AsJson = False) -> None:
    """List the apps. Example: payment-service app list --json"""
    apps = work.read(lambda tx: tx.all(APPS))
    show_list(
        [_shown(app) for app in apps],
        as_json=as_json,
        empty="No app yet; `payment-service app create --help` shows how to register one.",
    )


def _shown(app: App) -> dict[str, Any]:
    return {
        "id": app.id,
        "name": app.name,
        "mode": app.mode,
        "gateway": app.gateway,
        "invoice_prefix": app.invoice_prefix,
        "zone": app.zone,
    }


def _project(
    gateway: str | None,
    project: str | None,
    api_key: str | None,
    webhook_secret: str | None,
    origin: str,
    version: str,
) -> PakasirSettings | None:
    if gateway is None:
        if project is not None:
            raise typer.BadParameter("--pakasir-… options need --gateway pakasir")
        return None
    if gateway != "pakasir":
        raise typer.BadParameter("the gateway is pakasir")
    key, secret = read_secret(api_key), read_secret(webhook_secret)
    if project is None or key is None or (secret is None and version != "v1"):
        raise typer.BadParameter(
            "pakasir needs --pakasir-project, --pakasir-api-key and --pakasir-webhook-secret"
        )
    return PakasirSettings(project, key, secret or "", origin, version)
