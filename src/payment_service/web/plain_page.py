"""What a browser is shown where the service refuses it before any page was asked: one sentence, in
its language, in place of what programs are told."""

from collections.abc import Iterable
from functools import cache
from http.cookies import CookieError, SimpleCookie

import msgspec
from starlette.responses import Response
from starlette.types import Scope

from payment_service.kit.money import Language
from payment_service.web.pages.languages import language_of
from payment_service.web.pages.render import page, page_headers

LANGUAGE = "__Host-language"
Headers = Iterable[tuple[bytes, bytes]]


def refusal_to(scope: Scope, answer: Response) -> Response:
    """The answer itself, which is a problem, or a page in its place."""
    body = refusal_page(scope["path"], scope["headers"], bytes(answer.body))
    if body is None:
        return answer
    headers, content = body
    kept = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
    return Response(content, answer.status_code, headers={**headers, **kept})


def refusal_page(
    path: str, headers: Headers, problem: bytes
) -> tuple[dict[str, str], bytes] | None:
    """Headers and body; None where it is no person who asks."""
    given = {name.lower(): value.decode("latin-1") for name, value in headers}
    is_dashboard = path == "/dashboard" or path.startswith("/dashboard/")
    is_pay = path.startswith("/pay/") and "text/html" in given.get(b"accept", "")
    if not is_dashboard and not is_pay:
        return None
    language = language_of(given.get(b"accept-language"), _chosen(given.get(b"cookie", "")))
    code = msgspec.json.decode(problem)["code"]
    return page_headers(language), _said(language, code, is_pay)


@cache
def _said(language: Language, code: str, is_pay: bool) -> bytes:
    """Made once: in a flood thousands a second are shown it."""
    return page("plain.html", language, code=code, is_pay=is_pay)


def _chosen(cookie: str) -> str | None:
    try:
        found = SimpleCookie(cookie).get(LANGUAGE)
    except CookieError:
        return None
    return found.value if found is not None else None
