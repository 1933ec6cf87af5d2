"""How dates, hours and durations are written for people. No part of one breaks over a line."""

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_timedelta

from payment_service.kit.calendar import ZONE_LETTERS, local_date, zone_info
from payment_service.kit.money import Language

NBSP = "\N{NO-BREAK SPACE}"


def long_date(day: date, language: Language) -> str:
    """`22 Desember 2026`, for sentences."""
    return _written(day, "d MMMM y", language)


def short_date(day: date, language: Language) -> str:
    """`22 Des 2026`, for rows and tables."""
    return _written(day, "d MMM y", language)


def day_and_month(day: date, language: Language) -> str:
    """`22 Desember`, where the year goes without saying."""
    return _written(day, "d MMMM", language)


def weekday_of(instant: datetime, zone: str, language: Language) -> str:
    """`Rabu, 25 November 2026`: for today alone."""
    return _written(local_date(instant, zone), "EEEE, d MMMM y", language)


def weekday_and_hour(instant: datetime, zone: str, language: Language) -> str:
    """`Kamis 26 Nov, 01.00 WIB`: for tonight."""
    day = _written(local_date(instant, zone), "EEEE d MMM", language)
    return f"{day}, {hour(instant, zone, language)}"


def month(day: date, language: Language) -> str:
    """`November`, where the year goes without saying."""
    return _written(day, "LLLL", language)


def short_month(day: date, language: Language) -> str:
    """`Nov`, below a bar."""
    return _written(day, "LLL", language)


def month_and_year(day: date, language: Language) -> str:
    """`Nov 2026`, for tables."""
    return _written(day, "LLL y", language)


def ago(instant: datetime, now: datetime, language: Language) -> str:
    """`10 menit lalu`; beside a date wherever there is room for one."""
    if now - instant < timedelta(minutes=1):
        return {"id": f"baru{NBSP}saja", "en": f"just{NBSP}now"}[language]
    words = format_timedelta(instant - now, add_direction=True, locale=language)
    return words.replace("yang lalu", "lalu").replace(" ", NBSP)


def day_words(day: date, today: date, language: Language) -> str:
    """`22 Desember`, in sentences; with its year where that is not today's."""
    return (day_and_month if day.year == today.year else long_date)(day, language)


def short_day(day: date, language: Language) -> str:
    """`22 Nov`, for a line of days that lie close together."""
    return _written(day, "d MMM", language)


def period(start: date, end: date, language: Language) -> str:
    """`23 Nov – 22 Des 2026`; both years where they differ."""
    first = _written(start, "d MMM" if start.year == end.year else "d MMM y", language)
    return f"{first}{NBSP}– {short_date(end, language)}"


def hour(instant: datetime, zone: str, language: Language) -> str:
    """`14.35 WIB`, in English `14:35 WIB`: local to `zone`, which is always named."""
    local = instant.astimezone(zone_info(zone))
    mark = "." if language == "id" else ":"
    return f"{local:%H}{mark}{local:%M}{NBSP}{ZONE_LETTERS[zone]}"


def when(instant: datetime, now: datetime, zone: str, language: Language) -> str:
    """Where many stand below one another: `14.33.58` of today, `25 Nov 14.33` of another day."""
    local = instant.astimezone(zone_info(zone))
    mark = "." if language == "id" else ":"
    if local_date(instant, zone) == local_date(now, zone):
        return f"{local:%H}{mark}{local:%M}{mark}{local:%S}"
    return f"{_written(local.date(), 'd MMM', language)}{NBSP}{local:%H}{mark}{local:%M}"


def moment(instant: datetime, zone: str, language: Language) -> str:
    """`25 Nov 2026, 14.33 WIB`."""
    return f"{short_date(local_date(instant, zone), language)}, {hour(instant, zone, language)}"


def brief(
    instant: datetime, zone: str, since: datetime | None = None, *, language: Language
) -> str:
    """`25 Nov, 14.33`, where year and zone stand elsewhere on the page; the hour alone where
    `since` is of the same day."""
    local = instant.astimezone(zone_info(zone))
    time = f"{local:%H}{'.' if language == 'id' else ':'}{local:%M}"
    if since is not None and local_date(since, zone) == local.date():
        return time
    return f"{_written(local.date(), 'd MMM', language)},{NBSP}{time}"


def until(instant: datetime, now: datetime, zone: str, language: Language) -> str:
    """The hour alone when it is still today, the whole moment otherwise."""
    today = local_date(instant, zone) == local_date(now, zone)
    return (hour if today else moment)(instant, zone, language)


def countdown(seconds: int) -> str:
    """`14:32`, from an hour on `1:04:32`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def from_iso(text: str) -> date | None:
    """The day that messages write as `2026-12-22`; None where it is something else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _written(day: date, pattern: str, language: Language) -> str:
    return format_date(day, pattern, locale=language).replace(" ", NBSP)
