"""HTTP as uvicorn reads it, with bounds: on how much is sent before a request is whole, and on how
long that takes."""

import asyncio

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from payment_service.kit.sparing_log import SparingLog

HEAD_BYTES = 32 * 1024
REQUEST_BYTES = 512 * 1024
"""As they are sent: whoever sends a body in pieces of one byte needs six for each."""
SECONDS = 10.0
"""For a head to be whole, or a request with its body."""
LAST_WORD_SECONDS = 0.5
"""How long a connection on which nothing is under way stays when the server stops."""

log = SparingLog()


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's own waits for ever, and keeps a head of any size.

    No timer for each request: the server asks all its connections now and then. An application with
    a `refusal_page` may tell what is refused here in its own way: it is given the path, the headers
    as far as they came, and the body, and answers with headers and another body, or None.
    """

    _size = 0
    """Bytes of this request so far, and of what came with its last ones."""
    _chunk = 0
    _begins_chunk = True
    _has_begun = False
    """Whether some of a request is here, and not all of it."""
    _in_head = True
    _waits_since: float | None = None
    """Since when a request is awaited or incomplete."""
    _is_last = False
    """Whether the next request is the last one that is answered here."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        self._waits_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        self._chunk = len(data)
        self._size += self._chunk
        self._begins_chunk = True
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._size > HEAD_BYTES:
            self._refuse_large_head()
        elif self._size > REQUEST_BYTES:
            self._cut("endless_body")
        elif self._waits_since is None and not self._is_answering():
            self._waits_since = self.loop.time()  # an empty line, which begins nothing

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            self._refuse(400, problem(400, "http_error", "This is not HTTP."), None)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_begun = self._in_head = True
        self._size = self._chunk if self._begins_chunk else 0
        self._begins_chunk = False
        self._waits_since = self.loop.time()

    def on_headers_complete(self) -> None:
        if max(self._size, self._chunk) > HEAD_BYTES:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > HEAD_BYTES:
                self._refuse_large_head()
                raise ValueError("head too large")  # nothing more is read of it
        self._in_head = False
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self._waits_since = None
        self._has_begun = False
        self._size = 0
        super().on_message_complete()

    def look(self, now: float, patience: float) -> None:
        """End what has taken longer than so many seconds to arrive."""
        since = self._waits_since
        if since is None or now - since < patience or self._waits_for_another():
            return
        if not self._has_begun:
            self.transport.close()  # nobody has said anything
            return
        said = f"Send the whole request within {patience:.0f} s."
        self._refuse(408, problem(408, "request_timeout", said), "slow")

    def shutdown(self) -> None:
        """Answer what is under way, and what is on its way: a request, or half of it, may have been
        sent while we were told to stop, and who sends it to a closed connection cannot know what
        became of it."""
        if self._is_answering():
            super().shutdown()
            if not self._has_begun:
                return
        if not self.transport.is_closing():
            self._is_last = True
            self.loop.call_later(LAST_WORD_SECONDS, self._end_silence)

    def _end_silence(self) -> None:
        """End what is still not whole: nothing has been done about it."""
        if self._has_begun:
            if not self._waits_for_another():
                said = "The service is stopping; ask again in a moment."
                self._refuse(503, problem(503, "shutting_down", said), None)
        elif not self._is_answering():
            self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _waits_for_another(self) -> bool:
        """Whether it stands behind a request that is still being answered."""
        return bool(self.pipeline) or (self._in_head and self._is_answering())

    def _refuse_large_head(self) -> None:
        said = f"Send at most {HEAD_BYTES // 1024} KiB of headers."
        self._refuse(431, problem(431, "headers_too_large", said), "large_head")

    def _refuse(self, status: int, body: bytes, why: str | None) -> None:
        """Answer where nothing was answered yet, and close."""
        if self._waits_for_another() or (
            not self._in_head and self.cycle is not None and self.cycle.response_started
        ):
            self._cut(why)
            return
        headers = {"content-type": "application/problem+json"}
        page_of = getattr(self.config.app, "refusal_page", None)
        if page_of is not None and status != 400:
            path = (self.url or b"").partition(b"?")[0].decode("latin-1")
            headers, body = page_of(path, self.headers or [], body) or (headers, body)
        head = [
            STATUS_LINE[status],
            *(name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers),
            *(f"{name.lower()}: {value}\r\n".encode() for name, value in headers.items()),
            b"content-length: %d\r\nconnection: close\r\n" % len(body),
            b"retry-after: 1\r\n" if status == 503 else b"",
            b"\r\n",
        ]
        self.transport.write(b"".join(head) + body)
        self._cut(why)

    def _cut(self, why: str | None) -> None:
        address = self.client[0] if self.client else "socket"
        if why is not None:
            log.tell("request_cut", f"{why} {address}", why=why, address=address)
        if not self._in_head and self._is_answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def problem(status: int, code: str, detail: str) -> bytes:
    """The body of a refusal, in the shape that all others have."""
    title = {
        400: "Bad Request",
        408: "Request Timeout",
        431: "Request Header Fields Too Large",
    }
    body = {
        "type": "about:blank",
        "title": title.get(status, "Service Unavailable"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return msgspec.json.encode(body)
