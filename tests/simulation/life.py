"""Random lives: what tenants, payers, admins and time may do to subscriptions, in any order."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, ClassVar

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from payment_service.actions.cancel_subscription import cancel_subscription
from payment_service.actions.change_plan import change_plan
from payment_service.actions.decide_review import (
    credit_review,
    dismiss_review,
    refund_review,
    settle_review,
)
from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.actions.extend_subscription import extend_subscription
from payment_service.actions.forget_customer import forget_customer, forget_what_was_told
from payment_service.actions.issue_one_off import issue_one_off
from payment_service.actions.mark_paid import mark_paid
from payment_service.actions.move_paid_through import move_paid_through
from payment_service.actions.move_subscribers import move_subscribers
from payment_service.actions.open_charge import open_charge
from payment_service.actions.refund_credit import refund_credit
from payment_service.actions.renew_early import renew_early
from payment_service.actions.resume_subscription import resume_subscription
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.actions.suspend_subscription import suspend_subscription
from payment_service.actions.undo_cancellation import undo_cancellation
from payment_service.actions.verify_charges import verify_charge
from payment_service.actions.void_invoice_by_hand import void_invoice_by_hand
from payment_service.kit.calendar import local_date
from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By
from payment_service.model.charge import CHARGE
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.invoice import Invoice, Line
from payment_service.model.plan import PLAN_BY_CODE
from payment_service.model.subscription import OPEN, SUBSCRIPTION, Subscription, is_held
from payment_service.outside.simulator.codes import complete
from tests.simulation.deeds import (
    PLANS,
    TENANTS,
    Deed,
    app_settings,
    chosen,
    deeds,
    late_payments,
)
from tests.simulation.older_system import import_one
from tests.simulation.world import (
    EVERY_INVOICE,
    IN_DOUBT,
    MONEY_NOBODY_BOOKED,
    OTHER_AMOUNT,
    WITH_CREDIT,
    World,
)

Kind = Callable[[Subscription], bool]


def is_ending(subscription: Subscription) -> bool:
    return subscription.cancel_at_period_end


class Life(RuleBasedStateMachine):
    """Each step is one deed or some time; after it the invariants are looked for."""

    checks_every: ClassVar[int] = 1

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world = World(self.open_database())
        self.steps = 0
        self.codes_of_old = 0

    def tell(self) -> None:
        """Adds what was done and refused to the counts of all lives."""

    def open_database(self) -> Database:
        raise NotImplementedError

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    def does(self, name: str, deed: Any, *args: Any, **kwargs: Any) -> Any:
        return self.run(self.world.tries(name, deed, *args, **kwargs))

    def admin(self) -> By:
        return By("command line", "by chance", self.world.clock.now())

    @initialize(
        settings=app_settings,
        late=late_payments,
        plans=st.lists(chosen(*PLANS), min_size=1, max_size=len(TENANTS)),
    )
    def begin(self, settings: dict[str, Any], late: str, plans: list[str]) -> None:
        self.run(self.world.begin(settings, list(PLANS.values())))

        def unit(tx: Transaction) -> None:
            plan = tx.one(PLAN_BY_CODE, app_id=self.world.app_id, code="bulanan")
            assert plan is not None
            dearer = {"3": 250_000, "6": 500_000}
            save(tx, plan, msgspec.structs.replace(plan, late_payment=late, prices_ahead=dearer))

        self.run(self.world.db.write(unit))
        for who, code in zip(TENANTS, plans, strict=False):
            self.subscribe(who, code)

    @rule(step=deeds)
    def step(self, step: Deed) -> None:
        name, arguments = step
        getattr(self, name)(**arguments)

    # Tenants

    def subscribe(self, who: str, plan: str) -> None:
        app = self.run(self.world.app())
        now = self.world.clock.now()
        made = self.does(
            "subscribe", subscribe, app, self.world.runtime.links,
            Subscriber(reference=who, name=who.title()), plan, None, {}, now,
        )  # fmt: skip
        if made is not None and made.resource.id not in self.world.subscriptions:
            self.world.subscriptions.append(made.resource.id)

    def cancel(self, which: int, at_once: bool) -> None:
        self.on_subscription("cancel", cancel_subscription, which, at_once=at_once)

    def undo(self, which: int) -> None:
        """What is to end; where nothing is, it is told to first."""
        if which < 24:
            self.on_subscription("cancel", cancel_subscription, which, at_once=False)
        self.on_subscription("undo", undo_cancellation, which, kind=is_ending)

    def change(self, which: int, plan: str, at: str) -> None:
        self.on_subscription("change", change_plan, which, plan, at=at)

    # Payers

    def ask_for_a_code(self, which: int, periods: int) -> None:
        self.code(which, periods)

    def pay_what_is_open(self, which: int, periods: int, told: bool) -> None:
        charge = self.code(which, periods)
        if charge is not None:
            self.pay(charge, told=told)

    def renew_early(self, which: int, periods: int) -> None:
        """And pay it, where something is issued."""
        subscription = self.a_subscription(which)
        if subscription is None:
            return
        world = self.world
        invoice = self.does(
            "early", renew_early, world.runtime.links, world.app_id, subscription.id, periods,
            world.clock.now(),
        )  # fmt: skip
        if invoice is not None and invoice.status == "open":
            charge = self.code_of(invoice, periods)
            if charge is not None:
                self.pay(charge, told=True)

    def pay_any_code(self, which: int, told: bool) -> None:
        """An old one, one of a void invoice, one whose invoice was paid otherwise."""
        if self.world.codes:
            self.pay(self.world.codes[which % len(self.world.codes)], told=told)

    def pay_another_amount(self, which: int, amount: int) -> None:
        charge_id = self.code(which, 1)
        if charge_id is not None:
            charge = self.run(self.world.db.read(lambda tx: tx.one(CHARGE, id=charge_id)))
            change = {"key": charge.reference, "new_amount": amount}
            self.run(self.world.db.write(lambda tx: tx.run(OTHER_AMOUNT, **change)))
            self.pay(charge_id, told=True)

    def code(self, which: int, periods: int) -> str | None:
        invoice = self.an_invoice(which, "open")
        return None if invoice is None else self.code_of(invoice, periods)

    def code_of(self, invoice: Invoice, periods: int) -> str | None:
        world = self.world
        found = self.does(
            "code", open_charge, world.runtime, world.app_id, invoice.id, periods=periods
        )
        if found is None:
            return None
        if found.charge.id not in world.codes:
            world.codes.append(found.charge.id)
        charge_id: str = found.charge.id
        return charge_id

    def pay(self, charge_id: str, *, told: bool) -> None:
        """`told` is whether a notice comes; else the sweep finds the money when it looks."""
        world = self.world
        charge = self.run(world.db.read(lambda tx: tx.one(CHARGE, id=charge_id)))
        world.clock.advance(timedelta(seconds=30))
        self.run(world.db.write(complete, charge.reference, world.clock.now()))
        world.done["money"] += 1
        if told:
            self.run(verify_charge(world.runtime, self.run(world.app()), charge))

    def an_invoice(self, which: int, status: str | None = None) -> Invoice | None:
        found = self.run(self.world.db.read(lambda tx: tx.all(EVERY_INVOICE)))
        fit = [one for one in found if status in (None, one.status)]
        return fit[which % len(fit)] if fit else None

    # Admins

    def suspend(self, which: int) -> None:
        self.on_subscription("suspend", suspend_subscription, which, by=self.admin())

    def resume(self, which: int) -> None:
        self.on_subscription("resume", resume_subscription, which, kind=is_held, by=self.admin())

    def extend(self, which: int, days: int) -> None:
        self.on_subscription("extend", extend_subscription, which, days=days, by=self.admin())

    def move_date(self, which: int, days: int) -> None:
        to = self.today() + timedelta(days=days)
        self.on_subscription("move", move_paid_through, which, to=to, by=self.admin())

    def void(self, which: int) -> None:
        invoice = self.an_invoice(which, "open")
        if invoice is not None:
            self.on_invoice("void", void_invoice_by_hand, invoice)

    def mark_paid(self, which: int, days_ago: int) -> None:
        invoice = self.an_invoice(which)
        if invoice is not None:
            paid_on = self.today() - timedelta(days=days_ago)
            reference = f"transfer {self.steps}"
            self.on_invoice("mark paid", mark_paid, invoice, reference=reference, paid_on=paid_on)

    def refund(self, which: int, amount: int) -> None:
        """To somebody who has credit, and sometimes more than that."""
        owed = self.run(self.world.db.read(lambda tx: tx.all(WITH_CREDIT)))
        if owed:
            one = owed[which % len(owed)]
            self.does(
                "refund", refund_credit, self.world.app_id, one.customer_id,
                amount=amount if which >= 48 else min(amount, one.balance),
                reference=f"refund {self.steps}", by=self.admin(), now=self.world.clock.now(),
            )  # fmt: skip

    def move_price(self, plan: str, price: int, all_too: bool) -> None:
        """For who subscribes from now on, and, if all are meant, for those who have."""
        world = self.world
        wanted = {"app_id": world.app_id, "code": plan}
        found = self.run(world.db.read(lambda tx: tx.one(PLAN_BY_CODE, **wanted)))
        change = PlanChange(price=price)
        if self.does("price", edit_plan, world.app_id, found.id, change) is not None and all_too:
            self.does(
                "move price", move_subscribers, world.runtime, world.app_id, found.id, self.admin()
            )

    def one_off(self, who: str, total: int) -> None:
        self.does(
            "one-off", issue_one_off, self.world.runtime.links, self.run(self.world.app()), who,
            lines=(Line("Pemasangan", total),), due_on=None, metadata={},
            now=self.world.clock.now(),
        )  # fmt: skip

    def forget(self, who: str) -> None:
        world = self.world
        found = {"app_id": world.app_id, "reference": who}
        customer = self.run(world.db.read(lambda tx: tx.one(CUSTOMER_BY_REFERENCE, **found)))
        if customer is not None:
            gone = self.does("forget", forget_customer, world.app_id, customer.id, by=self.admin())
            if gone is not None:
                self.run(forget_what_was_told(world.runtime, gone))

    def import_one(self, who: str, days: int) -> None:
        """A subscription of an older system, with history and a code that can still be paid."""
        self.codes_of_old += 1
        self.world.clock.advance(timedelta(seconds=1))
        brought = self.run(import_one(self.world, who, self.codes_of_old, days, self.admin()))
        if brought is not None:
            self.world.done["import"] += 1
            self.world.subscriptions.append(brought.subscription_id)
            self.world.codes.append(brought.charge_id)

    def decide_a_review(self, deed: str) -> None:
        world = self.world
        waiting = self.run(world.db.read(lambda tx: tx.all(IN_DOUBT)))
        if not waiting:
            return
        links, now = world.runtime.links, world.clock.now()
        by = By("command line", "by chance", now)
        if deed == "settle":
            self.does("review", settle_review, links, waiting[0], None, by, now)
        elif deed == "credit":
            self.does("review", credit_review, links, waiting[0], by, now)
        elif deed == "refund":
            self.does("review", refund_review, waiting[0], "back", by, now)
        else:
            self.does("review", dismiss_review, waiting[0], by, now)

    # Time

    def hours_pass(self, hours: int) -> None:
        self.world.clock.advance(timedelta(hours=hours))
        self.run(self.world.turn())

    def the_service_sleeps(self, days: int) -> None:
        """Then it wakes, and makes up for all of it at once."""
        self.world.clock.advance(timedelta(days=days))
        self.run(self.world.turn())

    def days_pass(self, days: int) -> None:
        for _ in range(2 * days):
            self.world.clock.advance(timedelta(hours=12))
            self.run(self.world.turn())

    # What holds

    def on_subscription(
        self, name: str, deed: Any, which: int, *args: Any, kind: Kind = lambda _: True,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        subscription = self.a_subscription(which, kind)
        if subscription is None:
            return
        self.does(
            name, deed, self.world.runtime.links, self.world.app_id, subscription.id, *args,
            now=self.world.clock.now(), **kwargs,
        )  # fmt: skip

    def on_invoice(self, name: str, deed: Any, invoice: Invoice, **kwargs: Any) -> None:
        self.does(
            name, deed, self.world.runtime.links, self.world.app_id, invoice.id,
            by=self.admin(), now=self.world.clock.now(), **kwargs,
        )  # fmt: skip

    def a_subscription(self, which: int, kind: Kind = lambda _: True) -> Subscription | None:
        """Mostly one of that kind that is not over."""
        ids = self.world.subscriptions
        every = self.run(
            self.world.db.read(lambda tx: [tx.one(SUBSCRIPTION, id=one) for one in ids])
        )
        is_any = which >= 48
        fit = [one for one in every if is_any or (one.status in OPEN and kind(one))] or every
        return fit[which % len(fit)] if fit else None

    def today(self) -> date:
        return local_date(self.world.clock.now(), self.run(self.world.app()).zone)

    @invariant()
    def what_must_hold_holds(self) -> None:
        self.steps += 1
        if self.world.app_id and self.steps % self.checks_every == 0:
            self.run(self.world.check())

    def teardown(self) -> None:
        try:
            if self.world.app_id:
                self.run(self.world.until_the_sweep_has_seen_all())
                self.run(self.world.check())
                unseen = self.run(self.world.db.read(lambda tx: tx.all(MONEY_NOBODY_BOOKED)))
                assert unseen == [], "money at the gateway that is in no book"
            self.tell()
        finally:
            self.run(self.world.runtime.close())
            self.loop.close()
