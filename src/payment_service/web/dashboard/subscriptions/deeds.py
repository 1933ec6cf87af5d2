"""Which deeds a subscription allows where it stands, in the order in which they are drawn: the
dangerous ones last."""

from typing import Literal

from payment_service.model.ahead import why_not_ahead
from payment_service.model.app import App
from payment_service.model.subscription import OPEN, Subscription, is_held
from payment_service.model.subscription_list import Standing

Deed = Literal[
    "mark-paid", "resume", "undo-cancel", "invoice", "extend", "plan", "move", "one-off",
    "pay-link", "suspend", "cancel",
]  # fmt: skip
"""As they stand in the address."""
DANGEROUS: frozenset[Deed] = frozenset({"suspend", "cancel"})


def deeds_of(standing: Standing, app: App) -> tuple[Deed, ...]:
    """The actions refuse the others too."""
    one = standing.subscription
    allowed: dict[Deed, bool] = {
        "mark-paid": standing.open_invoice is not None,
        "resume": is_held(one),
        "undo-cancel": one.status in OPEN and one.cancel_at_period_end,
        "invoice": can_renew_early(standing, app),
        "extend": _has_a_last_day(one),
        "plan": one.status in OPEN and not one.cancel_at_period_end,
        "move": _has_a_last_day(one),
        "one-off": standing.customer.forgotten_at is None,
        "pay-link": True,
        "suspend": one.status in OPEN and one.status != "pending" and not is_held(one),
        "cancel": one.status in OPEN,
    }
    return tuple(deed for deed, is_allowed in allowed.items() if is_allowed)


def can_renew_early(standing: Standing, app: App) -> bool:
    one = standing.subscription
    price = one.price if one.next_price is None else one.next_price
    return (
        app.gateway is not None
        and standing.open_invoice is None
        and why_not_ahead(one, price) is None
    )


def _has_a_last_day(one: Subscription) -> bool:
    return one.status in OPEN and one.status != "pending" and one.paid_through is not None
