"""Check an app's gateway: is it reached, and does it take the app's key?"""

from typing import NamedTuple

from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id
from payment_service.model.app import app_by_id
from payment_service.outside.gateway import GatewayError
from payment_service.runtime import Runtime

SAMPLE_AMOUNT = 99_000


class Found(NamedTuple):
    """`fee` is what it says of a payment of Rp99.000, None when it says nothing of fees."""

    reached: bool
    key_accepted: bool
    fee: int | None
    problem: str | None


async def check_gateway(runtime: Runtime, app_id: str) -> Found:
    """Nothing is made or changed there: it is asked about an order that nobody has.

    Raises NotFound, and Conflict when the app has no gateway.
    """
    app = await runtime.db.read(app_by_id, app_id)
    gateway = runtime.gateway_of(app)
    if gateway is None:
        raise Conflict(
            "gateway_not_configured", "This app has no payment gateway yet; `gateway set` sets one."
        )
    now = runtime.clock.now()
    try:
        await gateway.status(new_id("chg", now), new_id("txn", now), SAMPLE_AMOUNT)
    except GatewayError as error:
        if error.fault in ("unreachable", "busy"):
            return Found(False, False, None, str(error))
        if error.fault != "unknown_order":
            return Found(True, False, None, str(error))
    try:
        return Found(True, True, await gateway.fee(SAMPLE_AMOUNT), None)
    except GatewayError as error:
        return Found(True, True, None, f"it tells no fee: {error}")
