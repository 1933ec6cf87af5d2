"""A route of the API: takes only what it knows, in its query, its body and its headers."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from payment_service.kit.errors import Invalid, Unsupported
from payment_service.web.access import let_in
from payment_service.web.api.arguments import Arguments
from payment_service.web.api.strict_json import StrictRequest

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class StrictRoute(APIRoute):
    """Refuses parameters it does not know, parameters given twice, and a body where none is taken.

    Each write takes an Idempotency-Key, or the application does not start.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        headers = {field.alias.lower() for field in self.dependant.header_params}
        self._writes = not WRITES.isdisjoint(self.methods or ())
        if self._writes and "idempotency-key" not in headers:
            raise TypeError(f"{path}: a write takes an Idempotency-Key; see web/idempotency.py")
        self._known = sorted({field.alias for field in self.dependant.query_params})
        self._takes_body = self._writes and bool(self.dependant.body_params)
        self._arguments = Arguments(self.dependant)
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handle(StrictRequest(scope, receive))
        await response(scope, receive, send)

    async def _handle(self, request: Request) -> Response:
        access = await let_in(request, self._arguments.scope)
        if request.scope["query_string"]:
            check_spelling(request.scope["query_string"])
            check_query(request.query_params.multi_items(), self._known)
        if self._takes_body:
            await check_encoding(request)
        elif self._writes and await request.body():
            raise Invalid("body_not_taken", "This call takes no body; send it without one.")
        answer: Response = await self.endpoint(**await self._arguments.given(request, access))
        return answer


async def check_encoding(request: Request) -> None:
    """Raises Unsupported for a body that would be read as something else than it is."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    charset = options.get(b"charset", b"utf-8").lower()
    if (packed == "identity" and charset in (b"utf-8", b"utf8")) or not await request.body():
        return
    raise Unsupported(
        "body_encoding", "Send the body as it is, in UTF-8: not compressed, in no other charset."
    )


def check_spelling(query: bytes) -> None:
    """A parameter that no text can be read from is not one that is empty. Raises Invalid."""
    faults = []
    for pair in query.split(b"&"):
        name, _, value = (unquote_to_bytes(part) for part in pair.partition(b"="))
        try:
            said = "Holds a NUL" if "\0" in (name + value).decode() else ""
        except UnicodeDecodeError:
            said = "Write it in UTF-8"
        if said:
            faults.append({"field": name.decode(errors="replace")[:100], "message": said})
    if faults:
        named = ", ".join(str(one["field"]) for one in faults[:5])
        raise Invalid("invalid_request", f"Correct these parameters: {named}.", errors=faults[:20])


def check_query(given: Collection[tuple[str, str]], known: list[str]) -> None:
    """A misspelt filter must not give everything. Raises Invalid."""
    counts = Counter(name for name, _ in given)
    faults = [
        {"field": name[:100], "message": "Given twice" if name in known else "Unknown parameter"}
        for name, times in counts.items()
        if name not in known or times > 1
    ]
    if not faults:
        return
    unknown = [name[:100] for name in counts if name not in known]
    if unknown:
        takes = f"takes {', '.join(known)}" if known else "takes no parameters"
        said = f"There is no parameter {', '.join(unknown[:5])}; this address {takes}."
    else:
        said = f"Give each parameter once: {', '.join(str(one['field']) for one in faults[:5])}."
    raise Invalid("invalid_request", said, errors=faults[:20])
