"""How the pay page of an app looks: its colour and its logo."""

import asyncio

from starlette.responses import Response

from payment_service.actions.edit_app import AppChange, edit_app
from payment_service.actions.set_logo import set_logo as keep_logo
from payment_service.kit.errors import Invalid
from payment_service.kit.picture import Picture
from payment_service.kit.statements import Transaction
from payment_service.kit.webp import LARGEST_FILE, drawn_anew
from payment_service.model.app import App, app_by_id, app_held
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import ALL, WHERE
from payment_service.web.dashboard.ask import Ask

LOGO_WIDTH, LOGO_HEIGHT = 512, 144
"""Sharp at four times the size at which it is shown."""


async def show_look(ask: Ask) -> Response:
    app = await ask.read(app_by_id, ask.params["id"])
    return ask.page("apps/look.html", app=app, most=LARGEST_FILE)


async def set_color(ask: Ask) -> Response:
    app_id, by = ask.params["id"], ask.by(WHERE)
    change = AppChange(color=ask.text("color").strip().lower())

    def keep(tx: Transaction) -> App:
        unchanged(app_held(tx, app_id), ask.text("version"))
        return edit_app(tx, app_id, change, ask.runtime.targets, by)

    await ask.write(keep)
    return ask.go(f"{ALL}/{app_id}/look", "color_set")


async def set_logo(ask: Ask) -> Response:
    sent = ask.files.get("logo")
    file = b"" if sent is None else await sent.read(LARGEST_FILE + 1)
    if not file:
        raise Invalid("picture_missing", "Choose a picture first.")
    # In a thread: drawing takes some milliseconds, in which payments go on.
    picture = await asyncio.to_thread(drawn_anew, file, LOGO_WIDTH, LOGO_HEIGHT)
    return await _kept(ask, picture, "logo_set")


async def remove_logo(ask: Ask) -> Response:
    return await _kept(ask, None, "logo_removed")


async def _kept(ask: Ask, picture: Picture | None, said: str) -> Response:
    app_id, by = ask.params["id"], ask.by(WHERE)

    def keep(tx: Transaction) -> App:
        unchanged(app_held(tx, app_id), ask.text("version"))
        return keep_logo(tx, app_id, picture, by)

    await ask.write(keep)
    return ask.go(f"{ALL}/{app_id}/look", said)
