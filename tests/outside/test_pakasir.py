"""The adapter against the simulator's server, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from payment_service.kit.clock import SystemClock
from payment_service.kit.database import Database, open_database
from payment_service.kit.statements import Transaction
from payment_service.outside.addresses import parse_targets
from payment_service.outside.call_limit import CallLimit
from payment_service.outside.call_pace import PACE_LOCKED
from payment_service.outside.gateway import GatewayError
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.session import GuardedSession
from tests.clocks import HandClock
from tests.outside.parties import (
    API_KEY,
    PROJECT,
    Receiver,
    RunningSimulator,
    running_simulator,
)


@pytest.fixture
async def session(simulator: RunningSimulator) -> AsyncIterator[GuardedSession]:
    one = GuardedSession(parse_targets(f"127.0.0.1:{simulator.port}"))
    yield one
    await one.close()


@pytest.fixture
def gateway(
    simulator: RunningSimulator, session: GuardedSession, clock: HandClock
) -> PakasirGateway:
    return PakasirGateway(session, clock, origin=simulator.origin, project=PROJECT, api_key=API_KEY)


async def test_a_code_is_opened_paid_and_found_paid(
    gateway: PakasirGateway, simulator: RunningSimulator, clock: HandClock
) -> None:
    opened = await gateway.open("chg_1", 99_000)
    before = await gateway.status("chg_1", opened.reference, 99_000)
    await simulator.pay(opened.reference)
    after = await gateway.status("chg_1", opened.reference, 99_000)

    assert (opened.amount, opened.fee, opened.total_payment) == (99_000, 1_003, 100_003)
    assert opened.expires_at == clock.now() + timedelta(minutes=15)
    assert opened.qr_string.startswith("000201")
    assert opened.is_sandbox is True
    assert (before.status, before.completed_at) == ("pending", None)
    assert (after.status, after.completed_at) == ("completed", clock.now())


async def test_opening_again_gives_the_same_code(gateway: PakasirGateway) -> None:
    assert await gateway.open("chg_1", 99_000) == await gateway.open("chg_1", 99_000)


async def test_a_canceled_code_says_so(gateway: PakasirGateway) -> None:
    opened = await gateway.open("chg_1", 99_000)

    await gateway.cancel("chg_1", opened.reference, 99_000)

    assert (await gateway.status("chg_1", opened.reference, 99_000)).status == "canceled"


async def test_a_live_code_passes_the_checks_of_a_live_code(
    file_of_codes: Database, clock: HandClock, receiver: Receiver
) -> None:
    async with running_simulator(file_of_codes, clock, receiver, sandbox=False) as live:
        session = GuardedSession(parse_targets(f"127.0.0.1:{live.port}"))
        gateway = PakasirGateway(
            session, clock, origin=live.origin, project=PROJECT, api_key=API_KEY
        )

        assert (await gateway.open("chg_1", 99_000)).is_sandbox is False
        await session.close()


async def test_what_was_not_asked_for_is_not_believed(gateway: PakasirGateway) -> None:
    opened = await gateway.open("chg_1", 99_000)

    with pytest.raises(GatewayError) as error:
        await gateway.status("chg_2", opened.reference, 99_000)
    assert (error.value.fault, error.value.retry) == ("nonsense", False)


@pytest.mark.parametrize(
    ("project", "key", "said"),
    [(PROJECT, "falsch-geheim", "Api key tidak valid"), ("other", API_KEY, "Proyek tidak")],
)
async def test_a_wrong_key_or_project_is_refused(
    simulator: RunningSimulator,
    session: GuardedSession,
    clock: HandClock,
    project: str,
    key: str,
    said: str,
) -> None:
    gateway = PakasirGateway(session, clock, origin=simulator.origin, project=project, api_key=key)

    with pytest.raises(GatewayError, match=said) as error:
        await gateway.open("chg_1", 99_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)
    assert key not in str(error.value)


async def test_an_unknown_transaction_is_unknown(gateway: PakasirGateway) -> None:
    with pytest.raises(GatewayError) as error:
        await gateway.status("chg_1", "sim_../../x?y", 99_000)
    assert (error.value.fault, error.value.retry) == ("unknown_order", False)


async def test_another_amount_for_the_order_is_refused(gateway: PakasirGateway) -> None:
    await gateway.open("chg_1", 99_000)

    with pytest.raises(GatewayError) as error:
        await gateway.open("chg_1", 98_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)


async def test_too_many_calls_are_busy_for_as_long_as_the_gateway_says(
    file_of_codes: Database, clock: HandClock, receiver: Receiver
) -> None:
    async with running_simulator(file_of_codes, clock, receiver, limits=True) as strict:
        session = GuardedSession(parse_targets(f"127.0.0.1:{strict.port}"))
        gateway = PakasirGateway(
            session, clock, origin=strict.origin, project=PROJECT, api_key=API_KEY
        )
        opened = await gateway.open("chg_1", 99_000)
        await gateway.status("chg_1", opened.reference, 99_000)
        clock.advance(timedelta(seconds=1))

        with pytest.raises(GatewayError) as error:
            await gateway.status("chg_1", opened.reference, 99_000)
        clock.advance(timedelta(seconds=3))
        await gateway.status("chg_1", opened.reference, 99_000)
        await session.close()

    assert (error.value.fault, error.value.retry) == ("busy", True)
    assert error.value.retry_after == 3


async def test_a_hundred_codes_at_once_all_come(gateway: PakasirGateway) -> None:
    opened = await asyncio.gather(*(gateway.open(f"chg_{n}", 500 + n) for n in range(100)))

    assert [code.amount for code in opened] == list(range(500, 600))


async def test_what_the_gateway_would_refuse_waits_its_turn_in_every_process(
    database: Database, database_url: str, file_of_codes: Database, receiver: Receiver
) -> None:
    other = open_database(database_url)
    async with running_simulator(file_of_codes, SystemClock(), receiver, limits=True) as strict:
        session = GuardedSession(parse_targets(f"127.0.0.1:{strict.port}"))
        # Twice the gateway's own: a call may take longer to reach it than the third after it.
        window = timedelta(seconds=2)
        limits = [CallLimit(db, SystemClock(), "toko", window=window) for db in (database, other)]
        gateways = [
            PakasirGateway(
                session,
                SystemClock(),
                origin=strict.origin,
                project=PROJECT,
                api_key=API_KEY,
                limit=limit,
            )
            for limit in limits
        ]
        codes = [gateways[n % 2].open(f"chg_{n}", 500 + n) for n in range(5)]
        opened = await asyncio.gather(*codes)
        await asyncio.gather(*(limit.all_left() for limit in limits))
        await session.close()
    await other.close()

    assert [code.amount for code in opened] == [500, 501, 502, 503, 504]
    assert await database.write(allowed_of, "toko") == 16  # nothing was refused


def allowed_of(tx: Transaction, name: str) -> int:
    pace = tx.one(PACE_LOCKED, key=name)
    return pace.allowed if pace else 0


async def test_a_fee_and_a_payment_link_are_told(
    gateway: PakasirGateway, simulator: RunningSimulator
) -> None:
    assert await gateway.fee(99_000) == 1_003
    link = await gateway.payment_link("chg_1", 99_000)
    assert link.startswith(f"{simulator.origin}/")


async def test_an_origin_that_is_not_listed_is_not_called(
    simulator: RunningSimulator, clock: HandClock
) -> None:
    session = GuardedSession(frozenset())
    gateway = PakasirGateway(
        session, clock, origin=simulator.origin, project=PROJECT, api_key=API_KEY
    )

    with pytest.raises(GatewayError, match="PAYMENT_SERVICE_PRIVATE_TARGETS") as error:
        await gateway.open("chg_1", 99_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)
    await session.close()
