"""Signing in: email and password, then a code; or a passkey alone."""

from urllib.parse import quote, unquote

from starlette.responses import Response

from payment_service.actions import sign_in
from payment_service.books.check_passkey import options_to_use
from payment_service.books.count_tries import NotIn
from payment_service.kit.crypto import digest
from payment_service.kit.statements import Transaction
from payment_service.model.admin import Admin
from payment_service.model.draft import Draft, draft_of
from payment_service.model.passkey import PASSKEYS_OF, Passkey
from payment_service.model.session import SESSION_BY_TOKEN
from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

TOO_MANY = 429
NO_GOOD = 422


async def show_sign_in(ask: Ask, tried: NotIn | None = None) -> Response:
    if ask.who is not None:
        return ask.go(PREFIX)
    options = await options_to_use(ask.runtime, sign_in.BY_PASSKEY, [])
    status = _status(tried)
    onward = next_of(ask)
    return ask.page("sign_in.html", status, tried=tried, options=options, onward=onward)


async def give_password(ask: Ask) -> Response:
    email, password = ask.text("email"), ask.text("password")
    given = await sign_in.give_password(ask.runtime, email, password, ask.visitor)
    if isinstance(given, NotIn):
        return await show_sign_in(ask, given)
    response = ask.go(f"{PREFIX}/sign-in/second{_onward(ask)}")
    cookies.put(response, cookies.ENTRANCE, given)
    return response


async def give_passkey(ask: Ask) -> Response:
    given = await sign_in.give_passkey(ask.runtime, ask.text("passkey"), ask.visitor)
    if isinstance(given, NotIn):
        return await show_sign_in(ask, given)
    return await enter(ask, given)


async def show_second(ask: Ask, tried: NotIn | None = None) -> Response:
    halfway = await ask.read(_halfway, ask)
    if halfway is None:
        return ask.go(f"{PREFIX}/sign-in", "too_late")
    admin, known = halfway
    options = None
    if known:
        options = await options_to_use(ask.runtime, sign_in.BY_PASSKEY, known)
    return ask.page(
        "second.html", _status(tried), tried=tried, admin=admin, options=options,
        onward=next_of(ask),
    )  # fmt: skip


async def give_code(ask: Ask) -> Response:
    token = ask.request.cookies.get(cookies.ENTRANCE, "")
    given = await sign_in.give_code(ask.runtime, token, ask.text("code"), ask.visitor)
    if given is None:
        return ask.go(f"{PREFIX}/sign-in", "too_late")
    if isinstance(given, NotIn):
        return await show_second(ask, given)
    return await enter(ask, given)


async def leave(ask: Ask) -> Response:
    halfway = await ask.read(_halfway, ask)
    if halfway is not None:
        await ask.runtime.db.write(sign_in.leave_halfway, halfway[0].id)
    response = ask.go(f"{PREFIX}/sign-in")
    cookies.take_away(response, cookies.ENTRANCE)
    return response


async def enter(ask: Ask, token: str) -> Response:
    """On with the session to where they wanted to go, or to the form they had filled in."""
    draft = await ask.read(_draft_after, token, ask)
    target = next_of(ask) or PREFIX
    response = ask.go(f"{draft.page}?draft={draft.id}" if draft is not None else target)
    cookies.put(response, cookies.SESSION, token)
    cookies.take_away(response, cookies.ENTRANCE)
    return response


def next_of(ask: Ask) -> str | None:
    """Where they wanted to go: an address of the dashboard, never another host."""
    wanted = ask.text("next") or ask.query.get("next", "")
    inside = wanted == PREFIX or wanted.startswith((f"{PREFIX}/", f"{PREFIX}?"))
    plain = unquote(wanted)
    if not inside or not wanted.isprintable() or "\\" in plain or "//" in plain:
        return None
    if {".", ".."} & set(plain.partition("?")[0].split("/")):  # it would lead out of here
        return None
    return wanted


def _onward(ask: Ask) -> str:
    wanted = next_of(ask)
    return f"?next={quote(wanted, safe='')}" if wanted else ""


def _status(tried: NotIn | None) -> int:
    if tried is None:
        return 200
    return TOO_MANY if tried.wait or tried.locked else NO_GOOD


def _halfway(tx: Transaction, ask: Ask) -> tuple[Admin, list[Passkey]] | None:
    token = ask.request.cookies.get(cookies.ENTRANCE, "")
    admin = sign_in.halfway(tx, token, ask.now)
    return None if admin is None else (admin, tx.all(PASSKEYS_OF, admin_id=admin.id))


def _draft_after(tx: Transaction, token: str, ask: Ask) -> Draft | None:
    session = tx.one(SESSION_BY_TOKEN, token_hash=digest(token))
    return None if session is None else draft_of(tx, session.admin_id, ask.now)
