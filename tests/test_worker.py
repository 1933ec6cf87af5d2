"""The worker by itself, without anybody asking."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import text

from payment_service.actions.register_app import Registration
from payment_service.kit.database import open_database
from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.alert import OPEN_ALERTS, raise_alert
from payment_service.model.app import App as AppRecord
from payment_service.model.charge import CHARGE
from payment_service.model.verification import LEASE
from payment_service.outside.alert_channel import AlertMessage
from payment_service.outside.gateway import CodeStatus, Gateway, GatewayError
from payment_service.outside.simulator.codes import complete, create_table, get
from payment_service.outside.simulator.gateway import SimulatedGateway
from payment_service.worker import Worker
from tests.clocks import HandClock
from tests.service import ALL_CODES, running_service
from tests.story import App, register


class Silent(SimulatedGateway):
    """Gives codes, and never says what became of them."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        self._gives = gateway
        self.open = gateway.open  # type: ignore[method-assign] # the other gateway's codes
        self.asked = 0
        self.begun = asyncio.Event()
        self.over = asyncio.Event()

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        self.asked += 1
        self.begun.set()
        await self.over.wait()
        raise GatewayError("unreachable", "it answers nobody", retry=True)


async def becomes_active(app: App, subscription_id: str) -> None:
    async with asyncio.timeout(60):
        while True:
            found = (await app.asks("GET", f"/v1/subscriptions/{subscription_id}")).json
            if found["status"] == "active":
                return
            await asyncio.sleep(0.05)


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
        await becomes_active(app, made["id"])
        assert 1 <= silent.asked <= 16
        silent.over.set()
    await codes.close()


async def test_what_breaks_in_one_turn_or_at_one_gateway_stops_no_other(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    codes = open_database(f"sqlite:///{tmp_path}/codes.sqlite3")
    await codes.write(create_table, "sqlite")
    answers = SimulatedGateway(codes, clock, "answers")
    is_broken = False

    def gateway_of(app: AppRecord) -> Gateway:
        if app.name == "Breaks" and is_broken:
            raise RuntimeError("a bug in the way to this gateway")
        return answers

    async with running_service(
        database_url, clock, gateway_of=gateway_of, with_worker=True
    ) as service:
        made = {}
        apps = {
            name: await register(service, Registration(name=name, mode="test"))
            for name in ("Breaks", "Answers")
        }
        for name, app in apps.items():
            made[name] = (await app.subscribes("tenant-1", "bulanan")).json
            invoice_id = made[name]["open_invoice"]["id"]
            code = await app.asks("POST", f"/v1/invoices/{invoice_id}/qris")
            paid = await codes.read(get, "answers", code.json["charge_id"], clock.now())
            assert paid is not None
            await codes.write(complete, paid.reference, clock.now())
        is_broken = True
        with connected(database_url) as connection:  # from here on each turn of deliveries fails
            connection.execute(text("DROP TABLE delivery_attempts"))
            connection.execute(text("DROP TABLE deliveries"))
            connection.commit()
        clock.advance(timedelta(minutes=2))
        await becomes_active(apps["Answers"], made["Answers"]["id"])
        is_broken = False
        clock.advance(LEASE)
        await becomes_active(apps["Breaks"], made["Breaks"]["id"])
    await codes.close()


async def test_what_is_asked_when_the_worker_is_told_to_stop_is_still_booked(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    codes = open_database(f"sqlite:///{tmp_path}/codes.sqlite3")
    await codes.write(create_table, "sqlite")
    silent = Silent(SimulatedGateway(codes, clock, "silent"))
    async with running_service(database_url, clock, gateway_of=lambda _: silent) as service:
        app = await register(service, Registration(name="Silent", mode="test"))
        made = (await app.subscribes("tenant-1", "bulanan")).json
        await app.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
        clock.advance(timedelta(minutes=2))
        worker = Worker(service.runtime)
        working = asyncio.create_task(worker.run())
        async with asyncio.timeout(10):
            await silent.begun.wait()
        worker.stop()
        await asyncio.sleep(0.7)  # longer than a turn
        assert not working.done()
        silent.over.set()
        async with asyncio.timeout(10):
            await working
        assert silent.asked == 1
        (charge_id,) = await codes.read(lambda tx: [one.order_id for one in tx.all(ALL_CODES)])
        charge = await service.runtime.db.read(lambda tx: tx.one(CHARGE, id=charge_id))
        assert charge is not None
        assert (charge.failed_checks, charge.lease_until) == (1, None)
    await codes.close()


class Hanging:
    """A way of telling the owner that never comes to its end."""

    name = "webhook"
    place = "hooks.example.com"

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def send(self, message: AlertMessage) -> str | None:
        assert message.alerts
        self.begun.set()
        await asyncio.Event().wait()
        return None


async def test_a_long_turn_is_broken_off_when_the_worker_stops(
    database_url: str, clock: HandClock
) -> None:
    """What it had taken falls due again by its lease."""
    channel = Hanging()
    async with running_service(database_url, clock) as service:
        app = await register(service, Registration(name="BukuBengkel", mode="test"))
        now = clock.now()

        def raised(tx: Transaction) -> None:
            raise_alert(
                tx, app_id=app.id, kind="wrong_secret", subject_id=app.id, message="", now=now
            )

        await service.runtime.db.write(raised)
        runtime = msgspec.structs.replace(service.runtime, alert_channels=(channel,))
        worker = Worker(runtime)
        async with asyncio.timeout(10):
            working = asyncio.create_task(worker.run())
            await channel.begun.wait()
            worker.stop()
            await working
        (alert,) = await service.runtime.db.read(lambda tx: tx.all(OPEN_ALERTS))
        assert alert.sent_at is None
        assert alert.send_at is not None
        assert alert.send_at > now
