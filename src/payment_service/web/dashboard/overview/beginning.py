"""A new installation: what is there, and what is to be done next."""

from typing import NamedTuple

from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.endpoint import COUNT_OF_APP
from payment_service.model.key import KEYS_OF_APP
from payment_service.model.plan import PLANS_OF_APP
from payment_service.web.dashboard.overview.chosen import Chosen


class Beginning(NamedTuple):
    """The app that is being set up, if there is one, and which steps are done."""

    app: App | None
    has_gateway: bool = False
    has_plan: bool = False
    has_key: bool = False
    has_endpoint: bool = False


def beginning(tx: Transaction, chosen: Chosen) -> Beginning:
    """Of the newest of the apps that are told of: whoever sets one up looks at that one."""
    if not chosen.apps:
        return Beginning(None)
    app = chosen.apps[-1]
    newest = {"app_id": app.id, "before": "~", "limit": 1}
    return Beginning(
        app,
        app.mode == "test" or app.gateway is not None,
        bool(tx.all(PLANS_OF_APP, **newest)),
        bool(tx.all(KEYS_OF_APP, **newest)),
        (tx.one(COUNT_OF_APP, app_id=app.id) or 0) > 0,
    )
