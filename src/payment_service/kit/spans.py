"""Spans of time as people read them."""

from datetime import timedelta


def spelled(span: timedelta) -> str:
    """To the second: `0:01:05`, `2 days, 3:00:00`."""
    return str(timedelta(seconds=round(span.total_seconds())))
