"""How many subscriptions stand in each state, of an app or of one of its plans, without counting
them: the latest of the daily standings."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, literal, select, union_all

from payment_service.kit.statements import Record, Transaction, query
from payment_service.kit.statements import param as given
from payment_service.model.daily_total import daily_standings
from payment_service.model.overview import NOW, STANDINGS_OF_APP
from payment_service.model.subscription import Status
from payment_service.model.subscription_list import STATUSES


class StandingOfPlan(Record, frozen=True):
    """How many of a plan's subscriptions have a state."""

    status: Status
    subscriptions: int


_s = daily_standings.c
_statuses = union_all(*(select(literal(one).label("status")) for one in STATUSES)).subquery(
    "statuses"
)
_earlier = daily_standings.alias("earlier")
_latest_day = (
    select(func.max(_earlier.c.day))
    .where(_earlier.c.plan_id == given("plan_id"), _earlier.c.status == _statuses.c.status)
    .scalar_subquery()
)
STANDINGS_OF_PLAN = query(
    select(_statuses.c.status, _s.subscriptions).select_from(
        _statuses.join(
            daily_standings,
            (_s.plan_id == given("plan_id"))
            & (_s.status == _statuses.c.status)
            & (_s.day == _latest_day),
        )
    ),
    StandingOfPlan,
)


def count_standings(
    tx: Transaction, app_ids: Iterable[str], plan_ids: Iterable[str] = ()
) -> Counter[Status]:
    """Of these plans, or where none is named of these apps whole."""
    counts: Counter[Status] = Counter()
    plans = list(plan_ids)
    for plan_id in plans:
        for one in tx.all(STANDINGS_OF_PLAN, plan_id=plan_id):
            counts[one.status] += one.subscriptions
    for app_id in () if plans else app_ids:
        for standing in tx.all(STANDINGS_OF_APP, app_id=app_id, day=NOW):
            counts[standing.status] += standing.subscriptions
    return counts
