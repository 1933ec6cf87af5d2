"""Showing once more who sits there, on the way to money or a secret."""

from starlette.responses import Response

from payment_service.actions import step_up as actions
from payment_service.books.check_passkey import options_to_use
from payment_service.books.count_tries import NotIn
from payment_service.model.passkey import PASSKEYS_OF
from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.sign_in import NO_GOOD, TOO_MANY, next_of


async def show_step_up(ask: Ask, tried: NotIn | None = None) -> Response:
    known = await ask.read(lambda tx: tx.all(PASSKEYS_OF, admin_id=ask.admin.id))
    options = None
    if known:
        purpose = actions.purpose_of(ask.signed_in)
        options = await options_to_use(ask.runtime, purpose, known)
    status = 200 if tried is None else TOO_MANY if tried.wait or tried.locked else NO_GOOD
    return ask.page(
        "step_up.html", status, tried=tried, admin=ask.admin, options=options,
        onward=next_of(ask) or PREFIX,
    )  # fmt: skip


async def step_up(ask: Ask) -> Response:
    answer = ask.text("passkey")
    given: str | NotIn
    if answer:
        given = await actions.step_up_by_passkey(
            ask.runtime, ask.admin, ask.signed_in, answer, ask.visitor
        )
    else:
        given = await actions.step_up_by_code(
            ask.runtime, ask.admin, ask.signed_in, ask.text("code"), ask.visitor
        )
    if isinstance(given, NotIn):
        return await show_step_up(ask, given)
    response = ask.go(next_of(ask) or PREFIX)
    cookies.put(response, cookies.SESSION, given)
    return response
