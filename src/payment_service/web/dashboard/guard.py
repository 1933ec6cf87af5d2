"""Where every request for the dashboard passes: the table says who may do what, this holds it."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payment_service.kit.crypto import digest
from payment_service.kit.errors import Conflict, Forbidden, Refusal
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMIN, Admin
from payment_service.model.audit import By, record
from payment_service.model.session import (
    KEPT,
    SESSION_BY_TOKEN,
    TOUCH_EVERY,
    TOUCH_SESSION,
    Session,
    Visitor,
)
from payment_service.web.access import runtime_of
from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.ask import Ask, SentTwice
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.forms import (
    UNSHOWN,
    Filled,
    check_again,
    check_size,
    is_overlong,
    lost_of,
    read_form,
)
from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.kept import done_since, keep, kept_for
from payment_service.web.dashboard.routes import ROUTES, rows_that_show
from payment_service.web.dashboard.same_origin import is_same_origin
from payment_service.web.dashboard.shell import shell_of, waiting
from payment_service.web.dashboard.tried import tried
from payment_service.web.limits import RequestLimits
from payment_service.web.measured import name_routes
from payment_service.web.pages.languages import language_of
from payment_service.web.pages.render import page_headers
from payment_service.web.problems import STATUS
from payment_service.web.visits import Visits, visit_of

log = structlog.get_logger()
SIGN_IN = f"{PREFIX}/sign-in"
STEP_UP = f"{PREFIX}/step-up"
LONGEST_ID = 60
"""Of a thing that the log names; an address may hold anything."""
ALWAYS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
Answer = Callable[[Request], Awaitable[Response]]


def guarded(state: Any, visits: Visits) -> Starlette:
    """The application that the table describes; `state` holds the runtime."""
    app = Starlette(
        middleware=[
            Middleware(RequestLimits, visits=visits, is_urgent=lambda _: False, tells_overlong=True)
        ],
        exception_handlers={
            HTTPException: _no_such_page,
            Refusal: _no_place,
            Exception: _failed,
        },
        routes=[
            Route(f"{PREFIX}{guard.path}", _answer(guard), methods=[guard.method])
            for guard in ROUTES
        ],
    )
    app.state = state
    name_routes(app.routes)
    return app


def _answer(guard: Guard) -> Answer:
    async def answer(request: Request) -> Response:
        ask = _ask(request)
        try:
            response = await _let_through(guard, ask)
        except Refusal as refusal:
            response = _refused(ask, refusal)
        finally:
            await request.close()  # files that came with a form
        return _with_headers(ask, response)

    return answer


async def _let_through(guard: Guard, ask: Ask) -> Response:
    """The order is that of what is told to whom: a foreign page learns nothing, then who it is,
    then what they may do, then whether they still sit there."""
    if guard.method != "GET" and not is_same_origin(ask.request, ask.runtime.links.base_url):
        raise Forbidden("cross_origin", "This deed is done from the dashboard itself.")
    session, admin = await _who(ask)
    if guard.method != "GET":
        texts, files = await read_form(ask.request)
        ask = msgspec.structs.replace(ask, texts=texts, files=files)
    is_in = session is not None and session.is_live(ask.now) and admin is not None
    if guard.role is None and not is_in:
        return await _handle(guard, ask)
    if session is None or admin is None or not is_in:
        return await _to_sign_in(guard, ask, session)
    if ask.now - session.seen_at >= TOUCH_EVERY and _is_by_hand(ask.request):
        await ask.runtime.db.write(_touch, session.id, ask)
    ask = await _signed_in(ask, admin, session)
    try:
        if guard.role is not None and not admin.may(guard.role):
            await _note_refusal(guard, ask)
            raise Forbidden("role_missing", "Your role cannot do this; ask an owner.")
        if guard.step_up and not session.is_proven(ask.now) and not is_overlong(ask.request):
            return await _to_step_up(guard, ask)
        return await _handle(guard, ask)
    except Refusal as refusal:
        return _refused(ask, refusal)


async def _handle(guard: Guard, ask: Ask) -> Response:
    """What is refused is told on the page of the form, with what was filled in."""
    try:
        check_size(ask.request, ask.texts)
        check_again(ask.texts, ask.files)
        return await guard.handler(ask)
    except (SentTwice, Refusal) as error:
        fault = error if isinstance(error, Refusal) else _sent_twice()
        if guard.page is None or not _may_be_shown(guard, ask):
            raise fault from None
        values = {**ask.texts, **lost_of(ask.texts, ask.files, UNSHOWN)}
        lately = await done_since(ask, values)
        filled = Filled(ask.path, values, fault, lately)
        response = await guard.page(msgspec.structs.replace(ask, filled=filled))
        response.status_code = STATUS.get(fault.kind, 422)
        return response


def _may_be_shown(guard: Guard, ask: Ask) -> bool:
    """Whether the page of the form asks for no proof, or has it."""
    is_proven = ask.session is not None and ask.session.is_proven(ask.now)
    return is_proven or not any(one.step_up for one in rows_that_show(guard))


def _ask(request: Request) -> Ask:
    runtime = runtime_of(request)
    now = runtime.clock.now()
    visitor = Visitor(
        address=request.client.host if request.client else "",
        agent="".join(filter(str.isprintable, request.headers.get("user-agent", "")))[:200],
        request_id=visit_of(request.scope).id,
    )
    chosen = request.cookies.get(cookies.LANGUAGE)
    language = language_of(request.headers.get("accept-language"), chosen)
    return Ask(runtime=runtime, request=request, visitor=visitor, language=language, now=now)


async def _who(ask: Ask) -> tuple[Session | None, Admin | None]:
    """Whose session the cookie names, also one that has run out; nobody where the admin is out."""
    token = ask.request.cookies.get(cookies.SESSION)
    if not token:
        return None, None
    session, admin = await ask.read(_session_of, token)
    if session is None or admin is None or admin.disabled_at is not None:
        return None, None
    return (session, admin) if session.ended_at is None else (None, None)


def _session_of(tx: Transaction, token: str) -> tuple[Session | None, Admin | None]:
    session = tx.one(SESSION_BY_TOKEN, token_hash=digest(token))
    return session, tx.one(ADMIN, id=session.admin_id) if session is not None else None


def _is_by_hand(request: Request) -> bool:
    """What a page asks for by itself is no sign that anybody sits before it."""
    return request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _touch(tx: Transaction, session_id: str, ask: Ask) -> None:
    tx.run(TOUCH_SESSION, session_id=session_id, now=ask.now)


async def _signed_in(ask: Ask, admin: Admin, session: Session) -> Ask:
    places = frozenset(
        f"{PREFIX}{guard.path}"
        for guard in ROUTES
        if guard.method == "GET" and guard.role is not None and admin.may(guard.role)
    )
    host = ask.request.url.netloc
    shell = shell_of(admin, places, await ask.read(waiting, ask.now), host)
    ask = msgspec.structs.replace(ask, who=admin, session=session, shell=shell)  # nosec B604  # a page's
    filled = await kept_for(ask, admin)
    return ask if filled is None else msgspec.structs.replace(ask, filled=filled)


async def _to_sign_in(guard: Guard, ask: Ask, session: Session | None) -> Response:
    """Who sends a form after the session has run out finds it again, filled in, and not sent."""
    if guard.method == "GET":
        target = quote(str(ask.request.url.path) + _query(ask), safe="")
        return ask.go(SIGN_IN if ask.path == PREFIX else f"{SIGN_IN}?next={target}")
    is_kept = session is not None and ask.now - session.seen_at <= KEPT
    if session is not None and is_kept and guard.page is not None and not is_overlong(ask.request):
        await keep(guard, ask, session.admin_id)
        return ask.go(SIGN_IN, "draft_kept")
    return ask.go(SIGN_IN, "signed_out")


async def _to_step_up(guard: Guard, ask: Ask) -> Response:
    if guard.method == "GET":
        return ask.go(f"{STEP_UP}?next={quote(ask.path + _query(ask), safe='')}")
    draft = await keep(guard, ask, ask.admin.id)
    return ask.go(f"{STEP_UP}?next={quote(f'{draft.page}?draft={draft.id}', safe='')}")


async def _note_refusal(guard: Guard, ask: Ask) -> None:
    """A deed that was tried is in the log; a page that was looked for is not."""
    if guard.method != "GET":
        by, subject_id = ask.by(f"the role is {ask.admin.role}"), ask.params.get("id")
        await ask.runtime.db.write(_record_refusal, by, subject_id, tried(guard.path))


def _record_refusal(tx: Transaction, by: By, subject_id: str | None, deed: str) -> None:
    record(tx, by, None, "refused", (subject_id or by.actor)[:LONGEST_ID], tried=deed)


def _query(ask: Ask) -> str:
    return f"?{ask.request.url.query}" if ask.request.url.query else ""


def _refused(ask: Ask, refusal: Refusal) -> Response:
    return ask.page("refused.html", STATUS.get(refusal.kind, 422), refusal=refusal)


def _sent_twice() -> Refusal:
    return Conflict("sent_twice", "This form was sent already; the page shows what came of it.")


def _with_headers(ask: Ask, response: Response) -> Response:
    for name, value in {**page_headers(ask.language), **ALWAYS}.items():
        if name != "Content-Type":
            response.headers.setdefault(name, value)
    return response


async def _no_such_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    refusal = Refusal("no_such_page", "There is nothing at this address.")
    ask = _ask(request)
    session, admin = await _who(ask)
    if session is not None and admin is not None and session.is_live(ask.now):
        ask = await _signed_in(ask, admin, session)
    return _with_headers(ask, ask.page("refused.html", status, refusal=refusal))


async def _no_place(request: Request, refusal: Exception) -> Response:
    """A stream found no room when it was to begin; its page asks again later."""
    ask, status = _ask(request), STATUS.get(getattr(refusal, "kind", ""), 503)
    return _with_headers(ask, Response(status_code=status))


async def _failed(request: Request, error: Exception) -> Response:
    """A fault of ours. The log has it whole, the page has the number under which to look."""
    ask = _ask(request)
    log.error("page_failed", path=request.url.path, exc_info=error)
    refusal = Refusal("internal_error", "Something went wrong here; it was logged.")
    response = _with_headers(ask, ask.page("refused.html", 500, refusal=refusal))
    response.headers["Request-Id"] = ask.visitor.request_id
    return response
