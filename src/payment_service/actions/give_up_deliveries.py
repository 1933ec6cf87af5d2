"""Give up what waits for endpoints that are off: it has failed, and can be sent again later."""

from payment_service.kit.statements import Transaction
from payment_service.model.sending import GIVE_UP, OFF_WITH_SOMETHING
from payment_service.runtime import Runtime

ENDPOINTS = 10
AT_ONCE = 500


async def give_up_deliveries(runtime: Runtime) -> bool:
    """Some of it; whether there was any."""
    off = await runtime.db.read(_off)
    for endpoint_id in off:
        await runtime.db.write(_give_up, endpoint_id)
    return bool(off)


def _off(tx: Transaction) -> list[str]:
    return tx.all(OFF_WITH_SOMETHING, limit=ENDPOINTS)


def _give_up(tx: Transaction, endpoint_id: str) -> int:
    return tx.run(GIVE_UP, endpoint_id=endpoint_id, limit=AT_ONCE)
