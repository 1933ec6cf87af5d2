"""Edit a subscription: what the app keeps with it, and where its pay page leads back to."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from payment_service.books.tell_subscription import tell
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import check_return_url
from payment_service.model.contract import lock_contract
from payment_service.model.plan import check_metadata
from payment_service.resources import Links, SubscriptionResource


class SubscriptionChange(msgspec.Struct, frozen=True):
    """What is to be different. A `return_url` of None is no link; metadata is replaced whole."""

    return_url: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


def edit_subscription(
    tx: Transaction, links: Links, app_id: str, subscription_id: str, change: SubscriptionChange
) -> SubscriptionResource:
    """No event tells of it and `seq` stays: nothing of what was sold or is owed has changed. Raises
    NotFound, Invalid."""
    contract = lock_contract(tx, app_id, subscription_id)
    if change.metadata is not UNSET:
        check_metadata("metadata", change.metadata)
    if change.return_url is not UNSET:
        check_return_url(contract.app, change.return_url)
    wanted = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET
    }
    before = contract.subscription
    after = save(tx, before, msgspec.structs.replace(before, **wanted))
    return tell(tx, links, msgspec.structs.replace(contract, subscription=after))
