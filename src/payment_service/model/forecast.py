"""What the running month will have brought at its end, if it goes on as the last months went."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

LOOKED_BACK = 3


def forecast(revenue: Sequence[int], today: date) -> int:
    """Rupiah. `revenue` are months, the running one last, up to and including `today`.

    What came so far, and for each day that is left an average day of the last three months, or of
    as many as there are since the first money; without any, an average day of this month.
    """
    *before, running = revenue
    left = monthrange(today.year, today.month)[1] - today.day
    first = next((place for place, amount in enumerate(before) if amount), len(before))
    last = before[first:][-LOOKED_BACK:]
    if not last:
        return running + running * left // today.day
    begin = end = today.replace(day=1)
    for _ in last:
        begin = (begin - timedelta(days=1)).replace(day=1)
    return running + sum(last) * left // (end - begin).days
