"""Records to begin with, each as it would be after the ordinary course of things."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from payment_service.model.charge import Charge
from payment_service.model.endpoint import Endpoint, new_endpoint
from payment_service.model.subscription import Subscription

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)


def subscription(**changes: Any) -> Subscription:
    """Active, monthly, anchored on the 31st, paid through 28 February 2026."""
    return msgspec.structs.replace(
        Subscription(
            id="sub_1",
            app_id="app_1",
            customer_id="cus_1",
            plan_id="plan_1",
            status="active",
            reason=None,
            price=99_000,
            months=1,
            anchor_day=31,
            paid_through=date(2026, 2, 28),
            grace_until=None,
            cancel_at_period_end=False,
            next_plan_id=None,
            next_price=None,
            seq=2,
            pay_token="t",
            return_url=None,
            exclusive=True,
            metadata={},
            activated_at=NOW,
            suspended_at=None,
            ended_at=None,
            created_at=NOW,
            version=1,
        ),
        **changes,
    )


def charge(**changes: Any) -> Charge:
    """Open since `NOW`, with 15 minutes of life."""
    return msgspec.structs.replace(
        Charge(
            id="chg_1",
            app_id="app_1",
            invoice_id="inv_1",
            gateway="simulator",
            status="open",
            amount=99_000,
            periods=1,
            ahead=0,
            order_id=None,
            reference="sim_1",
            fee=1_003,
            gateway_fee=1_003,
            total_payment=100_003,
            qr_string="0002",
            is_sandbox=True,
            opened_at=NOW,
            expires_at=NOW.replace(minute=15),
            shown_at=NOW,
            noticed_at=None,
            check_at=None,
            checked_at=None,
            failed_checks=0,
            lease_until=None,
            cancel_at=None,
            cancel_tries=0,
            created_at=NOW,
            version=1,
        ),
        **changes,
    )


def an_endpoint() -> Endpoint:
    made = new_endpoint("app_1", "https://bengkel.example.com/hooks", "", 1, NOW)
    return msgspec.structs.replace(made, id="ep_1")
