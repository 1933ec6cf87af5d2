"""`payment-service rebuild-totals`"""

from typing import Annotated, Any

import typer

from payment_service.actions.rebuild_totals import rebuild_totals
from payment_service.cli import work
from payment_service.cli.output import AsJson, show_list
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App, app_by_id
from payment_service.runtime import Runtime

commands = typer.Typer(add_completion=False)


@commands.command()
def rebuild(
    app: Annotated[str | None, typer.Option(help="Only this app; else every app.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sum up the books again for the overview: each day's revenue, and how subscriptions stood.

    Needed where `verify` finds a daily total that is wrong, and to have the history of the days
    before an upgrade that brought the totals. The service may run meanwhile.

    Example: payment-service rebuild-totals
    """
    done = work.call(lambda runtime: _rebuild(runtime, app))
    show_list(done, as_json=as_json, empty="No app yet.")


async def _rebuild(runtime: Runtime, app_id: str | None) -> list[dict[str, Any]]:
    apps = await runtime.db.read(_apps, app_id)
    return [{"app": app.id, "totals": await rebuild_totals(runtime, app)} for app in apps]


def _apps(tx: Transaction, app_id: str | None) -> list[App]:
    return tx.all(APPS) if app_id is None else [app_by_id(tx, app_id)]
