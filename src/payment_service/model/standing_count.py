"""How many subscriptions stand in each state, of an app or of one of its plans, without counting
them: the latest of the daily standings."""

from collections import Counter
from collections.abc import Iterable

from payment_service.kit.statements import Transaction
from payment_service.model.overview import NOW, STANDINGS_OF_APP, STANDINGS_OF_PLAN
from payment_service.model.subscription import Status


def count_standings(
    tx: Transaction, app_ids: Iterable[str], plan_ids: Iterable[str] = ()
) -> Counter[Status]:
    """Of these plans, or where none is named of these apps whole."""
    plans = list(plan_ids)
    found = [tx.all(STANDINGS_OF_PLAN, plan_id=plan_id, day=NOW) for plan_id in plans]
    if not plans:
        found = [tx.all(STANDINGS_OF_APP, app_id=app_id, day=NOW) for app_id in app_ids]
    counts: Counter[Status] = Counter()
    for standing in (one for each in found for one in each):
        counts[standing.status] += standing.subscriptions
    return counts
