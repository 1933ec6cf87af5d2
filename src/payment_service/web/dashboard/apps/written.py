"""What people write into fields, read without surprises."""

MOST_DIGITS = 8


def whole(text: str) -> int | None:
    """A whole number from 0 up, or None for anything else."""
    written = text.strip()
    is_number = written.isascii() and written.isdecimal() and len(written) <= MOST_DIGITS
    return int(written) if is_number else None
