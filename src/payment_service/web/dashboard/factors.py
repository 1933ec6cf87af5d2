"""One's own second factors: passkeys, the authenticator app, recovery codes."""

from starlette.responses import Response

from payment_service.actions import change_factors as changing
from payment_service.books.check_passkey import check_new_passkey, options_to_create
from payment_service.kit import totp
from payment_service.model.passkey import PASSKEYS_OF
from payment_service.web.dashboard.account import ACCOUNT
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.enrol import new_set_up, seed_in

WHERE = "on the account page"


async def show_new_passkey(ask: Ask) -> Response:
    known = await ask.read(lambda tx: tx.all(PASSKEYS_OF, admin_id=ask.admin.id))
    options = await options_to_create(ask.runtime, ask.admin, known)
    return ask.page("new_passkey.html", options=options)


async def add_passkey(ask: Ask) -> Response:
    made = await check_new_passkey(ask.runtime, ask.text("passkey"), ask.admin.id)
    name = ask.text("name")
    await ask.write(changing.add_passkey, ask.signed_in, made, name, ask.by(WHERE))
    return ask.go(ACCOUNT, "passkey_added")


async def remove_passkey(ask: Ask) -> Response:
    passkey_id = ask.text("passkey_id")
    await ask.write(changing.remove_passkey, ask.signed_in, passkey_id, ask.by(WHERE))
    return ask.go(ACCOUNT, "passkey_removed")


async def show_totp(ask: Ask) -> Response:
    return ask.page("totp.html", set_up=new_set_up(ask, ask.admin))


async def set_totp(ask: Ask) -> Response:
    seed = seed_in(ask, ask.admin) or totp.new_seed()
    code, box = ask.text("code"), ask.runtime.secrets
    await ask.write(changing.set_totp, ask.signed_in, seed, code, box, ask.by(WHERE))
    return ask.go(ACCOUNT, "totp_set")


async def remove_totp(ask: Ask) -> Response:
    await ask.write(changing.remove_totp, ask.signed_in, ask.by(WHERE))
    return ask.go(ACCOUNT, "totp_removed")


async def renew_codes(ask: Ask) -> Response:
    """Told in the answer itself, once: no address shows them again."""
    codes = await ask.write(changing.renew_recovery_codes, ask.signed_in, ask.by(WHERE))
    return ask.page("recovery_codes.html", codes=codes, first=False)
