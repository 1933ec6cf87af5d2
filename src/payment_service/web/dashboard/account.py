"""One's own account: password, factors, and where one is signed in."""

from typing import NamedTuple

from starlette.responses import Response

from payment_service.actions import change_password as changing
from payment_service.actions import end_sessions as ending
from payment_service.kit.statements import Transaction
from payment_service.model.passkey import PASSKEYS_OF, Passkey
from payment_service.model.recovery_code import CODES_LEFT
from payment_service.model.session import Session, open_sessions
from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

ACCOUNT = f"{PREFIX}/account"


class Own(NamedTuple):
    passkeys: list[Passkey]
    codes_left: int
    sessions: list[Session]


async def show_account(ask: Ask) -> Response:
    return ask.page("account.html", own=await ask.read(_own, ask), admin=ask.admin)


async def change_password(ask: Ask) -> Response:
    hashed = await changing.hash_of_changed(ask.runtime, ask.admin, ask.text("password"))
    by = ask.by("on the account page")
    await ask.write(changing.change_password, ask.admin, ask.signed_in, hashed, by)
    return ask.go(ACCOUNT, "password_changed")


async def end_session(ask: Ask) -> Response:
    by = ask.by("on the account page")
    await ask.write(ending.end_session, ask.admin.id, ask.text("session"), by, ask.now)
    return ask.go(ACCOUNT, "session_ended")


async def end_other_sessions(ask: Ask) -> Response:
    by = ask.by("on the account page")
    but = ask.signed_in.id
    await ask.write(ending.end_sessions, ask.admin.id, by, ask.now, but=but)
    return ask.go(ACCOUNT, "others_ended")


async def sign_out(ask: Ask) -> Response:
    by = ask.by("signed out")
    db = ask.runtime.db
    await db.write(ending.end_session, ask.admin.id, ask.signed_in.id, by, ask.now)
    return _out(ask)


async def sign_out_everywhere(ask: Ask) -> Response:
    by = ask.by("signed out everywhere")
    await ask.runtime.db.write(ending.end_sessions, ask.admin.id, by, ask.now)
    return _out(ask)


def _out(ask: Ask) -> Response:
    response = ask.go(f"{PREFIX}/sign-in", "signed_out_now")
    cookies.take_away(response, cookies.SESSION)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _own(tx: Transaction, ask: Ask) -> Own:
    return Own(
        tx.all(PASSKEYS_OF, admin_id=ask.admin.id),
        tx.one(CODES_LEFT, admin_id=ask.admin.id) or 0,
        open_sessions(tx, ask.admin.id, ask.now),
    )
