"""Who must be reached: the gateway of each app, and the apps' webhook endpoints; all at once."""

import asyncio
from collections.abc import Awaitable
from urllib.parse import urlsplit

from payment_service.actions.check_gateway import check_gateway
from payment_service.cli.doctor.finding import Finding, attention, broken, ok
from payment_service.kit.errors import Refusal
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.endpoint import EVERY_ENDPOINT, Endpoint
from payment_service.runtime import Runtime

SECONDS = 5.0
AT_ONCE = 32
MOST = 200
"""Endpoints that are looked at."""


async def look_at_network(runtime: Runtime) -> list[Finding]:
    apps, endpoints = await runtime.db.read(_read)
    names = {app.id: app.name for app in apps}
    gate = asyncio.Semaphore(AT_ONCE)

    async def in_turn(looking: Awaitable[Finding]) -> Finding:
        async with gate:
            return await looking

    return await asyncio.gather(
        *(in_turn(_gateway(runtime, app)) for app in apps),
        *(in_turn(_endpoint(runtime, one, names[one.app_id])) for one in endpoints),
    )


def _read(tx: Transaction) -> tuple[list[App], list[Endpoint]]:
    return tx.all(APPS), tx.all(EVERY_ENDPOINT, limit=MOST)


async def _gateway(runtime: Runtime, app: App) -> Finding:
    what = f"gateway of {app.name}"
    if runtime.gateway_of(app) is None:
        return attention(what, "none is set", f"`payment-service gateway set --app {app.id} …`")
    if app.gateway == "simulator":
        return ok(what, "the simulator in the service")
    try:
        async with asyncio.timeout(SECONDS):
            found = await check_gateway(runtime, app.id)
    except TimeoutError:
        return broken(what, f"no answer within {SECONDS:.0f} s", "look at the network and DNS")
    except Refusal as refusal:
        return broken(what, refusal.detail, "`payment-service gateway set` sets another")
    if not found.reached:
        return broken(what, found.problem or "not reached", "look at the network and DNS")
    if not found.key_accepted:
        return broken(
            what, found.problem or "the key is refused",
            f"enter project and key again: `payment-service gateway set --app {app.id} …`",
        )  # fmt: skip
    return ok(what, "it is reached, and takes the key")


async def _endpoint(runtime: Runtime, endpoint: Endpoint, app: str) -> Finding:
    host = urlsplit(endpoint.url).netloc.rpartition("@")[2]
    what = f"webhook of {app}"
    if endpoint.status == "off":
        return attention(
            what, f"{host} is off", f"`payment-service webhook edit {endpoint.id} --on`"
        )
    trouble = await runtime.webhooks.reach(endpoint.url, SECONDS)
    if trouble is None:
        return ok(what, f"{host} is reached")
    remedy = {
        "address_not_allowed": "it leads to a private address; list it as a private target, if so",
        "dns": "the name leads nowhere; mend the URL or the DNS",
        "tls": "mend the certificate of that host",
    }.get(trouble, "see that the app runs and lets this machine in")
    return attention(what, f"{host}: {trouble}", remedy)
