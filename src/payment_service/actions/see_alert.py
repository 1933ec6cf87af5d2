"""See an alert: somebody has read it. It stays open, and is reminded of, until it is cleared."""

from datetime import datetime

import msgspec

from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import Alert, alert_by_id


def see_alert(tx: Transaction, alert_id: str, now: datetime) -> Alert:
    """The first time counts; a second one changes nothing. Raises NotFound."""
    alert = alert_by_id(tx, alert_id)
    if alert.seen_at is not None or alert.cleared_at is not None:
        return alert
    return save(tx, alert, msgspec.structs.replace(alert, seen_at=now))
