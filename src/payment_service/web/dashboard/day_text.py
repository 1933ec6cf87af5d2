"""A day as browsers send it: `2026-11-29`."""

from datetime import date


def day_in(text: str) -> date | None:
    """None where it is no day."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
