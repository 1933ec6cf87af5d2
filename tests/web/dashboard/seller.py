"""An app that sells, with what its tests ask of it beside the dashboard."""

from typing import Any, NamedTuple

from payment_service.actions.register_app import Registration
from payment_service.model.customer import CUSTOMER, Customer
from payment_service.model.plan import PLAN_BY_CODE, Plan
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from tests.service import Service
from tests.story import App, register


class Seller(NamedTuple):
    """`app` asks the API as the app itself does."""

    app: App

    async def plan(self, code: str) -> Plan:
        found = await self.app.service.runtime.db.read(
            lambda tx: tx.one(PLAN_BY_CODE, app_id=self.app.id, code=code)
        )
        assert found is not None
        return found

    async def subscribes(self, reference: str, plan: str, *, pays: bool = True) -> dict[str, Any]:
        told: dict[str, Any] = (await self.app.subscribes(reference, plan)).json
        if pays:
            await self.pays(told)
        return told

    async def pays(self, told: dict[str, Any]) -> None:
        invoice = told["open_invoice"]["id"]
        paid = await self.app.asks("POST", f"/v1/test/invoices/{invoice}/pay")
        assert paid.status == 200, paid.body

    async def subscription(self, id_: str) -> Subscription:
        found = await self.app.service.runtime.db.read(lambda tx: tx.one(SUBSCRIPTION, id=id_))
        assert found is not None
        return found

    async def customer(self, id_: str) -> Customer:
        found = await self.app.service.runtime.db.read(lambda tx: tx.one(CUSTOMER, id=id_))
        assert found is not None
        return found


async def seller(service: Service, name: str = "BukuBengkel") -> Seller:
    return Seller(await register(service, Registration(name=name, mode="test")))
