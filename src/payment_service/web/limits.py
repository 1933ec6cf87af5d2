"""What a request may be: whole, of bounded size and time, over a connection nobody else reads."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import Unavailable
from payment_service.kit.sparing_log import SparingLog
from payment_service.web.measured import measure
from payment_service.web.overlong import READ_ON, Squeezed
from payment_service.web.plain_page import refusal_to
from payment_service.web.problems import masked_path, problem
from payment_service.web.visits import SECONDS, Visit, Visits

log = structlog.get_logger()

BODY_BYTES = 64 * 1024
NOTICE_BYTES = 8 * 1024
CHUNKED = -1


PAGES = ("/dashboard", "/pay/")
NUL, NO_CHARACTER = "\0", "\ufffd"


class RequestLimits:
    """Refuses larger bodies with 413, and plain http from anywhere but this machine; what watches
    over several machines asks by it too, for health and figures.

    Behind a trusted proxy the scheme is the one that the proxy was asked with. A body is read to
    its end before anything else happens, so that one that drips in holds up nobody; then the
    request takes its place among those under way.
    """

    def __init__(
        self,
        app: ASGIApp,
        visits: Visits,
        is_urgent: Callable[[str], bool],
        body_bytes: int = BODY_BYTES,
        *,
        tells_overlong: bool = False,
    ) -> None:
        """With `tells_overlong` the application answers a body that is too large, of which it is
        given what fits: its scope says `overlong`."""
        self._app = app
        self._visits = visits
        self._is_urgent = is_urgent
        self._body_bytes = body_bytes
        self._tells_overlong = tells_overlong
        self._log = SparingLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _read_as_people_do(scope)
        visit = scope["visit"] = self._visits.open()
        structlog.contextvars.bind_contextvars(request_id=visit.id)
        began = monotonic()
        try:
            await self._let_in(visit, scope, receive, send)
        except Exception:  # a fault of ours, which the layer around this one answers
            visit.status = visit.status or 500
            raise
        finally:
            self._visits.end(visit)
            measure(scope, visit.status, monotonic() - began, stayed=visit.is_long)

    async def _let_in(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                message["headers"] += ((b"request-id", visit.id.encode()), *visit.headers)
            await send(message)

        length = _announced(scope)
        if (answer := self._refused(scope, length)) is not None:
            await answer(scope, receive, named)
            return
        is_urgent = self._is_urgent(scope["path"])
        try:
            if length:
                is_awaited = length <= READ_ON or not self._tells_overlong
                read = await self._read(visit, receive, is_urgent) if is_awaited else (b"", True)
                if read is None:  # gone before it had asked
                    return
                body, is_overlong = read
                if is_overlong:
                    self._log_refusal("body_too_large", scope)
                    if not self._tells_overlong:
                        await self._too_large(scope)(scope, receive, named)
                        return
                    scope["overlong"] = True
                receive = _again(body, receive)
            if not self._visits.began(visit, is_urgent=is_urgent):
                await self._visits.begin(visit, is_urgent=is_urgent)
            await self._app(scope, receive, named)
        except Unavailable as refusal:  # no place among those under way, no room for its body
            headers = {"Retry-After": str(refusal.retry_after)}
            answer = problem(503, refusal.code, refusal.detail, headers=headers)
            answer = refusal_to(scope, answer)
            await answer(scope, receive, named)
        except asyncio.CancelledError:
            if not visit.is_overdue or visit.task is None:
                raise
            visit.task.uncancel()
            log.error("took_too_long", path=masked_path(scope["path"]))
            if visit.status is None:
                await refusal_to(scope, _took_too_long())(scope, receive, named)

    def _refused(self, scope: Scope, length: int) -> Response | None:
        if scope["scheme"] == "http" and not (is_local(scope) or _is_watched(scope["path"])):
            self._log_refusal("https_required", scope)
            detail = "Ask over https; a plain http request can be read by others."
            return refusal_to(scope, problem(403, "https_required", detail))
        if length > self._body_bytes and not self._tells_overlong:
            self._log_refusal("body_too_large", scope)
            return self._too_large(scope)
        is_of_api = scope["path"].startswith("/v1/")  # which says which parameter it is
        if "\0" in scope["path"] or (b"%00" in scope["query_string"] and not is_of_api):
            # PostgreSQL's text takes no NUL, so nothing can have such a name.
            return refusal_to(scope, problem(404, "not_found", "There is nothing at this address."))
        return None

    def _log_refusal(self, event: str, scope: Scope) -> None:
        address = scope["client"][0] if scope.get("client") else "socket"
        path = masked_path(scope["path"])[:100]
        self._log.tell(event, address, path=path, address=address)

    async def _read(
        self, visit: Visit, receive: Receive, is_urgent: bool
    ) -> tuple[bytes, bool] | None:
        """The body and whether it is too large, and then what is needed of it; None when its sender
        went away."""
        body, squeezed, more = b"", None, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return None
            more = message["more_body"]
            if squeezed is not None:
                squeezed.take(message["body"])
                continue
            self._visits.hold(visit, len(message["body"]), is_urgent=is_urgent)
            body += message["body"]
            if len(body) > self._body_bytes:
                if not self._tells_overlong:
                    return b"", True
                squeezed = Squeezed(self._body_bytes)
                squeezed.take(body)
        return (body, False) if squeezed is None else (bytes(squeezed.kept), True)

    def _too_large(self, scope: Scope) -> Response:
        detail = f"Send at most {self._body_bytes // 1024} KiB."
        return refusal_to(scope, problem(413, "body_too_large", detail))


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever else comes."""
    left: bytes | None = body

    async def given() -> Message:
        nonlocal left
        if left is None:
            return await receive()
        read, left = left, None
        return {"type": "http.request", "body": read, "more_body": False}

    return given


def _took_too_long() -> Response:
    return problem(
        503,
        "took_too_long",
        f"This took over {SECONDS:.0f} s and was broken off; ask again, with the same "
        "Idempotency-Key.",
        headers={"Retry-After": "5"},
    )


def _read_as_people_do(scope: Scope) -> None:
    """In the address of a page NUL is no character, so that a page says that there is nothing."""
    if scope["path"].startswith(PAGES):
        scope["path"] = scope["path"].replace(NUL, NO_CHARACTER)
        scope["query_string"] = scope["query_string"].replace(b"%00", b"%EF%BF%BD")


def _announced(scope: Scope) -> int:
    """How long the body says it is; 0 where there is none."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
        if name == b"transfer-encoding":
            return CHUNKED
    return 0


def _is_watched(path: str) -> bool:
    """A proxy that looks which of its upstreams are well, and Prometheus, come without TLS. Health
    holds no secret, and `/metrics` opens to its token alone."""
    return path.startswith("/healthz/") or path == "/metrics"


def is_local(scope: Scope) -> bool:
    client = scope.get("client")
    if client is None:  # a socket file: only this machine can open it
        return True
    return _is_loopback(client[0])


@lru_cache(1024)
def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
