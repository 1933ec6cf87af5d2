"""Renders a template in the visitor's language."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bukubengkel import words
from bukubengkel.shop import shop_of, visitor
from bukubengkel.words import Language

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request, template: str, values: Mapping[str, object] | None = None, status: int = 200
) -> Response:
    language = words.language_of(request.headers.get("accept-language", ""))
    html = TEMPLATES.get_template(template).render(
        **_phrases(language),
        tenant=visitor(request),
        test_mode=shop_of(request).settings.test_mode,
        **(values or {}),
    )
    return HTMLResponse(html, status, headers={"Vary": "Accept-Language, Cookie"})


def _phrases(language: Language) -> dict[str, Any]:
    """What templates write words with; `say(indonesian, english)` picks one."""

    def say(indonesian: str, english: str) -> str:
        return english if language == "en" else indonesian

    def in_language(write: Callable[..., str]) -> Callable[..., str]:
        return lambda value: write(value, language)

    return {
        "language": language,
        "say": say,
        "rupiah": words.rupiah,
        "day": in_language(words.day),
        "hour": in_language(words.hour),
        "status_word": in_language(words.status),
        "minutes": words.minutes,
    }
