"""Instants as Pakasir writes them."""

from datetime import datetime

from payment_service.kit.calendar import zone_info


def in_utc(instant: datetime | None) -> str | None:
    """With nine digits and a Z."""
    return None if instant is None else f"{instant:%Y-%m-%dT%H:%M:%S.%f}000Z"


def in_jakarta(instant: datetime | None) -> str | None:
    """With three digits and +07:00, as version 1 tells when a payment was completed."""
    if instant is None:
        return None
    return instant.astimezone(zone_info("Asia/Jakarta")).isoformat(timespec="milliseconds")
