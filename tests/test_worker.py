"""The worker by itself, without anybody asking."""

import asyncio
from datetime import timedelta
from pathlib import Path

from payment_service.actions.register_app import Registration
from payment_service.kit.database import open_database
from payment_service.model.app import App as AppRecord
from payment_service.outside.gateway import CodeStatus, Gateway, GatewayError
from payment_service.outside.simulator.codes import complete, create_table, get
from payment_service.outside.simulator.gateway import SimulatedGateway
from tests.clocks import HandClock
from tests.service import running_service
from tests.story import register


class Silent(SimulatedGateway):
    """Gives codes, and never says what became of them."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        self._gives = gateway
        self.open = gateway.open  # type: ignore[method-assign] # the other gateway's codes
        self.asked = 0
        self.over = asyncio.Event()

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        self.asked += 1
        await self.over.wait()
        raise GatewayError("unreachable", "it answers nobody", retry=True)


async def test_a_silent_gateway_holds_up_no_other_apps_payments(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    codes = open_database(f"sqlite:///{tmp_path}/codes.sqlite3")
    await codes.write(create_table, "sqlite")
    answers = SimulatedGateway(codes, clock, "answers")
    silent = Silent(SimulatedGateway(codes, clock, "silent"))

    def gateway_of(app: AppRecord) -> Gateway:
        return silent if app.name == "Silent" else answers

    async with running_service(
        database_url, clock, gateway_of=gateway_of, with_worker=True
    ) as service:
        quiet = await register(service, Registration(name="Silent", mode="test"))
        for number in range(40):
            made = (await quiet.subscribes(f"tenant-{number}", "bulanan")).json
            await quiet.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
        app = await register(service, Registration(name="Answers", mode="test"))
        made = (await app.subscribes("tenant-1", "bulanan")).json
        code = await app.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
        paid = await codes.read(get, "answers", code.json["charge_id"], clock.now())
        assert paid is not None
        await codes.write(complete, paid.reference, clock.now())

        clock.advance(timedelta(minutes=2))
        async with asyncio.timeout(10):
            while True:
                found = (await app.asks("GET", f"/v1/subscriptions/{made['id']}")).json
                if found["status"] == "active":
                    break
                await asyncio.sleep(0.05)
        assert 1 <= silent.asked <= 16
        silent.over.set()
    await codes.close()
