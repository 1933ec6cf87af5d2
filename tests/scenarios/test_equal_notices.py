"""Notices that repeat each other: one payment, and one call in four seconds, however many come."""

import asyncio

from sqlalchemy import select

from payment_service.migrations.upgrade import connected
from payment_service.model.notice import notices
from payment_service.model.payment import payments
from tests.counts import times
from tests.story import Story


def times_told(database_url: str, order_id: str) -> int:
    with connected(database_url) as connection:
        told = connection.scalars(select(notices.c.times).where(notices.c.charge_id == order_id))
        return int(told.one())


async def test_equal_notices_at_once_make_one_payment_row_and_one_call(
    story: Story, database_url: str
) -> None:
    await story.app()
    for turn in range(times(3, 50)):
        tenant = await story.subscribe(f"Bengkel {turn}", "bulanan")
        code = await tenant.asks_for_code()
        notice = await tenant.pays_without_notice(code)
        story.pakasir.calls.clear()
        answers = await asyncio.gather(*(story.notice_comes(notice) for _ in range(100)))
        assert {answer.status for answer in answers} == {200}
        with connected(database_url) as connection:
            paid = select(payments.c.id).where(payments.c.charge_id == code.order_id)
            assert len(connection.execute(paid).all()) == 1
        assert times_told(database_url, code.order_id) == 100
        assert story.pakasir.calls == {"transaction-status": 1}
        assert await tenant.status() == "active"


async def test_however_many_notices_the_gateway_is_asked_once_in_four_seconds(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await story.seconds_pass(4)
    story.pakasir.calls.clear()
    forged = {"order_id": code.order_id, "status": "completed"}
    for second in range(13):
        answers = await asyncio.gather(*(story.notice_comes(forged) for _ in range(50)))
        assert {answer.status for answer in answers} == {200}  # never limited
        assert story.pakasir.calls["transaction-status"] == 1 + second // 4
        await story.seconds_pass(1)
