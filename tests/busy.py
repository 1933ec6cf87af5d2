"""An installation after a month and a half of use: a subscription in every state, invoices and
money of every kind, messages that arrived and some that did not."""

from typing import NamedTuple

from sqlalchemy import func, select

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.kit.statements import Statement, Transaction, value
from payment_service.model.alert import alerts
from payment_service.model.app import App, app_by_id, apps
from payment_service.model.charge import charges
from payment_service.model.customer import customers
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints
from payment_service.model.invoice import invoices
from payment_service.model.key import api_keys
from payment_service.model.payment import payments
from payment_service.model.plan import plans
from payment_service.model.subscription import subscriptions
from tests.scenarios.renewals import pays_old
from tests.story import Story, Tenant

LONG = "PT Bengkel Las Bubut dan Perbaikan Mesin Diesel Putra Mandiri Jaya Abadi Kebumen"
NOUNS = {
    "apps": apps,
    "alerts": alerts,
    "plans": plans,
    "customers": customers,
    "subscriptions": subscriptions,
    "invoices": invoices,
    "charges": charges,
    "payments": payments,
    "keys": api_keys,
    "webhooks": endpoints,
    "endpoints": endpoints,
    "deliveries": deliveries,
}
FIRST_OF = {name: value(select(func.min(table.c.id)), str) for name, table in NOUNS.items()}
BY_STATE = {
    name: Statement(
        select(column, func.max(table.c.id)).group_by(column),
        lambda state, newest: (state, newest),
    )
    for name, table, column in (
        ("subscriptions", subscriptions, subscriptions.c.status),
        ("invoices", invoices, invoices.c.status),
        ("payments", payments, payments.c.outcome),
        ("deliveries", deliveries, deliveries.c.status),
    )
}


class Busy(NamedTuple):
    """`ids` has one of each noun of the dashboard's addresses; `by_state` each state that there is
    of subscriptions, invoices, payments and deliveries, with the newest that is in it."""

    app_id: str
    ids: dict[str, str]
    by_state: dict[str, dict[str, str]]


async def busy(story: Story) -> Busy:
    """BukuBengkel with its tenants, told day by day; it is ten in the morning at the end."""
    app = await story.app()
    runtime = story.service.runtime

    def second_endpoint(tx: Transaction) -> None:
        wanted = NewEndpoint(
            url=f"{story.receiver.url}?of=access", types=("subscription.suspended",)
        )
        create_endpoint(
            tx, _app(tx, app.id), wanted, runtime.secrets, runtime.targets, runtime.clock.now()
        )

    await runtime.db.write(second_endpoint)
    steady = await story.subscribe("Bengkel Sari Motor", "bulanan")
    await _pays(steady)
    await _pays(await story.subscribe("Bengkel Fitri", "bulanan"))
    await story.subscribe("Bengkel Hadi, tidak jadi", "tahunan")
    doubtful = await story.subscribe("Bengkel Gani", "tahunan")
    code = await doubtful.asks_for_code()
    await story.the_gateway_books(code.order_id, 1_000_000)
    await doubtful.pays(code)
    await story.days_pass(11)
    await _pays(await story.subscribe(LONG, "murah"))
    leaving = await story.subscribe("Bengkel Ika", "bulanan")
    await _pays(leaving)
    await app.asks("POST", f"/v1/subscriptions/{leaving.id}/cancel", {"at": "now"})
    await story.days_pass(18)
    await _pays(steady, twice=True)
    await story.days_pass(15)
    await story.service.deliver()
    story.the_app_fails(40)
    await story.subscribe("Bengkel Budi", "tahunan")
    await story.subscribe("Bengkel Dewi", "coba")
    await story.service.deliver()
    return Busy(app.id, *await runtime.db.read(_found))


async def _pays(tenant: Tenant, *, twice: bool = False) -> None:
    """What is open now; twice where both phones of a workshop paid, each by a code of its own."""
    first = await tenant.asks_for_code()
    if twice:
        await tenant.story.minutes_pass(16)
        await tenant.pays(await tenant.asks_for_code())
        await pays_old(tenant.story, tenant, first)
    else:
        await tenant.pays(first)


def _app(tx: Transaction, app_id: str) -> App:
    return app_by_id(tx, app_id)


def _found(tx: Transaction) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    ids = {name: tx.one(statement) or "" for name, statement in FIRST_OF.items()}
    by_state = {name: dict(tx.all(statement)) for name, statement in BY_STATE.items()}
    return ids, by_state
