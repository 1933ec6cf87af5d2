"""The simulator's page for test apps, inside the service: it pays, then a notice comes in."""

from datetime import datetime

import msgspec
from starlette.routing import Route

from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App, app_by_id
from payment_service.outside.simulator.codes import SimulatedCode, by_reference
from payment_service.outside.simulator.pages import hosted_pages
from payment_service.outside.simulator.v2 import told
from payment_service.runtime import Runtime
from payment_service.web.notices import Verifying, read_notice, take_notice


def simulated_pages(runtime: Runtime, verifying: Verifying) -> list[Route]:
    """They know only the transactions of test apps, for no other app has any here."""

    async def on_paid(reference: str) -> None:
        now = runtime.clock.now()
        found = await runtime.db.read(_code_and_app, reference, now)
        if found is None:
            return
        code, app = found
        body = msgspec.json.encode(told(code))
        secret = runtime.secrets.open(app.gateway_webhook_secret or "")
        await take_notice(runtime, verifying, app.id, secret, read_notice(body), body)

    async def seller_of(app_id: str) -> str:
        return (await runtime.db.read(app_by_id, app_id)).name

    return hosted_pages(runtime.db, runtime.clock, on_paid, seller_of)


def _code_and_app(
    tx: Transaction, reference: str, now: datetime
) -> tuple[SimulatedCode, App] | None:
    code = by_reference(tx, reference, now)
    app = tx.one(APP, id=code.project) if code is not None else None
    if code is None or app is None or app.mode != "test":
        return None
    return code, app
