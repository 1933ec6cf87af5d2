"""Edit a plan: what is sold from now on. What was sold stays as it was sold."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.plan import LatePayment, Plan, check_plan, check_seen, plan_of_app


class PlanChange(msgspec.Struct, frozen=True):
    """What is to be different. `grace_days` of None is the app's; `price` in rupiah."""

    name: str | UnsetType = UNSET
    price: int | UnsetType = UNSET
    grace_days: int | UnsetType | None = UNSET
    late_payment: LatePayment | UnsetType = UNSET
    prices_ahead: dict[str, int] | UnsetType = UNSET
    features: dict[str, Any] | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


UNTOLD = ("features", "metadata")
"""What the log has no values of: they may be long, and may name people."""


def edit_plan(
    tx: Transaction,
    app_id: str,
    plan_id: str,
    change: PlanChange,
    *,
    by: By | None = None,
    version: int | None = None,
) -> Plan:
    """A new price holds for who subscribes or changes to it from now on; `move_subscribers` brings
    it to the others. An admin's is kept in the log. Raises NotFound; Invalid with the one thing to
    mend; Conflict for making a plan free or a free one priced, which would change what
    subscriptions on it are, and where it is not the `version` any more that was seen.
    """
    plan = plan_of_app(tx, app_id, plan_id)
    check_seen(plan, version)
    wanted = {
        name: value
        for name in change.__struct_fields__
        if (value := getattr(change, name)) is not UNSET
    }
    if "name" in wanted:
        wanted["name"] = wanted["name"].strip()
    edited = msgspec.structs.replace(plan, **wanted)
    check_plan(edited)
    if (plan.price == 0) != (edited.price == 0):
        raise Conflict(
            "plan_free_or_not",
            "A free plan stays free, and another one priced; add a new plan and archive this one.",
            id=plan.id,
        )
    changed = [name for name in wanted if getattr(plan, name) != getattr(edited, name)]
    if by is not None and changed:
        told = {"before": _told(plan, changed), "after": _told(edited, changed)}
        record(tx, by, app_id, "plan.edit", plan.id, **told)
    return save(tx, plan, edited)


def _told(plan: Plan, names: list[str]) -> dict[str, Any]:
    return {name: "…" if name in UNTOLD else getattr(plan, name) for name in names}
