"""The gateway that an app's money comes through: how it is set up, and whether it answers."""

from datetime import datetime

from starlette.responses import Response

from payment_service.actions.check_gateway import check_gateway
from payment_service.actions.set_gateway import GatewayChange
from payment_service.actions.set_gateway import set_gateway as keep_gateway
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id, app_held
from payment_service.model.attention import attention
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import ALL, WHERE
from payment_service.web.dashboard.apps.standing import GatewayState, gateway_state
from payment_service.web.dashboard.ask import Ask

LONGEST = 500


async def show_gateway(ask: Ask) -> Response:
    app, state = await ask.read(_state, ask.params["id"], ask.now)
    return ask.page("apps/gateway.html", app=app, state=state, notices_to=notices_to(ask, app))


async def show_new_gateway(ask: Ask) -> Response:
    app = await ask.read(app_by_id, ask.params["id"])
    return ask.page("apps/gateway_edit.html", app=app, notices_to=notices_to(ask, app))


async def set_gateway(ask: Ask) -> Response:
    return await keep_and_check(ask, f"{ALL}/{ask.params['id']}/gateway")


async def check(ask: Ask) -> Response:
    await ask.claim()
    return await checked(ask, f"{ALL}/{ask.params['id']}/gateway")


def notices_to(ask: Ask, app: App) -> str:
    """What is entered at Pakasir."""
    return f"{ask.runtime.links.base_url}/gateway/pakasir/{app.id}"


async def keep_and_check(ask: Ask, onward: str) -> Response:
    """Kept first, so that nobody types a key twice, and then tried."""
    app_id = ask.params["id"]
    given = {
        name: ask.text(name).strip()
        for name in ("version", "origin", "project", "api_key", "webhook_secret")
    }
    if any(len(one) > LONGEST for one in given.values()):
        raise Invalid("gateway_secrets", "A key is at most 500 visible ASCII characters.")
    change = GatewayChange(**{name: one or None for name, one in given.items()})
    abandon = ask.text("abandon") == "yes"

    def keep(tx: Transaction) -> App:
        unchanged(app_held(tx, app_id), ask.text("app_version"))
        return keep_gateway(
            tx,
            app_id,
            change,
            ask.runtime.secrets,
            ask.runtime.targets,
            ask.now,
            abandon=abandon,
            by=ask.by(WHERE),
        )

    await ask.write(keep)
    return await checked(ask, onward)


async def checked(ask: Ask, onward: str) -> Response:
    """What came of it stands on the page that comes next."""
    found = await check_gateway(ask.runtime, ask.params["id"])
    result = "works" if found.key_accepted else "key" if found.reached else "silent"
    return ask.go(
        onward,
        "gateway_checked",
        result=result,
        fee="" if found.fee is None else found.fee,
        problem=(found.problem or "")[:200],
    )


def _state(tx: Transaction, app_id: str, now: datetime) -> tuple[App, GatewayState]:
    app = app_by_id(tx, app_id)
    return app, gateway_state(app, attention(tx, now, app_id).shown)
