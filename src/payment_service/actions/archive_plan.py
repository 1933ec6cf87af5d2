"""Archive a plan: it is no longer sold; subscriptions on it go on."""

from datetime import datetime

import msgspec

from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.plan import Plan, check_seen, plan_of_app


def archive_plan(
    tx: Transaction,
    app_id: str,
    plan_id: str,
    now: datetime,
    *,
    is_sold: bool = False,
    by: By | None = None,
    version: int | None = None,
) -> Plan:
    """Or with `is_sold` bring it back. Doing it again changes nothing. An admin's is kept in the
    log. Raises NotFound; Conflict where it is not the `version` any more that was seen."""
    plan = plan_of_app(tx, app_id, plan_id)
    check_seen(plan, version)
    if is_sold == (plan.archived_at is None):
        return plan
    if by is not None:
        record(tx, by, app_id, "plan.sell_again" if is_sold else "plan.archive", plan.id)
    archived = msgspec.structs.replace(plan, archived_at=None if is_sold else now)
    return save(tx, plan, archived)
