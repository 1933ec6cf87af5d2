"""Messages to an endpoint that nobody serves: what came of each attempt is said by the test."""

from datetime import datetime
from typing import NamedTuple

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.send_test import send_test
from payment_service.books.record_attempts import Result, record_attempts
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.attempt import Trouble
from payment_service.model.delivery import DELIVERY, Delivery
from payment_service.model.endpoint import ENDPOINT, Endpoint
from payment_service.model.endpoint_health import Outcome, is_open
from payment_service.model.event import EVENT
from payment_service.model.sending import Outgoing
from payment_service.outside.webhook_client import Answer
from payment_service.runtime import Runtime

URL = "https://kasirkita.example.com/api/webhook"


class Receiver(NamedTuple):
    """An endpoint of a live app, and what was sent to it."""

    runtime: Runtime
    app: App
    endpoint_id: str

    async def endpoint(self) -> Endpoint:
        found = await self.runtime.db.read(lambda tx: tx.one(ENDPOINT, id=self.endpoint_id))
        assert found is not None
        return found

    async def delivery(self, delivery_id: str) -> Delivery:
        found = await self.runtime.db.read(lambda tx: tx.one(DELIVERY, id=delivery_id))
        assert found is not None
        return found

    async def is_told(self) -> str:
        """A message to it, queued; the delivery's id."""
        return (await self.is_told_often(1))[0]

    async def is_told_often(self, times: int) -> list[str]:
        now = self.runtime.clock.now()

        def unit(tx: Transaction) -> list[str]:
            return [
                send_test(tx, self.app.id, self.endpoint_id, self.app.at(now), now).id
                for _ in range(times)
            ]

        return await self.runtime.db.write(unit)

    async def answers(
        self,
        delivery_id: str,
        status: int | None = 200,
        text: str = "",
        *,
        error: Trouble | None = None,
        milliseconds: int = 240,
    ) -> None:
        """An attempt has come to this."""
        answer = Answer(status, error, milliseconds, text, None)
        await self.runtime.db.write(_attempted, delivery_id, answer, self.runtime.clock.now())

    async def fails_for_good(self, delivery_id: str) -> None:
        """As often as it is tried, while the endpoint goes on taking others."""
        while (await self.delivery(delivery_id)).status != "failed":
            await self.answers(delivery_id, 500)
            await self.tells(200)

    async def turns_on(self) -> None:
        endpoint = await self.endpoint()
        wanted = EndpointChange(status="active")
        targets, now = self.runtime.targets, self.runtime.clock.now()
        await self.runtime.db.write(edit_endpoint, self.app, endpoint.id, wanted, targets, now)

    async def tells(self, status: int | None = 200, text: str = "", times: int = 1) -> str:
        """Messages that are all answered so; the last one's delivery."""
        last = ""
        for _ in range(times):
            last = await self.is_told()
            await self.answers(last, status, text)
        return last


async def receiver(runtime: Runtime, name: str = "KasirKita", url: str = URL) -> Receiver:
    """An app of its own with one endpoint, which hears everything."""

    def unit(tx: Transaction) -> tuple[App, str]:
        now = runtime.clock.now()
        wanted = Registration(name=name, mode="live")
        app = register_app(tx, wanted, runtime.secrets, runtime.targets, now).app
        endpoint, _ = create_endpoint(
            tx, app, NewEndpoint(url=url), runtime.secrets, runtime.targets, now
        )
        return app, endpoint.id

    app, endpoint_id = await runtime.db.write(unit)
    return Receiver(runtime, app, endpoint_id)


def _attempted(tx: Transaction, delivery_id: str, answer: Answer, now: datetime) -> None:
    delivery = tx.one(DELIVERY, id=delivery_id)
    assert delivery is not None
    endpoint, event = tx.one(ENDPOINT, id=delivery.endpoint_id), tx.one(EVENT, id=delivery.event_id)
    assert endpoint is not None
    assert event is not None
    outgoing = Outgoing(
        delivery.id, delivery.event_id, delivery.attempts, delivery.tries, event.type, event.body
    )
    outcome = Outcome(
        answer.delivered, answer.status, is_open(endpoint), counts=not answer.delivered, jitter=0.0
    )
    result = Result(endpoint, endpoint, outgoing, answer, outcome, now)
    record_attempts(tx, [result], [], [], now)
