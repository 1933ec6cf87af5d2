"""The ladder of a plan: what 1, 3, 6 and 12 periods cost at once, what that saves, who pays so."""

from typing import NamedTuple

from payment_service.model.ahead import CHOICES, price_ahead
from payment_service.model.plan import LARGEST, LONGEST_AHEAD, Plan
from payment_service.model.plan_holding import Holding


class Step(NamedTuple):
    """`amount` in rupiah for all the months, None where it is more than a code takes; `saved` in
    percent. Who pays so holds the plan's price or, counted apart, another one."""

    periods: int
    months: int
    amount: int | None
    a_month: int
    saved: int
    holders: int
    holders_at_other_prices: int


def ladder_of(plan: Plan, holding: Holding) -> list[Step]:
    """Who has no further periods paid for stands on the first step. A free plan has no other."""
    steps = [
        _step(plan, holding, periods)
        for periods in CHOICES
        if periods == 1 or (plan.price and periods * plan.months <= LONGEST_AHEAD)
    ]
    further = sum(one.holders for one in steps)
    elsewhere = sum(one.holders_at_other_prices for one in steps)
    first = steps[0]._replace(
        holders=max(0, holding.all - holding.elsewhere - further),
        holders_at_other_prices=max(0, holding.elsewhere - elsewhere),
    )
    return [first, *steps[1:]]


def _step(plan: Plan, holding: Holding, periods: int) -> Step:
    months, alone = periods * plan.months, periods * plan.price
    amount = price_ahead(plan, plan.price, periods)
    here = [one for one in holding.ahead if one.months == months - plan.months]
    return Step(
        periods=periods,
        months=months,
        amount=amount if amount <= LARGEST else None,
        a_month=(2 * amount + months) // (2 * months),
        saved=100 * (alone - amount) // alone if alone else 0,
        holders=sum(one.subscriptions for one in here if one.price == plan.price),
        holders_at_other_prices=sum(one.subscriptions for one in here if one.price != plan.price),
    )
