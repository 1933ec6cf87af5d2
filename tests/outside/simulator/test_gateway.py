"""The simulator inside the process, as the service asks a gateway."""

from datetime import timedelta

import pytest

from payment_service.kit.database import Database
from payment_service.outside.gateway import Gateway, GatewayError
from payment_service.outside.simulator.codes import complete
from payment_service.outside.simulator.gateway import SimulatedGateway
from tests.clocks import HandClock


@pytest.fixture
def gateway(codes: Database, clock: HandClock) -> Gateway:
    return SimulatedGateway(codes, clock, "app_1", code_minutes=5)


async def test_an_opened_code_is_pending_until_it_is_paid(
    gateway: Gateway, codes: Database, clock: HandClock
) -> None:
    opened = await gateway.open("chg_1", 99_000)
    before = await gateway.status("chg_1", opened.reference, 99_000)
    await codes.write(complete, opened.reference, clock.now())
    after = await gateway.status("chg_1", opened.reference, 99_000)

    assert (opened.amount, opened.fee, opened.total_payment) == (99_000, 1_003, 100_003)
    assert opened.is_sandbox is True
    assert opened.expires_at == clock.now() + timedelta(minutes=5)
    assert (before.status, before.completed_at) == ("pending", None)
    assert (after.status, after.completed_at, after.amount) == ("completed", clock.now(), 99_000)


async def test_opening_again_gives_the_same_code(gateway: Gateway) -> None:
    assert await gateway.open("chg_1", 99_000) == await gateway.open("chg_1", 99_000)


async def test_another_amount_is_refused(gateway: Gateway) -> None:
    await gateway.open("chg_1", 99_000)

    with pytest.raises(GatewayError) as error:
        await gateway.open("chg_1", 98_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)


@pytest.mark.parametrize("amount", [499, 10_000_001])
async def test_an_amount_outside_the_limits_is_refused(gateway: Gateway, amount: int) -> None:
    with pytest.raises(GatewayError, match="500 to 10000000"):
        await gateway.open("chg_1", amount)


async def test_a_canceled_code_says_so(gateway: Gateway) -> None:
    opened = await gateway.open("chg_1", 99_000)

    await gateway.cancel("chg_1", opened.reference, 99_000)

    assert (await gateway.status("chg_1", opened.reference, 99_000)).status == "canceled"


async def test_a_code_of_another_project_or_order_is_unknown(
    gateway: Gateway, codes: Database, clock: HandClock
) -> None:
    opened = await gateway.open("chg_1", 99_000)
    stranger = SimulatedGateway(codes, clock, "app_2")

    for asked, order, reference in (
        (stranger, "chg_1", opened.reference),
        (gateway, "chg_2", opened.reference),
        (gateway, "chg_1", "sim_x"),
    ):
        with pytest.raises(GatewayError) as error:
            await asked.status(order, reference, 99_000)
        assert error.value.fault == "unknown_order"
        with pytest.raises(GatewayError):
            await asked.cancel(order, reference, 99_000)
