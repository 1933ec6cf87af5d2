"""`payment-service plan …`"""

from typing import Annotated, Any

import msgspec
import typer
from msgspec import UNSET

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.archive_plan import archive_plan
from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.actions.move_subscribers import move_subscribers
from payment_service.cli import work
from payment_service.cli.output import AsJson, show, show_list
from payment_service.kit.errors import NotFound
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.audit import checked_reason
from payment_service.model.plan import LATE_PAYMENTS, PLAN_BY_CODE, PLANS_OF_APP, Plan
from payment_service.model.plan import LatePayment as LatePaymentRule
from payment_service.resources import plan_resource
from payment_service.runtime import Runtime

commands = typer.Typer(help="What an app sells.", no_args_is_help=True, add_completion=False)
LATE_HELP = "From which day a late payment counts: " + ", ".join(LATE_PAYMENTS) + "."
LatePayment = Annotated[str, typer.Option(help=LATE_HELP)]
PricesAhead = Annotated[
    list[str] | None,
    typer.Option(help="For several periods at once: 12=990000. May be given several times."),
]
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
    late_payment: LatePayment = "grace_then_payment_day",
    price_ahead: PricesAhead = None,
    as_json: AsJson = False,
) -> None:
    """Add a plan.

    Example: payment-service plan create --app app_… --code bulanan --name Bulanan
    --price 99000 --months 1 --price-ahead 12=990000
    """
    wanted = NewPlan(
        code=code,
        name=name,
        price=price,
        months=months,
        trial_days=trial_days,
        grace_days=grace_days,
        late_payment=checked_late_payment(late_payment),
        prices_ahead=_prices(price_ahead) or {},
    )

    def unit(tx: Transaction, runtime: Runtime) -> Plan:
        return add_plan(tx, app_by_id(tx, app).id, wanted, runtime.clock.now())

    plan = work.write(unit)
    show(_shown(plan), as_json=as_json, document=plan_resource(plan))


@commands.command("edit")
def edit(
    app: AppId,
    plan: Annotated[str, typer.Argument(help="The plan's code.")],
    name: Annotated[str | None, typer.Option(help="As payers see it.")] = None,
    price: Annotated[int | None, typer.Option(help="Whole rupiah.")] = None,
    grace_days: Annotated[
        int | None, typer.Option(help="Days of access after an unpaid period; -1 for the app's.")
    ] = None,
    late_payment: Annotated[str | None, typer.Option(help=LATE_HELP)] = None,
    price_ahead: PricesAhead = None,
    no_prices_ahead: Annotated[
        bool, typer.Option("--no-prices-ahead", help="Several periods cost as much as each alone.")
    ] = False,
    move: Annotated[
        bool,
        typer.Option("--move-subscribers", help="Bring the price to those who subscribed before."),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; needed with --move-subscribers.")] = "",
    as_json: AsJson = False,
) -> None:
    """Change what is sold from now on; what was sold stays, unless subscribers are moved.

    --price-ahead replaces all prices ahead that there were.

    Example: payment-service plan edit bulanan --app app_… --price 109000 --move-subscribers
    --reason "Prices of 2027"
    """
    if no_prices_ahead:
        price_ahead = []
    change = PlanChange(
        name=UNSET if name is None else name,
        price=UNSET if price is None else price,
        grace_days=UNSET if grace_days is None else (None if grace_days == -1 else grace_days),
        late_payment=UNSET if late_payment is None else checked_late_payment(late_payment),
        prices_ahead=UNSET if price_ahead is None else _prices(price_ahead) or {},
    )

    async def deed(runtime: Runtime) -> tuple[Plan, int | None]:
        by = work.by(runtime, reason)
        if move:
            checked_reason(by)

        def unit(tx: Transaction) -> Plan:
            app_by_id(tx, app)
            return edit_plan(tx, app, _by_code(tx, app, plan).id, change)

        edited = await runtime.db.write(unit)
        return edited, await move_subscribers(runtime, app, edited.id, by) if move else None

    edited, moved = work.call(deed)
    also = {} if moved is None else {"moved_subscribers": moved}
    document = {**msgspec.structs.asdict(plan_resource(edited)), **also}
    show({**_shown(edited), **also}, as_json=as_json, document=document)


@commands.command("archive")
def archive(
    app: AppId,
    plan: Annotated[str, typer.Argument(help="The plan's code.")],
    bring_back: Annotated[bool, typer.Option("--bring-back", help="Sell it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sell a plan no longer; subscriptions on it go on.

    Example: payment-service plan archive bulanan --app app_…
    """

    def unit(tx: Transaction, runtime: Runtime) -> Plan:
        now = work.now_for(tx, runtime, app)
        return archive_plan(tx, app, _by_code(tx, app, plan).id, now, is_sold=bring_back)

    archived = work.write(unit)
    show(_shown(archived), as_json=as_json, document=plan_resource(archived))


@commands.command("list")
def list_plans(app: AppId, as_json: AsJson = False) -> None:
    """List an app's plans. Example: payment-service plan list --app app_…"""

    def query(tx: Transaction) -> list[Plan]:
        return tx.all(PLANS_OF_APP, app_id=app_by_id(tx, app).id, before="~", limit=1000)

    plans = work.read(query)
    show_list(
        [_shown(plan) for plan in plans],
        as_json=as_json,
        documents=[plan_resource(plan) for plan in plans],
        empty="No plan yet; `payment-service plan create --help` shows how to add one.",
    )


def _by_code(tx: Transaction, app_id: str, code: str) -> Plan:
    plan = tx.one(PLAN_BY_CODE, app_id=app_id, code=code)
    if plan is None:
        raise NotFound("plan_not_found", f"This app has no plan {code}; `plan list` shows them.")
    return plan


def checked_late_payment(word: str) -> LatePaymentRule:
    for rule in LATE_PAYMENTS:
        if rule == word:
            return rule
    raise typer.BadParameter(f"--late-payment is one of {', '.join(LATE_PAYMENTS)}")


def _prices(given: list[str] | None) -> dict[str, int] | None:
    if given is None:
        return None
    pairs = [one.partition("=") for one in given]
    if any(not price.isdigit() for _, _, price in pairs):
        raise typer.BadParameter("--price-ahead is periods=rupiah, like 12=990000")
    return {periods: int(price) for periods, _, price in pairs}


def _shown(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "code": plan.code,
        "name": plan.name,
        "price": rupiah(plan.price),
        "months": plan.months,
        "grace_days": plan.grace_days,
        "late_payment": plan.late_payment,
        "prices_ahead": _told(plan.prices_ahead),
        "archived": plan.archived_at is not None,
    }


def _told(prices: dict[str, int]) -> str | None:
    return ", ".join(f"{periods}: {rupiah(price)}" for periods, price in prices.items()) or None
