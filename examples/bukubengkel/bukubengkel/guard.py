"""What every request passes: same-origin forms, size limits, headers that keep pages closed."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

LONGEST_FORM = 8_192
LONGEST_FIELD = 100

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it browsers send `Origin: null` along with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def add_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    for name, value in PAGE_HEADERS.items():
        response.headers[name] = value
    kept = "no-cache" if request.url.path.startswith("/static/") else "no-store"
    response.headers.setdefault("Cache-Control", kept)
    return response


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that came from one of our own pages."""
    _require_same_origin(request)
    body = await read_body(request, LONGEST_FORM)
    try:
        form = dict(parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=20))
    except ValueError as problem:
        raise HTTPException(400, "unreadable form") from problem
    request.state.form = form
    return form


async def read_body(request: Request, longest: int) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise HTTPException(413, "too much was sent")
    return body


def field(form: dict[str, str], name: str) -> str | None:
    """One line of printable text with its spaces tidied, or None: empty, too long, not text."""
    text = " ".join(form.get(name, "").split())
    return text if text and len(text) <= LONGEST_FIELD and text.isprintable() else None


def _require_same_origin(request: Request) -> None:
    # Sec-Fetch-Site is absent on plain http outside localhost; Origin is always sent then.
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        allowed = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise HTTPException(403, "the form came from another site")
