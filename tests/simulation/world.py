"""A small world for random lives: an app, its plans and tenants, their codes, and time in hand."""

import inspect
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select, update

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.cancel_codes import cancel_code, lease_codes_to_cancel
from payment_service.actions.check_invariants import check_invariants
from payment_service.actions.expire_invoices import expire_invoices
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.roll_signing_key import make_first_signing_key
from payment_service.actions.run_billing import run_billing
from payment_service.actions.send_reminders import send_reminders
from payment_service.actions.verify_charges import claim_due_charges, verify_charge
from payment_service.kit.crypto import SecretBox, new_key
from payment_service.kit.database import Database
from payment_service.kit.errors import Refusal
from payment_service.kit.schema import Number
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    save,
    value,
)
from payment_service.model.app import App, app_by_id
from payment_service.model.billing_run import wants_run
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.payment import payments
from payment_service.model.review import reviews
from payment_service.model.signing_key import Keyring
from payment_service.outside.addresses import parse_targets
from payment_service.outside.session import GuardedSession
from payment_service.outside.simulator.codes import simulated_codes
from payment_service.outside.simulator.gateway import SimulatedGateway
from payment_service.outside.webhook_client import WebhookClient
from payment_service.resources import Links, PassSigner
from payment_service.runtime import Runtime
from tests.clocks import HandClock

BEGINNING = datetime(2027, 1, 30, 3, 0, tzinfo=UTC)
TARGETS = parse_targets("")
BOX = SecretBox([new_key()])
ORIGIN = "https://bayar.example.com"


class InCredit(Record, frozen=True):
    """A customer and the rupiah owed to them."""

    customer_id: str
    balance: int


_balance = func.sum(credit_entries.c.amount).cast(Number)
WITH_CREDIT = query(
    select(credit_entries.c.customer_id, _balance.label("balance"))
    .group_by(credit_entries.c.customer_id)
    .having(_balance > 0)
    .order_by(func.min(credit_entries.c.created_at)),
    InCredit,
)
EVERY_INVOICE = query(rows_of(Invoice).order_by(invoices.c.created_at, invoices.c.number), Invoice)
IN_DOUBT = value(
    select(payments.c.id)
    .where(
        payments.c.outcome == "needs_review",
        payments.c.id.not_in(select(reviews.c.payment_id)),
    )
    .order_by(payments.c.created_at, payments.c.id),
    str,
)
OTHER_AMOUNT = command(
    update(simulated_codes)
    .where(simulated_codes.c.reference == param("key"))
    .values(amount=param("new_amount"))
)
MONEY_NOBODY_BOOKED = value(
    select(simulated_codes.c.order_id)
    .join(charges, func.coalesce(charges.c.order_id, charges.c.id) == simulated_codes.c.order_id)
    .where(
        simulated_codes.c.status == "completed",
        charges.c.id.not_in(select(payments.c.charge_id).where(payments.c.charge_id.is_not(None))),
    ),
    str,
)


class World:
    """One app on one database. What is refused changes nothing and is no failure."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = HandClock(BEGINNING)
        self.refused: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.subscriptions: list[str] = []
        self.codes: list[str] = []
        """Charges with a code, in the order in which they were opened."""
        self.runtime = Runtime(
            db=db,
            clock=self.clock,
            secrets=BOX,
            gateway_of=lambda app: SimulatedGateway(db, self.clock, app.id),
            webhooks=WebhookClient(TARGETS, self.clock),
            links=Links(ORIGIN, PassSigner(ORIGIN, Keyring(BOX))),
            targets=TARGETS,
            gateway_session=GuardedSession(TARGETS),
        )
        self.app_id = ""

    async def begin(self, settings: dict[str, Any], plans: list[NewPlan]) -> None:
        """An app with these settings that sells these plans, and hears of everything."""

        def unit(tx: Transaction) -> str:
            now = self.clock.now()
            wanted = Registration("Dunia", "test", webhook_url="https://app.example.com/hooks")
            make_first_signing_key(tx, BOX, now)
            app = register_app(tx, wanted, BOX, TARGETS, now).app
            save(tx, app, msgspec.structs.replace(app, **settings))
            for plan in plans:
                add_plan(tx, app.id, plan, now)
            return app.id

        self.app_id = await self.db.write(unit)

    async def app(self) -> App:
        return await self.db.read(lambda tx: app_by_id(tx, self.app_id))

    async def tries(self, name: str, deed: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A deed in a transaction, or by itself when it is one that opens its own. A second passes,
        so that ids sort as things happened."""
        self.clock.advance(timedelta(seconds=1))
        try:
            if inspect.iscoroutinefunction(deed):
                result = await deed(*args, **kwargs)
            else:
                result = await self.db.write(deed, *args, **kwargs)
        except Refusal as refusal:
            self.refused[f"{name}: {refusal.code}"] += 1
            return None
        self.done[name] += 1
        return result

    async def turn(self) -> None:
        """What the worker does: void what timed out, bill, remind, sweep, cancel codes."""
        app = await self.app()
        await expire_invoices(self.runtime, app)
        now = self.clock.now()
        if await self.db.read(wants_run, app, app.at(now), now):
            run = await run_billing(self.runtime, app)
            assert run.counts.failed == 0, "the billing run could not make a step; see the log"
            self.done["billing run"] += 1
        await send_reminders(self.runtime, app)
        await self.sweep()
        for code in await lease_codes_to_cancel(self.runtime, 0):
            await cancel_code(self.runtime, code)

    async def sweep(self) -> None:
        while due := await claim_due_charges(self.runtime, Counter()):
            for one in due:
                await verify_charge(self.runtime, *one)

    async def until_the_sweep_has_seen_all(self) -> None:
        """Ten days in which nothing more is paid: the sweep looks at each code for a week."""
        for _ in range(10):
            self.clock.advance(timedelta(days=1))
            await self.turn()

    async def check(self) -> None:
        breaches = await check_invariants(self.db)
        assert breaches == [], "\n".join(
            f"{one.invariant} {one.subject_id}: {one.sentence}" for one in breaches
        )
