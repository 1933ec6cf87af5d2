"""The API keys of an app: made, replaced and revoked; each is shown once."""

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from payment_service.actions import create_key, revoke_key, roll_key
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.key import (
    KEYS_OF_APP,
    SCOPES,
    ApiKey,
    key_by_id,
    status_of,
)
from payment_service.model.page import NEWEST
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import ALL, WHERE
from payment_service.web.dashboard.apps.written import whole
from payment_service.web.dashboard.ask import Ask

ON_A_PAGE = 50


class Keys(msgspec.Struct, frozen=True):
    """Those that can be used first, each part from new to old."""

    app: App
    rows: Sequence[tuple[ApiKey, str]]
    older: str


async def show_keys(ask: Ask) -> Response:
    return ask.page("apps/keys.html", keys=await ask.read(_keys, ask))


async def show_new_key(ask: Ask) -> Response:
    app = await ask.read(app_by_id, ask.params["id"])
    return ask.page("apps/key_new.html", app=app, scopes=SCOPES)


async def make_key(ask: Ask) -> Response:
    scopes = tuple(scope for scope in SCOPES if ask.text(f"scope_{scope}"))
    app_id = ask.params["id"]

    def make(tx: Transaction) -> tuple[ApiKey, str]:
        name = ask.text("name")
        return create_key.create_key(tx, app_id, name, scopes, ask.now, by=ask.by(WHERE))

    return await _show_once(ask, *await ask.write(make))


async def show_key(ask: Ask) -> Response:
    key, app = await ask.read(_key, ask.params["id"])
    return ask.page("apps/key.html", key=key, app=app, status=status_of(key, ask.now))


async def roll(ask: Ask) -> Response:
    ends_in = whole(ask.text("ends_in"))
    if ends_in is None:
        raise Invalid("key_overlap", "Choose how long the old key still holds.")

    def replace(tx: Transaction) -> tuple[ApiKey, str]:
        key = key_by_id(tx, ask.params["id"])
        unchanged(key, ask.text("version"))
        return roll_key.roll_key(tx, key, ends_in, ask.by(WHERE))

    return await _show_once(ask, *await ask.write(replace))


async def revoke(ask: Ask) -> Response:
    def end(tx: Transaction) -> ApiKey:
        key = key_by_id(tx, ask.params["id"])
        if key.revoked_at is not None:
            raise Conflict("key_over", "This key is revoked already.", id=key.id)
        return revoke_key.revoke_key(tx, key, ask.by(WHERE))

    key = await ask.write(end)
    return ask.go(f"{ALL}/{key.app_id}/keys", "key_revoked", name=key.name)


async def _show_once(ask: Ask, key: ApiKey, secret: str) -> Response:
    """In the answer itself: no address shows it again."""
    app = await ask.read(app_by_id, key.app_id)
    return ask.page("apps/key_shown.html", app=app, key=key, secret=secret)


def _keys(tx: Transaction, ask: Ask) -> Keys:
    app = app_by_id(tx, ask.params["id"])
    before = ask.query.get("before") or NEWEST
    found = tx.all(KEYS_OF_APP, app_id=app.id, before=before, limit=ON_A_PAGE + 1)
    shown = [(key, str(status_of(key, ask.now))) for key in found[:ON_A_PAGE]]
    older = shown[-1][0].id if len(found) > ON_A_PAGE else ""
    return Keys(app, sorted(shown, key=lambda one: one[1] != "active"), older)


def _key(tx: Transaction, key_id: str) -> tuple[ApiKey, App]:
    key = key_by_id(tx, key_id)
    return key, app_by_id(tx, key.app_id)
