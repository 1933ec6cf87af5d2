"""How a page is made: the templates, the words in them, and the headers every page carries."""

from datetime import date, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from payment_service.kit.calendar import local_date
from payment_service.kit.money import Language, rupiah
from payment_service.model.app import initials
from payment_service.web.pages import brand, dates, numbers
from payment_service.web.pages.agents import browser
from payment_service.web.pages.languages import translations

WEB = Path(__file__).parent.parent
STATIC = WEB / "static"
STATIC_URL = "/static"
STATIC_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}
"""Files may be kept for good: their address changes with their content."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)


def page(template: str, language: Language, **context: object) -> bytes:
    """The page as UTF-8. A name that the template uses and the context lacks is an error."""
    return _environment(language).get_template(template).render(context).encode()


def page_headers(language: Language, *, indexed: bool = False) -> dict[str, str]:
    """What every page answers with, whatever its status. Nothing of it is kept by anybody."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    if not indexed:
        headers["X-Robots-Tag"] = "noindex, nofollow"
    return headers


@cache
def asset(name: str) -> str:
    """The address of a file in `static/`, with its content's hash. Read once per process."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()
    return f"{STATIC_URL}/{name}?v={digest[:12]}"


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    install = environment.install_gettext_translations  # type: ignore[attr-defined]  # by i18n
    install(translations(language), newstyle=True)
    environment.globals.update(asset=asset, language=language)
    environment.filters.update(
        rupiah=rupiah,
        app_color=brand.app_color,
        ink_on=brand.ink_on,
        sheet_address=brand.sheet_address,
        logo_of=brand.logo_of,
        monogram=_monogram,
        browser=browser,
        countdown=dates.countdown,
        iso=_iso,
        long_date=partial(dates.long_date, language=language),
        short_date=partial(dates.short_date, language=language),
        day_words=partial(dates.day_words, language=language),
        short_day=partial(dates.short_day, language=language),
        local_day=local_date,
        from_iso=dates.from_iso,
        day_and_month=partial(dates.day_and_month, language=language),
        weekday_of=partial(dates.weekday_of, language=language),
        weekday_and_hour=partial(dates.weekday_and_hour, language=language),
        month=partial(dates.month, language=language),
        short_month=partial(dates.short_month, language=language),
        month_and_year=partial(dates.month_and_year, language=language),
        ago=partial(dates.ago, language=language),
        tenths=partial(numbers.tenths, language=language),
        share=partial(numbers.share, language=language),
        period=partial(dates.period, language=language),
        hour=partial(dates.hour, language=language),
        moment=partial(dates.moment, language=language),
        when=partial(dates.when, language=language),
        brief=partial(dates.brief, language=language),
        until=partial(dates.until, language=language),
    )
    return environment


def _monogram(name: str) -> str:
    return initials(name)[:2]


def _iso(value: date | datetime) -> str:
    """For machines: `datetime` attributes and the script."""
    return value.isoformat()
