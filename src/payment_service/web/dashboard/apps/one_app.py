"""One app: what it is, whether it is well, and what is to be done now."""

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.attention import Matter, attention
from payment_service.model.key import KEYS_OF_APP, usable
from payment_service.model.overview import Figures, overview
from payment_service.model.page import NEWEST
from payment_service.web.dashboard.apps.standing import (
    GatewayState,
    Pulse,
    endpoints_of,
    gateway_state,
    pulses_of,
)
from payment_service.web.dashboard.ask import Ask

MOST_KEYS = 100
PULSES = 5


class Standing(msgspec.Struct, frozen=True):
    """`pulses` are of the endpoints that fare worst; `more` is how many others there are."""

    app: App
    figures: Figures
    matters: Sequence[Matter]
    gateway: GatewayState
    pulses: Sequence[Pulse]
    more: int
    keys: int

    @property
    def lacks(self) -> Sequence[str]:
        """What must still be set up before the app can sell, in the order of the setup."""
        return [
            part
            for part, is_there in (
                ("gateway", self.gateway != "none"),
                ("webhook", bool(self.pulses)),
                ("key", self.keys > 0),
            )
            if not is_there
        ]


async def show_app(ask: Ask) -> Response:
    return ask.page("apps/one.html", standing=await ask.read(_standing, ask))


def _standing(tx: Transaction, ask: Ask) -> Standing:
    app = app_by_id(tx, ask.params["id"])
    matters = [one for one in attention(tx, ask.now, app.id).shown if one.app_id == app.id]
    found = endpoints_of(tx, app.id)
    keys = tx.all(KEYS_OF_APP, app_id=app.id, before=NEWEST, limit=MOST_KEYS)
    return Standing(
        app=app,
        figures=overview(tx, app.mode, ask.now, app.id).apps[0].figures,
        matters=matters,
        gateway=gateway_state(app, matters),
        pulses=pulses_of(tx, found[:PULSES]),
        more=max(0, len(found) - PULSES),
        keys=sum(usable(key, ask.now) for key in keys),
    )
