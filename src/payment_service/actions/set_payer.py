"""Set a payer's habit: how a test app's subscription is paid while its clock is moved on."""

from datetime import datetime

from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.clock_advance import check_simulated
from payment_service.model.payer import DROP_PAYER, PUT_PAYER, Habit
from payment_service.model.subscription import subscription_of_app


def set_payer(
    tx: Transaction, app: App, subscription_id: str, habit: Habit | None, now: datetime
) -> None:
    """None takes the payer away. Raises Forbidden, Conflict and NotFound."""
    subscription_of_app(tx, app.id, subscription_id)  # first: what is another's is not there
    check_simulated(app)
    if habit is None:
        tx.run(DROP_PAYER, subscription_id=subscription_id)
    else:
        tx.run(PUT_PAYER, subscription_id=subscription_id, app_id=app.id, habit=habit, now=now)
