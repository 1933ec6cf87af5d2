"""Archive a plan: it is no longer sold; subscriptions on it go on."""

from datetime import datetime

import msgspec

from payment_service.kit.statements import Transaction, save
from payment_service.model.plan import Plan, plan_of_app


def archive_plan(
    tx: Transaction, app_id: str, plan_id: str, now: datetime, *, is_sold: bool = False
) -> Plan:
    """Or with `is_sold` bring it back. Doing it again changes nothing. Raises NotFound."""
    plan = plan_of_app(tx, app_id, plan_id)
    if is_sold == (plan.archived_at is None):
        return plan
    archived = msgspec.structs.replace(plan, archived_at=None if is_sold else now)
    return save(tx, plan, archived)
