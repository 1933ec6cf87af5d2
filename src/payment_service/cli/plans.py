"""`payment-service plan …`"""

from typing import Annotated, Any

import typer

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.plan import PLANS_OF_APP, Plan
from payment_service.runtime import Runtime

commands = typer.Typer(help="What an app sells.", no_args_is_help=True, add_completion=False)
AppId = Annotated[str, typer.Option("--app", help="The app's id.")]


@commands.command("create")
def create(
    app: AppId,
    code: Annotated[str, typer.Option(help="Small letters: bulanan.")],
    name: Annotated[str, typer.Option(help="As payers see it: Bulanan.")],
    price: Annotated[int, typer.Option(help="Whole rupiah; 0 is a free plan.")],
    months: Annotated[int, typer.Option(help="How long one period lasts.")],
    trial_days: Annotated[int, typer.Option(help="Free days at the start.")] = 0,
    grace_days: Annotated[
        int | None, typer.Option(help="Days of access after an unpaid period; else the app's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a plan.

    Example: payment-service plan create --app app_… --code bulanan --name Bulanan
    --price 99000 --months 1
    """
    wanted = NewPlan(
        code=code,
        name=name,
        price=price,
        months=months,
        trial_days=trial_days,
        grace_days=grace_days,
    )

    def unit(tx: Transaction, runtime: Runtime) -> Plan:
        return add_plan(tx, app_by_id(tx, app).id, wanted, runtime.clock.now())

    show(_shown(work.write(unit), as_json), as_json=as_json)


@commands.command("list")
def list_plans(app: AppId, as_json: AsJson = False) -> None:
    """List an app's plans. Example: payment-service plan list --app app_…"""

    def query(tx: Transaction) -> list[Plan]:
        return tx.all(PLANS_OF_APP, app_id=app_by_id(tx, app).id, before="~", limit=1000)

    show_list(
        [_shown(plan, as_json) for plan in work.read(query)],
        as_json=as_json,
        empty="No plan yet; `payment-service plan create --help` shows how to add one.",
    )


def _shown(plan: Plan, as_json: bool) -> dict[str, Any]:
    return {
        "id": plan.id,
        "code": plan.code,
        "name": plan.name,
        "price": plan.price if as_json else rupiah(plan.price),
        "months": plan.months,
    }
