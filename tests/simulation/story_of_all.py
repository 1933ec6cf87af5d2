"""One life of everything: a database in which each invariant has something to look at."""

from datetime import timedelta

from payment_service.actions.add_plan import NewPlan
from payment_service.actions.cancel_subscription import cancel_subscription
from payment_service.actions.extend_subscription import extend_subscription
from payment_service.actions.open_charge import open_charge
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.actions.verify_charges import verify_charge
from payment_service.kit.statements import Transaction
from payment_service.model.answer import Asked, once
from payment_service.model.audit import By
from payment_service.model.charge import CHARGE
from payment_service.model.invoice import OPEN_INVOICE
from payment_service.outside.simulator.codes import complete
from tests.simulation.world import OTHER_AMOUNT, World

PLANS = [
    NewPlan(code="bulanan", name="Bulanan", price=99_000, months=1),
    NewPlan(code="coba", name="Coba dulu", price=99_000, months=1, trial_days=14),
    NewPlan(code="gratis", name="Gratis", price=0, months=1),
]


async def everything_happens(world: World) -> None:
    """Paying on time, twice, too much, never; a trial, a gift, an end and a return."""
    await world.begin({"cancel_after_days": 30}, PLANS)
    budi, never = await subscribes(world, "budi"), await subscribes(world, "wati")
    sari, agus = await subscribes(world, "sari", "coba"), await subscribes(world, "agus")
    await subscribes(world, "gratis", "gratis")
    twice = await code_of(world, agus)
    await pays(world, await code_of(world, budi))
    await pays(world, await code_of(world, never))
    world.clock.advance(timedelta(hours=1))
    await pays(world, await code_of(world, agus))
    await pays(world, twice)
    await days_pass(world, 35)
    await pays(world, await code_of(world, budi))
    await world.db.write(
        extend_subscription, world.runtime.links, world.app_id, sari, days=60,
        by=By("command line", "a gift", world.clock.now()), now=world.clock.now(),
    )  # fmt: skip
    await days_pass(world, 30)
    await pays(world, await code_of(world, budi))
    await world.db.write(
        cancel_subscription, world.runtime.links, world.app_id, agus, at_once=True,
        now=world.clock.now(),
    )  # fmt: skip
    await subscribes(world, "agus")
    doubtful = await subscribes(world, "ragu")
    await pays(world, await code_of(world, doubtful), amount=77_000)
    await code_of(world, await subscribes(world, "baru"))
    asked = Asked(world.app_id, "key", "print", world.clock.now())
    await world.db.write(once, asked, None, lambda _: (200, b"{}"))
    await world.db.write(
        extend_subscription, world.runtime.links, world.app_id, sari, days=1,
        by=By("command line", "one more", world.clock.now()), now=world.clock.now(),
    )  # fmt: skip


async def subscribes(world: World, reference: str, plan: str = "bulanan") -> str:
    world.clock.advance(timedelta(seconds=1))
    made = await world.db.write(
        subscribe, await world.app(), world.runtime.links, Subscriber(reference=reference), plan,
        None, {}, world.clock.now(),
    )  # fmt: skip
    return made.resource.id


async def code_of(world: World, subscription_id: str) -> str:
    def unit(tx: Transaction) -> str:
        invoice = tx.one(OPEN_INVOICE, subscription_id=subscription_id)
        assert invoice is not None
        return invoice.id

    invoice_id = await world.db.read(unit)
    return (await open_charge(world.runtime, world.app_id, invoice_id)).charge.id


async def pays(world: World, charge_id: str, amount: int | None = None) -> None:
    charge = await world.db.read(lambda tx: tx.one(CHARGE, id=charge_id))
    assert charge is not None
    if amount is not None:
        other = {"key": charge.reference, "new_amount": amount}
        await world.db.write(lambda tx: tx.run(OTHER_AMOUNT, **other))
    await world.db.write(complete, charge.reference or "", world.clock.now())
    await verify_charge(world.runtime, await world.app(), charge)


async def days_pass(world: World, days: int) -> None:
    for _ in range(days):
        world.clock.advance(timedelta(days=1))
        await world.turn()
