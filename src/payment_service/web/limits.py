"""What a request may be: a body of bounded size, over a connection that nobody else reads."""

from functools import lru_cache
from ipaddress import ip_address

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from payment_service.web.problems import problem

BODY_BYTES = 64 * 1024
NOTICE_BYTES = 8 * 1024


class RequestLimits:
    """Refuses larger bodies with 413, and plain http from anywhere but this machine.

    Behind a trusted proxy the scheme is the one that the proxy was asked with.
    """

    def __init__(self, app: ASGIApp, body_bytes: int = BODY_BYTES) -> None:
        self._app = app
        self._body_bytes = body_bytes
        self._too_large = f"Send at most {body_bytes // 1024} KiB."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["scheme"] == "http" and not _is_local(scope):
            answer = problem(
                403, "https_required", "Ask over https; a plain http request can be read by others."
            )
            await answer(scope, receive, send)
            return
        if _announced(scope) > self._body_bytes:
            await problem(413, "body_too_large", self._too_large)(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            # PostgreSQL's text takes no NUL, so nothing can have such a name.
            answer = problem(404, "not_found", "There is nothing at this address.")
            await answer(scope, receive, send)
            return
        await self._read_bounded(scope, receive, send)

    async def _read_bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bodies without a length are counted while they are read."""
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self._body_bytes:
                    # Of all exceptions this is the one that FastAPI lets out of reading a body.
                    raise HTTPException(413, self._too_large)
            return message

        await self._app(scope, bounded, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _is_local(scope: Scope) -> bool:
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
