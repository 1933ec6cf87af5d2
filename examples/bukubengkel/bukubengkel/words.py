"""Language, money and dates for people: Indonesian, and English where the browser prefers it."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

Language = Literal["id", "en"]
JAKARTA = ZoneInfo("Asia/Jakarta")
NBSP = "\u00a0"

STATUS = {
    "pending": ("Menunggu bayar", "Pending"),
    "trialing": ("Masa coba", "Trial"),
    "active": ("Aktif", "Active"),
    "grace": ("Masa tenggang", "Grace"),
    "suspended": ("Ditangguhkan", "Suspended"),
    "canceled": ("Dibatalkan", "Canceled"),
    "expired": ("Kedaluwarsa", "Expired"),
}


def language_of(accept_language: str) -> Language:
    """English only where it is ranked above Indonesian."""
    ranks = {"id": 0.0, "en": 0.0}
    for entry in accept_language.split(","):
        tag, _, quality = entry.strip().lower().partition(";q=")
        name = tag.split("-")[0]
        if name in ranks:
            ranks[name] = max(ranks[name], _rank(quality))
    return "en" if ranks["en"] > ranks["id"] else "id"


def _rank(quality: str) -> float:
    try:
        return float(quality or "1")
    except ValueError:
        return 0.0


def rupiah(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".")


def day(value: date, language: Language) -> str:
    return format_date(value, "d MMMM y", locale=language).replace(" ", NBSP)


def hour(instant: datetime, language: Language) -> str:
    """`14.47 WIB`, in English `14:47 WIB`."""
    return instant.astimezone(JAKARTA).strftime("%H:%M" if language == "en" else "%H.%M") + (
        f"{NBSP}WIB"
    )


def minutes(seconds: int) -> str:
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def status(name: str, language: Language) -> str:
    indonesian, english = STATUS.get(name, (name, name))
    return english if language == "en" else indonesian
