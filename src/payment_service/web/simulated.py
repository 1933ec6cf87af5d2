"""The simulator's page for test apps, inside the service: it pays, then a notice comes in."""

from datetime import datetime

import msgspec
from starlette.routing import Route

from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App, app_by_id
from payment_service.outside.simulator.codes import BY_REFERENCE, SimulatedCode, by_reference
from payment_service.outside.simulator.pages import hosted_pages
from payment_service.outside.simulator.v2 import told
from payment_service.runtime import Runtime, now_of
from payment_service.web.notices import Verifying, read_notice, take_notice


def simulated_pages(runtime: Runtime, verifying: Verifying) -> list[Route]:
    """They know only the transactions of test apps, for no other app has any here."""

    async def on_paid(reference: str) -> None:
        app = await runtime.db.read(_app_of, reference)
        if app is not None:
            await tell_of_payment(runtime, verifying, app, reference)

    async def now_for(reference: str) -> datetime:
        app = await runtime.db.read(_app_of, reference)
        return runtime.clock.now() if app is None else now_of(runtime, app)

    async def seller_of(app_id: str) -> str:
        return (await runtime.db.read(app_by_id, app_id)).name

    return hosted_pages(runtime.db, now_for, on_paid, seller_of)


async def tell_of_payment(runtime: Runtime, verifying: Verifying, app: App, reference: str) -> None:
    """The simulator's notice of a transaction, by the way that every notice takes."""
    code = await runtime.db.read(by_reference, reference, now_of(runtime, app))
    if code is None:
        return
    body = msgspec.json.encode(told(code))
    secret = runtime.secrets.open(app.gateway_webhook_secret or "")
    await take_notice(runtime, verifying, app.id, secret, read_notice(body), body)


async def tell_and_wait(runtime: Runtime, app: App, reference: str) -> None:
    """The same, until the service has gone into it."""
    verifying = Verifying()
    try:
        await tell_of_payment(runtime, verifying, app, reference)
    finally:  # also when the advance is broken off: nothing may outlive the database
        await verifying.finish()


def _app_of(tx: Transaction, reference: str) -> App | None:
    code: SimulatedCode | None = tx.one(BY_REFERENCE, reference=reference)
    app = tx.one(APP, id=code.project) if code is not None else None
    return app if app is not None and app.mode == "test" else None
