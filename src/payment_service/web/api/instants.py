"""Instants as the API takes them: RFC 3339 with a zone, since 1970."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _written(given: Any) -> Any:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str) or not WRITTEN.fullmatch(given):
        raise ValueError("write an instant like 2026-11-20T00:00:00Z")
    return given


def _utc(instant: datetime) -> datetime:
    try:
        return max(instant.astimezone(UTC), EPOCH)
    except OverflowError:
        raise ValueError("the instant is outside the calendar") from None


InstantGiven = Annotated[
    AwareDatetime, BeforeValidator(_written), AfterValidator(_utc), Field(strict=False)
]
