"""The simulator's notices: with the secret, tried again, given up, never in the payer's way."""

import asyncio
import json

from aiohttp import web

from payment_service.outside.simulator.notices import Notice, NoticeSender
from tests.outside.parties import WEBHOOK_SECRET, Receiver, RunningSimulator


async def test_the_button_sends_a_notice_with_the_secret(
    simulator: RunningSimulator, receiver: Receiver
) -> None:
    path = f"{simulator.origin}/api/v2/create-transaction/bukubengkel/chg_1"
    async with simulator.http.post(path, json={"method": "qris", "amount": 500}) as answer:
        made = await answer.json()

    await simulator.pay(made["txn_id"])

    (notice,) = await receiver.hears(1)
    assert notice.headers["X-Secret"] == WEBHOOK_SECRET
    body = json.loads(notice.body)
    assert (body["txn_id"], body["status"], body["amount"]) == (made["txn_id"], "completed", 500)


async def test_a_notice_that_fails_is_sent_again_until_it_is_taken(receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=status) for status in (500, 302, 404)]
    send = NoticeSender(receiver.url, "s", waits=(0, 0, 0, 0, 0))

    await send(b"{}")
    heard = await receiver.hears(4)
    await send.close()

    assert len(heard) == 4


async def test_after_the_last_try_it_is_given_up(receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500) for _ in range(9)]
    send = NoticeSender(receiver.url, "s", waits=(0, 0, 0))

    await send(b"{}")
    await receiver.hears(3)
    await asyncio.sleep(0.1)  # time for a fourth, if there were one

    assert len(receiver.heard) == 3
    await send.close()


async def test_a_receiver_that_is_away_troubles_nobody() -> None:
    async with Receiver() as gone:
        url = gone.url
    send = NoticeSender(url, "s", waits=(0, 60))

    await send(b"{}")
    await send.close()


async def test_a_notice_is_called_what_it_says_it_is(receiver: Receiver) -> None:
    send = NoticeSender(receiver.url, "s")

    await send(b"{}")
    await receiver.hears(1)
    await send(Notice(b"{}", "text/plain"))
    heard = await receiver.hears(2)
    await send.close()

    assert [one.headers["Content-Type"] for one in heard] == ["application/json", "text/plain"]
    assert [one.body for one in heard] == [b"{}", b"{}"]


async def test_without_a_secret_a_notice_is_unsigned(receiver: Receiver) -> None:
    send = NoticeSender(receiver.url, "")

    await send(b"{}")
    (heard,) = await receiver.hears(1)
    await send.close()

    assert "X-Secret" not in heard.headers
