"""`payment-service customer …`"""

from typing import Annotated, Any

import typer

from payment_service.actions.forget_customer import forget_customer, forget_what_was_told
from payment_service.cli import work
from payment_service.cli.output import AsJson, show
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.credit import balance
from payment_service.model.customer import CUSTOMER, CUSTOMER_BY_REFERENCE, Customer
from payment_service.model.subscription import SUBSCRIPTIONS_OF_CUSTOMER
from payment_service.runtime import Runtime

commands = typer.Typer(help="The apps' tenants.", no_args_is_help=True, add_completion=False)

CustomerName = Annotated[
    str, typer.Argument(help="Its id, cus_…, or with --app the app's own reference.")
]
OfApp = Annotated[str | None, typer.Option("--app", help="The app, for a reference.")]


@commands.command("show")
def show_customer(customer: CustomerName, app: OfApp = None, as_json: AsJson = False) -> None:
    """Show a customer, what it is owed, and its latest subscription.

    Example: payment-service customer show tenant-42 --app app_…
    """
    show(work.read(lambda tx: _shown(tx, customer_named(tx, customer, app))), as_json=as_json)


@commands.command("forget")
def forget(
    customer: CustomerName,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")],
    app: OfApp = None,
    as_json: AsJson = False,
) -> None:
    """Blank name, email, phone and metadata of a customer, wherever they are stored, for good.

    Money, numbers and the audit log stay. Its subscriptions must have ended.
    Example: payment-service customer forget tenant-42 --app app_… --reason "Asked by mail, 3 May"
    """

    async def deed(runtime: Runtime) -> dict[str, Any]:
        def unit(tx: Transaction) -> Customer:
            found = customer_named(tx, customer, app)
            by = work.by(runtime, reason)
            return forget_customer(tx, found.app_id, found.id, by=by)

        forgotten = await runtime.db.write(unit)
        await forget_what_was_told(runtime, forgotten)
        return await runtime.db.read(_shown, forgotten)

    show(work.call(deed), as_json=as_json)


def _shown(tx: Transaction, customer: Customer) -> dict[str, Any]:
    latest = tx.all(SUBSCRIPTIONS_OF_CUSTOMER, customer_id=customer.id, before="~", limit=1)
    return {
        "id": customer.id,
        "app_id": customer.app_id,
        "reference": customer.reference,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "credit": balance(tx, customer.id),
        "subscription_id": latest[0].id if latest else None,
        "subscription": latest[0].status if latest else None,
        "created_at": customer.created_at.isoformat(timespec="seconds"),
    }


def customer_named(tx: Transaction, named: str, app_id: str | None) -> Customer:
    """By id, or by the reference in an app. Raises NotFound."""
    if app_id is not None:
        found = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=named)
    else:
        found = tx.one(CUSTOMER, id=named)
    if found is None:
        raise NotFound(
            "customer_not_found", "There is no such customer; give its id, or --app and reference."
        )
    return found
