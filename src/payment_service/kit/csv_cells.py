"""Lines of a CSV file, whose cells a spreadsheet takes for text and never for a formula."""

import csv
from collections.abc import Iterable
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"
"""To begin a file with: without it Excel reads names as if they were in its own old encoding."""


def csv_lines(rows: Iterable[Iterable[object]], separator: str = ",") -> bytes:
    """In UTF-8."""
    text = StringIO(newline="")
    lines = csv.writer(text, delimiter=separator)
    lines.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def safe_cell(value: object) -> str:
    """Numbers as they are; a text that would begin a formula gets an apostrophe in front."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
