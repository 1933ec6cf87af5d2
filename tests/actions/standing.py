"""Subscriptions that stand in each state, made by the deeds and dates that lead there."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

import msgspec

from payment_service.actions.cancel_subscription import cancel_subscription
from payment_service.actions.mark_paid import mark_paid
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.actions.suspend_subscription import suspend_subscription
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.renew_if_due import renew_if_due
from payment_service.books.tell_subscription import news_of
from payment_service.books.void_open import void_open
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By
from payment_service.model.contract import Contract, lock_contract
from payment_service.model.customer import CUSTOMER_LOCKED
from payment_service.model.event import EventType
from payment_service.model.invoice import Invoice, VoidReason
from payment_service.model.subscription import Subscription, moved
from payment_service.outbox import News, announce
from payment_service.resources import Links, SubscriptionResource
from tests import story as scenario

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
"""When all of them stand there: 31 January in Jakarta. Renewals appear seven days before."""
OWNER = By("command line", "to begin with", NOW)


def at(month: int, day: int) -> datetime:
    """In the weeks before; December is last year's."""
    return datetime(2025 if month == 12 else 2026, month, day, 3, 0, tzinfo=UTC)


class Stage(NamedTuple):
    """Where it plays: one transaction of one app."""

    tx: Transaction
    app: App
    links: Links

    def contract(self, subscription_id: str) -> Contract:
        return lock_contract(self.tx, self.app.id, subscription_id)

    def subscribes(self, name: str, plan: str, now: datetime) -> SubscriptionResource:
        who = Subscriber(name)
        return subscribe(self.tx, self.app, self.links, who, plan, None, {}, now).resource

    def pays(self, name: str, plan: str, now: datetime) -> str:
        made = self.subscribes(name, plan, now)
        assert made.open_invoice is not None
        by = msgspec.structs.replace(OWNER, reason="tunai")
        mark_paid(
            self.tx, self.links, self.app.id, made.open_invoice.id,
            reference=name, paid_on=None, by=by, now=now,
        )  # fmt: skip
        return made.id

    def renewal_comes(self, subscription_id: str, now: datetime) -> None:
        news = renew_if_due(self.tx, self.links, self.contract(subscription_id), now)
        assert news != []
        announce(self.tx, self.app.id, news, now)

    def issues(self, draft: Invoice, now: datetime = NOW) -> str:
        """Give the invoice's id; its subscription is not moved."""
        customer = self.tx.one(CUSTOMER_LOCKED, id=draft.customer_id)
        assert customer is not None
        of = None
        if draft.subscription_id is not None:
            of = self.contract(draft.subscription_id).subscription
        done = issue_invoice(self.tx, self.links, self.app, customer, of, draft, now)
        announce(self.tx, self.app.id, done.news, now)
        return done.invoice.id

    def becomes(
        self,
        kind: EventType,
        subscription_id: str,
        after: Callable[[Subscription], Subscription],
        now: datetime,
        void: VoidReason | None = None,
    ) -> None:
        """A step that the billing run takes."""
        contract = self.contract(subscription_id)
        before = contract.subscription
        news: list[News] = []
        if void is not None:
            news = void_open(self.tx, self.links, contract, void, now)
        stepped = msgspec.structs.replace(after(before), seq=before.seq + 1)
        save(self.tx, before, stepped)
        news.append(news_of(self.tx, self.links, kind, contract, stepped))
        announce(self.tx, self.app.id, news, now)


async def on_stage(app: scenario.App, thing: Callable[[Stage], str]) -> str:
    """One write on an app's stage; gives the id of what was made."""
    runtime = app.service.runtime

    def unit(tx: Transaction) -> str:
        return thing(Stage(tx, app_by_id(tx, app.id), runtime.links))

    return await runtime.db.write(unit)


def pending(stage: Stage, name: str) -> str:
    return stage.subscribes(name, "bulanan", at(1, 30)).id


def trialing(stage: Stage, name: str) -> str:
    made = stage.subscribes(name, "coba", at(1, 23))
    stage.renewal_comes(made.id, at(1, 30))
    return made.id


def active(stage: Stage, name: str) -> str:
    """Through 5 February, its renewal open."""
    made = stage.pays(name, "bulanan", at(1, 5))
    stage.renewal_comes(made, at(1, 29))
    return made


def on_a_free_plan(stage: Stage, name: str) -> str:
    return stage.subscribes(name, "gratis", at(1, 5)).id


def about_to_end(stage: Stage, name: str) -> str:
    made = active(stage, name)
    cancel_subscription(stage.tx, stage.links, stage.app.id, made, at_once=False, now=at(1, 30))
    return made


def in_grace(stage: Stage, name: str) -> str:
    """Through 28 January, in grace until 4 February."""
    made = stage.pays(name, "bulanan", at(12, 28))
    stage.renewal_comes(made, at(1, 21))

    def after(before: Subscription) -> Subscription:
        return moved(before, "grace", grace_until=date(2026, 2, 4))

    stage.becomes("subscription.grace_started", made, after, at(1, 29))
    return made


def unpaid(stage: Stage, name: str) -> str:
    """Through 10 January, in grace until 17 January, then suspended."""
    made = stage.pays(name, "bulanan", at(12, 10))
    stage.renewal_comes(made, at(1, 3))

    def after(before: Subscription) -> Subscription:
        return moved(
            before,
            "suspended",
            reason="nonpayment",
            grace_until=date(2026, 1, 17),
            suspended_at=at(1, 18),
        )

    stage.becomes("subscription.suspended", made, after, at(1, 18))
    return made


def held(stage: Stage, name: str) -> str:
    """By an admin; its period runs."""
    return _held(stage, active(stage, name))


def held_past_its_end(stage: Stage, name: str) -> str:
    made = stage.pays(name, "bulanan", at(12, 28))
    stage.renewal_comes(made, at(1, 21))
    return _held(stage, made, at(1, 22))


def canceled(stage: Stage, name: str) -> str:
    made = active(stage, name)
    cancel_subscription(stage.tx, stage.links, stage.app.id, made, at_once=True, now=at(1, 30))
    return made


def canceled_unpaid(stage: Stage, name: str) -> str:
    made = unpaid(stage, name)

    def after(before: Subscription) -> Subscription:
        return moved(before, "canceled", ended_at=at(1, 30))

    stage.becomes("subscription.canceled", made, after, at(1, 30), void="subscription_ended")
    return made


def expired(stage: Stage, name: str) -> str:
    made = stage.subscribes(name, "bulanan", at(1, 20)).id

    def after(before: Subscription) -> Subscription:
        return moved(before, "expired", ended_at=at(1, 23))

    stage.becomes("subscription.expired", made, after, at(1, 23), void="timeout")
    return made


def _held(stage: Stage, subscription_id: str, now: datetime | None = None) -> str:
    suspend_subscription(
        stage.tx, stage.links, stage.app.id, subscription_id, by=OWNER, now=now or at(1, 30)
    )
    return subscription_id


STATES = {
    "pending": pending,
    "trialing": trialing,
    "active": active,
    "active, free": on_a_free_plan,
    "active, to end": about_to_end,
    "grace": in_grace,
    "suspended, nonpayment": unpaid,
    "suspended, manual": held,
    "suspended, manual, over": held_past_its_end,
    "canceled, requested": canceled,
    "canceled, nonpayment": canceled_unpaid,
    "expired": expired,
}
"""Each named by its status and reason, and by what else deeds look at."""
