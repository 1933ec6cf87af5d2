"""An app whose project still has version 1 of the API: the same stories, unsigned notices."""

import pytest

from payment_service.actions.set_gateway import GatewayChange, set_gateway
from tests.service import NOTICE_SECRET
from tests.story import Story


@pytest.fixture(autouse=True)
async def version_one(story: Story) -> None:
    await story.app(version="v1")
    story.pakasir.tells_as("v1")


async def test_a_tenant_pays_and_is_let_in(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    assert await tenant.status() == "active"
    assert story.pakasir.calls["transactioncreate"] == 1
    assert story.pakasir.calls["transactiondetail"] == 1


async def test_a_payment_whose_notice_was_lost_is_found(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays_without_notice(await tenant.asks_for_code())
    await story.minutes_pass(2)
    assert await tenant.status() == "active"


async def test_a_forged_notice_activates_nothing(story: Story) -> None:
    """Nobody signs them, so anybody can write one."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    forged = {"order_id": code.order_id, "amount": 99_000, "status": "completed"}
    assert (await story.notice_comes(forged, secret="")).status == 200
    assert await tenant.status() == "pending"


async def test_a_code_that_nobody_should_pay_is_canceled(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await tenant.subscribes_again("tahunan")
    await story.service.cancel_codes()
    assert story.pakasir.calls["transactioncancel"] == 1
    assert (await story.pakasir.code(code.order_id)).status == "canceled"


async def test_a_code_of_version_one_is_still_found_after_the_move_to_version_two(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    runtime = story.service.runtime
    await runtime.db.write(
        set_gateway,
        tenant.app.id,
        GatewayChange(version="v2", webhook_secret=NOTICE_SECRET),
        runtime.secrets,
        runtime.targets,
        story.clock.now(),
    )
    await tenant.pays_without_notice(code)
    await story.minutes_pass(2)
    assert await tenant.status() == "active"
    assert story.pakasir.calls["transaction-status"] == 1
