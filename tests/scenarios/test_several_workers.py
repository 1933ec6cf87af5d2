"""Several processes on one PostgreSQL share the asking, and none of it is done twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from payment_service.actions.register_app import Registration
from payment_service.kit.clock import SystemClock
from payment_service.kit.database import Database, open_database
from payment_service.kit.statements import command, param
from payment_service.model.charge import charges
from payment_service.model.verification import LEASE
from payment_service.outside.gateway import CodeStatus
from payment_service.outside.pakasir_settings import PakasirSettings
from payment_service.outside.simulator.codes import complete, get
from payment_service.outside.simulator.gateway import SimulatedGateway
from tests.cli.commands import Operator, begins
from tests.clocks import HandClock
from tests.invariants import check_invariants, row_counts
from tests.service import (
    API_KEY,
    KEY,
    NOTICE_SECRET,
    PROJECT,
    Pakasir,
    Service,
    running_pakasir,
    running_service,
)
from tests.story import App, register

CHARGES = 240
ALL_FALL_DUE = command(update(charges).values(check_at=param("now"), version=charges.c.version + 1))
PATIENCE = 60


class Counted(SimulatedGateway):
    """One process's way to the gateway that all share; an answer takes 10 ms."""

    def __init__(self, pakasir: Pakasir, clock: HandClock) -> None:
        super().__init__(pakasir.db, clock, PROJECT)
        self.targets = (f"127.0.0.1:{pakasir.port}",)
        self.asked: Counter[str] = Counter()
        self.is_silent = False

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        self.asked[order_id] += 1
        await asyncio.sleep(3_600 if self.is_silent else 0.01)
        return await super().status(order_id, reference, amount)


@pytest.fixture
async def pakasir(clock: HandClock, tmp_path: Path) -> AsyncIterator[Pakasir]:
    codes = open_database(f"sqlite:///{tmp_path}/pakasir.sqlite3")
    async with running_pakasir(codes, clock) as pakasir:
        yield pakasir
    await codes.close()


@asynccontextmanager
async def process(
    url: str, clock: HandClock, gateway: Counted, *, with_worker: bool = False
) -> AsyncIterator[Service]:
    async with running_service(
        url,
        clock,
        targets=gateway.targets,
        gateway_of=lambda _: gateway,
        with_worker=with_worker,
    ) as running:
        yield running


async def shop(service: Service, pakasir: Pakasir) -> App:
    project = PakasirSettings(PROJECT, API_KEY, NOTICE_SECRET, pakasir.origin)
    return await register(service, Registration(name="BukuBengkel", mode="test", pakasir=project))


async def hands_out_codes(app: App, count: int) -> list[str]:
    """To so many tenants; gives the order ids."""
    gate = asyncio.Semaphore(8)

    async def code(number: int) -> str:
        async with gate:
            made = (await app.subscribes(f"tenant-{number}", "bulanan")).json
            invoice_id = made["open_invoice"]["id"]
            answer = await app.asks("POST", f"/v1/invoices/{invoice_id}/qris")
            return str(answer.json["charge_id"])

    return list(await asyncio.gather(*(code(number) for number in range(count))))


async def are_paid(codes: Database, clock: HandClock, orders: list[str]) -> None:
    for order_id in orders:
        code = await codes.read(get, PROJECT, order_id, clock.now())
        assert code is not None
        await codes.write(complete, code.reference, clock.now())


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - other processes set no event here
            await asyncio.sleep(0.05)


async def test_two_workers_share_what_is_due_and_ask_about_each_charge_once(
    postgres_url: str, clock: HandClock, pakasir: Pakasir
) -> None:
    one, other = Counted(pakasir, clock), Counted(pakasir, clock)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(process(postgres_url, clock, one, with_worker=True))
        await stack.enter_async_context(process(postgres_url, clock, other, with_worker=True))
        orders = await hands_out_codes(await shop(first, pakasir), CHARGES)
        for due in (1, 2):
            clock.advance(timedelta(minutes=2))

            async def all_asked(due: int = due) -> bool:
                return (one.asked + other.asked).total() >= due * CHARGES

            await until(all_asked)
            await asyncio.sleep(1)  # long enough for a call too many
            assert one.asked + other.asked == dict.fromkeys(orders, due)
        await are_paid(pakasir.db, clock, orders)
        clock.advance(timedelta(minutes=2))

        async def all_paid() -> bool:
            return row_counts(postgres_url)["payments"] == CHARGES

        await until(all_paid)
    assert one.asked + other.asked == dict.fromkeys(orders, 3)
    for shared in (one, other):
        assert shared.asked.total() > 3 * CHARGES / 10
    check_invariants(postgres_url)


async def test_two_web_processes_that_hear_the_same_notice_ask_once(
    postgres_url: str, clock: HandClock, pakasir: Pakasir
) -> None:
    gateways = [Counted(pakasir, clock) for _ in range(3)]

    def asked() -> int:
        return sum(gateway.asked.total() for gateway in gateways)

    async with AsyncExitStack() as stack:
        webs = [
            await stack.enter_async_context(process(postgres_url, clock, gateway))
            for gateway in gateways[:2]
        ]
        await stack.enter_async_context(process(postgres_url, clock, gateways[2], with_worker=True))
        app = await shop(webs[0], pakasir)
        (order_id,) = await hands_out_codes(app, 1)
        await are_paid(pakasir.db, clock, [order_id])
        answers = await asyncio.gather(
            *(
                web.ask(
                    "POST",
                    app.notice_path,
                    json={"order_id": order_id, "status": "completed"},
                    headers={"X-Secret": NOTICE_SECRET},
                )
                for web in webs * 20
            )
        )
        assert [answer.status for answer in answers] == [200] * 40
        for web in webs:
            await web.rest()
        await asyncio.sleep(1)
        assert asked() == 1
        assert row_counts(postgres_url)["payments"] == 1
        clock.advance(timedelta(hours=1))
        await asyncio.sleep(1)
        assert asked() <= 2
    check_invariants(postgres_url)


async def test_a_charge_whose_process_died_is_taken_up_when_its_lease_ends(
    postgres_url: str, clock: HandClock, pakasir: Pakasir
) -> None:
    dying, living = Counted(pakasir, clock), Counted(pakasir, clock)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(process(postgres_url, clock, dying))
        second = await stack.enter_async_context(process(postgres_url, clock, living))
        orders = await hands_out_codes(await shop(first, pakasir), 3)
        await are_paid(pakasir.db, clock, orders)
        dying.is_silent = True
        clock.advance(timedelta(minutes=2))
        sweeping = asyncio.create_task(first.sweep())

        async def all_asked() -> bool:
            return dying.asked.total() == len(orders)

        await until(all_asked)
        sweeping.cancel()
        await asyncio.wait([sweeping])
        clock.advance(LEASE - timedelta(seconds=0.1))
        await second.sweep()
        assert living.asked.total() == 0
        clock.advance(timedelta(seconds=0.1))
        await second.sweep()
        assert living.asked == dict.fromkeys(orders, 1)
        assert row_counts(postgres_url)["payments"] == len(orders)
    check_invariants(postgres_url)


@pytest.mark.timeout(180)
async def test_two_worker_processes_ask_about_each_charge_once(
    postgres_url: str, tmp_path: Path
) -> None:
    clock = HandClock(SystemClock().now())
    async with AsyncExitStack() as stack:
        codes = open_database(f"sqlite:///{tmp_path}/pakasir.sqlite3")
        pakasir = await stack.enter_async_context(running_pakasir(codes, clock))
        service = await stack.enter_async_context(
            process(postgres_url, clock, Counted(pakasir, clock))
        )
        orders = await hands_out_codes(await shop(service, pakasir), CHARGES)
        await are_paid(codes, clock, orders[::2])
        target = f"127.0.0.1:{pakasir.port}"
        operator = Operator(
            tmp_path, database_url=postgres_url, secret_key=KEY, private_targets=target
        )
        workers = [operator.starts("worker") for _ in range(2)]
        try:

            async def all_asked() -> bool:
                return pakasir.asked.total() >= CHARGES

            # Due once both run, or the one that starts first asks about all of them.
            for worker in workers:
                await asyncio.to_thread(begins, worker)
            await service.runtime.db.write(lambda tx: tx.run(ALL_FALL_DUE, now=clock.now()))
            await until(all_asked)
            await asyncio.sleep(1)
        finally:
            for worker in workers:
                worker.terminate()
        ended = [await asyncio.to_thread(worker.communicate, None, 30) for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0], ended
        assert set(pakasir.asked.values()) == {1}
        assert len(pakasir.asked) == CHARGES
        assert row_counts(postgres_url)["payments"] == len(orders[::2])
        # Both had a share: each names in its log the payments that it has booked.
        shares = [(out + err).count("settled") for out, err in ended]
        assert min(shares) > CHARGES / 2 / 10, shares
    await codes.close()
    check_invariants(postgres_url)
