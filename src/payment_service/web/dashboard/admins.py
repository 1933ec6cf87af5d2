"""The admins, for owners: who there is, what they may do, who is new."""

from typing import NamedTuple

from starlette.responses import Response

from payment_service.actions import edit_admin, invite_admin
from payment_service.actions import end_sessions as ending
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMIN, ADMINS, CODE_LASTS, Admin
from payment_service.model.passkey import PASSKEYS_OF
from payment_service.model.session import Session, open_sessions
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

WHERE = "on the admins page"
ALL = f"{PREFIX}/admins"


class Known(NamedTuple):
    admin: Admin
    sessions: list[Session]
    passkeys: int


async def show_admins(ask: Ask) -> Response:
    return ask.page("admins.html", admins=await ask.read(lambda tx: tx.all(ADMINS)))


async def show_invite(ask: Ask) -> Response:
    return ask.page("invite.html")


async def invite(ask: Ask) -> Response:
    given = (ask.text("name"), ask.text("email"), ask.text("role"))
    admin, code = await ask.write(invite_admin.invite_admin, *given, ask.by(WHERE))
    return _show_code(ask, admin, code)


async def show_admin(ask: Ask) -> Response:
    return ask.page("admin.html", known=await ask.read(_known, ask))


async def set_role(ask: Ask) -> Response:
    by, role = ask.by(WHERE), ask.text("role")
    admin = await ask.write(
        edit_admin.set_admin_role, ask.params["id"], role, by, was=ask.text("was")
    )
    return ask.go(f"{ALL}/{admin.id}", "admin_role_set", name=admin.name)


async def renew_code(ask: Ask) -> Response:
    admin, code = await ask.write(invite_admin.renew_invitation, ask.params["id"], ask.by(WHERE))
    return _show_code(ask, admin, code)


async def disable(ask: Ask) -> Response:
    admin = await ask.write(edit_admin.disable_admin, ask.params["id"], ask.by(WHERE))
    return ask.go(f"{ALL}/{admin.id}", "admin_disabled", name=admin.name)


async def enable(ask: Ask) -> Response:
    admin = await ask.write(edit_admin.enable_admin, ask.params["id"], ask.by(WHERE))
    return ask.go(f"{ALL}/{admin.id}", "admin_enabled", name=admin.name)


async def end_sessions(ask: Ask) -> Response:
    await ask.write(ending.end_sessions, ask.params["id"], ask.by(WHERE), ask.now)
    return ask.go(f"{ALL}/{ask.params['id']}", "admin_sessions_ended")


def _show_code(ask: Ask, admin: Admin, code: str) -> Response:
    """Told in the answer itself, once: no address shows it again."""
    minutes = int(CODE_LASTS.total_seconds() // 60)
    address = f"{ask.runtime.links.base_url}{PREFIX}/first"
    return ask.page("one_time_code.html", admin=admin, code=code, address=address, minutes=minutes)


def _known(tx: Transaction, ask: Ask) -> Known:
    admin = tx.one(ADMIN, id=ask.params["id"])
    if admin is None:
        raise NotFound("admin_not_found", "There is no such admin; `admin list` shows them.")
    passkeys = tx.all(PASSKEYS_OF, admin_id=admin.id)
    return Known(admin, open_sessions(tx, admin.id, ask.now), len(passkeys))
