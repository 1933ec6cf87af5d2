"""A service to be overloaded: its database, the app that asks, and what can be asked."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from bench.connection import get, post
from pydantic import SecretStr

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.set_request_rate import HIGHEST, set_request_rate
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.crypto import new_key
from payment_service.model.audit import By
from payment_service.outside.simulator.codes import complete
from tests.cli.commands import Operator
from tests.overload.open_loop import Make

PAYERS = 72


class Code(NamedTuple):
    """One that its payer has paid, which the service has not heard yet."""

    charge_id: str
    reference: str
    invoice_id: str
    pay_path: str


class House(NamedTuple):
    """`operator` runs the service; whoever has the key may ask as often as they like."""

    operator: Operator
    url: str
    app_id: str
    key: str
    notice_secret: str
    codes: list[Code]

    @property
    def _as_app(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def reads(self, place: int) -> bytes:
        code = self.codes[place % len(self.codes)]
        return get(f"/v1/invoices/{code.invoice_id}", self._as_app)

    def streams(self, place: int) -> bytes:
        """What the page of a payer listens to."""
        path = self.codes[place % len(self.codes)].pay_path
        return get(f"{path}/status", {"Accept": "text/event-stream"})

    def waits(self) -> bytes:
        """For news that does not come."""
        return get("/v1/events?types=subscription.suspended&wait=25", self._as_app)

    def lists(self, _: int) -> bytes:
        return get("/v1/subscriptions?limit=100", self._as_app)

    def subscribes(self, who: str) -> Make:
        """New tenants, whose references begin so."""

        def made(place: int) -> bytes:
            customer = {"reference": f"{who}-{place}", "name": "Bengkel Jaya"}
            return post(
                "/v1/subscriptions", self._as_app, {"customer": customer, "plan": "bulanan"}
            )

        return made

    def pages(self, place: int) -> bytes:
        return get(self.codes[place % len(self.codes)].pay_path, {"Accept": "text/html"})

    def notices(self, place: int) -> bytes:
        code = self.codes[place % len(self.codes)]
        body = {"order_id": code.charge_id, "txn_id": code.reference, "status": "completed"}
        path = f"/gateway/pakasir/{self.app_id}"
        return post(path, {"X-Secret": self.notice_secret}, body)


def live(_: int) -> bytes:
    return get("/healthz/live", {})


def ready(_: int) -> bytes:
    return get("/healthz/ready", {})


def house_in(folder: Path, url: str) -> House:
    """On a database with all tables and no rows."""
    key = new_key()
    settings = Settings(
        database_url=url, base_url="http://127.0.0.1:5005", secret_key=SecretStr(key)
    )
    operator = Operator(folder, database_url=url, secret_key=key, base_url=settings.base_url or "")
    return asyncio.run(_prepare(operator, settings))


async def _prepare(operator: Operator, settings: Settings) -> House:
    runtime = await open_runtime(settings)
    try:
        db, now = runtime.db, runtime.clock.now()
        wanted = Registration(name="Bengkel", mode="test")
        app, _, key, *_ = await db.write(
            register_app, wanted, runtime.secrets, runtime.targets, now
        )
        app = await db.write(set_request_rate, app.id, HIGHEST, By("owner", "test", now))
        await db.write(add_plan, app.id, NewPlan("bulanan", "Bulanan", 99_000, 1), now)
        codes = []
        for number in range(PAYERS):
            tenant = Subscriber(f"payer-{number}", name="Bengkel Sari")
            made = await db.write(subscribe, app, runtime.links, tenant, "bulanan", None, {}, now)
            invoice = made.resource.open_invoice
            assert invoice is not None
            charge = (await open_charge(runtime, app.id, invoice.id)).charge
            assert charge.reference is not None
            await db.write(complete, charge.reference, runtime.clock.now())
            path = "/pay/" + (invoice.pay_url or "").rpartition("/")[2]
            codes.append(Code(charge.id, charge.reference, invoice.id, path))
        secret = runtime.secrets.open(app.gateway_webhook_secret or "")
        return House(operator, settings.database_url, app.id, key, secret, codes)
    finally:
        await runtime.close()
