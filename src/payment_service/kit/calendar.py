"""Local dates: zones, month steps that keep their anchor day, ends of days."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
ZONES: tuple[Zone, ...] = get_args(Zone)
ZONE_LETTERS: dict[str, str] = {
    "Asia/Jakarta": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


MONTHS = {
    "id": (
        "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
        "Oktober", "November", "Desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip


def long_date(day: date, language: str) -> str:
    """`22 Desember 2026`, for messages; pages have their own way, which never breaks a line."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


@cache
def zone_info(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def local_date(instant: datetime, zone: str) -> date:
    """The date on the wall calendar of `zone` at that instant."""
    return instant.astimezone(zone_info(zone)).date()


def hours_ahead(zone: str) -> int:
    """Of UTC. In these zones no clock is ever changed."""
    ahead = datetime(2026, 1, 1, tzinfo=zone_info(zone)).utcoffset() or timedelta()
    return ahead // timedelta(hours=1)


def start_of(day: date, zone: str) -> datetime:
    """The UTC instant at which a local day begins."""
    return datetime.combine(day, time(), zone_info(zone)).astimezone(UTC)


def end_of(day: date, zone: str) -> datetime:
    """The UTC instant at which a local day is over: the start of the next one."""
    return start_of(day + timedelta(days=1), zone)


def anchored(year: int, month: int, anchor_day: int) -> date:
    """The anchor day in that month, or the month's last day."""
    return date(year, month, min(anchor_day, monthrange(year, month)[1]))


def month_before(day: date, months: int) -> date:
    """The first day of the month so many months before that of `day`."""
    return months_on(day, -months, 1)


def months_on(day: date, months: int, anchor_day: int) -> date:
    """The anchor day `months` calendar months after the month of `day`, clamped to its end.

    Only the month of `day` counts, never its (perhaps clamped) day, so 31 January, 28 February,
    31 March follow one another.
    """
    index = day.year * 12 + day.month - 1 + months
    return anchored(index // 12, index % 12 + 1, anchor_day)
