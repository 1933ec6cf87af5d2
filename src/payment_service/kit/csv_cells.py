"""Cells of a CSV file that a spreadsheet takes for text and never for a formula."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """Numbers as they are; a text that would begin a formula gets an apostrophe in front."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
