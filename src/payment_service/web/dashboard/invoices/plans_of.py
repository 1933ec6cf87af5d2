"""The plans by which a list can be narrowed: those of the one app that it is about."""

from collections.abc import Sequence

from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.page import Between, page_of
from payment_service.model.plan import Plan
from payment_service.model.plan_list import PLANS_LISTED, walk_plans

MOST = 100


def plans_of(tx: Transaction, apps: Sequence[App]) -> list[Plan]:
    """None where there are several apps: each has its own."""
    if len(apps) != 1:
        return []
    page = page_of(tx, walk_plans(apps[0].id, archived=None), Between(), MOST)
    return sorted(tx.all(PLANS_LISTED, ids=page.ids), key=lambda one: one.name.casefold())
