"""The first sign-in: a one-time code, a password, a second factor, recovery codes."""

from starlette.responses import Response

from payment_service.actions import sign_in_first
from payment_service.actions.sign_in_first import In, entering
from payment_service.books.check_passkey import options_to_create
from payment_service.books.count_tries import NotIn
from payment_service.kit import totp
from payment_service.model.admin import Admin
from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.enrol import SetUp, new_set_up, seed_in
from payment_service.web.dashboard.sign_in import NO_GOOD, TOO_MANY


async def show_code(ask: Ask, tried: NotIn | None = None) -> Response:
    status = 200 if tried is None else TOO_MANY if tried.wait else NO_GOOD
    return ask.page("first_code.html", status, tried=tried)


async def give_code(ask: Ask) -> Response:
    given = await sign_in_first.use_code(ask.runtime, ask.text("code"), ask.visitor)
    if isinstance(given, NotIn):
        return await show_code(ask, given)
    response = ask.go(f"{PREFIX}/first/password")
    cookies.put(response, cookies.ENTRANCE, given)
    return response


async def show_password(ask: Ask) -> Response:
    admin = await _admin(ask)
    if admin is None:
        return _too_late(ask)
    return ask.page("first_password.html", admin=admin)


async def choose_password(ask: Ask) -> Response:
    kept = await sign_in_first.choose_password(
        ask.runtime, _token(ask), ask.text("password"), ask.visitor
    )
    return ask.go(f"{PREFIX}/first/factor") if kept else _too_late(ask)


async def show_factor(ask: Ask) -> Response:
    admin = await _admin(ask)
    if admin is None:
        return _too_late(ask)
    if admin.password_hash is None:
        return ask.go(f"{PREFIX}/first/password")
    options = await options_to_create(ask.runtime, admin, [])
    set_up: SetUp = new_set_up(ask, admin)
    return ask.page("first_factor.html", admin=admin, options=options, set_up=set_up)


async def begin_with_totp(ask: Ask) -> Response:
    admin = await _admin(ask)
    if admin is None:
        return _too_late(ask)
    seed = seed_in(ask, admin) or totp.new_seed()
    code = ask.text("code")
    entered = await sign_in_first.begin_with_totp(ask.runtime, _token(ask), seed, code, ask.visitor)
    return _show_codes(ask, entered)


async def begin_with_passkey(ask: Ask) -> Response:
    entered = await sign_in_first.begin_with_passkey(
        ask.runtime, _token(ask), ask.text("passkey"), ask.text("name"), ask.visitor
    )
    return _show_codes(ask, entered)


def _show_codes(ask: Ask, entered: In | None) -> Response:
    if entered is None:
        return _too_late(ask)
    response = ask.page("recovery_codes.html", codes=entered.recovery_codes, first=True)
    cookies.put(response, cookies.SESSION, entered.token)
    cookies.take_away(response, cookies.ENTRANCE)
    return response


async def _admin(ask: Ask) -> Admin | None:
    return await ask.read(entering, _token(ask), ask.now)


def _token(ask: Ask) -> str:
    return ask.request.cookies.get(cookies.ENTRANCE, "")


def _too_late(ask: Ask) -> Response:
    return ask.go(f"{PREFIX}/first", "code_too_late")
