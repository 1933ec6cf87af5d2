"""Trying a webhook endpoint with a test event, and waiting a moment for what comes of it."""

import asyncio

from payment_service.actions.send_test import send_test
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.delivery import SHOWN_DELIVERY, Shown
from payment_service.model.endpoint import Endpoint
from payment_service.web.dashboard.ask import Ask

LOOKS = 10
PAUSE_SECONDS = 0.2
"""Most answers come within a second; later ones stand on the page whenever it is opened again."""


async def try_endpoint(ask: Ask, endpoint: Endpoint) -> Shown:
    """The delivery as it stands after two seconds at most. Raises Conflict for one that is off."""

    def send(tx: Transaction) -> Shown:
        app = app_by_id(tx, endpoint.app_id)
        return send_test(tx, app.id, endpoint.id, app.at(ask.now), ask.now)

    sent = await ask.runtime.db.write(send)
    for _ in range(LOOKS):
        await asyncio.sleep(PAUSE_SECONDS)
        now = await ask.read(_delivery, sent.id)
        if now is not None and now.attempts:
            return now
    return sent


def _delivery(tx: Transaction, delivery_id: str) -> Shown | None:
    return tx.one(SHOWN_DELIVERY, id=delivery_id)
