"""The kinds of gateway fault, each a short story in which everything else is drawn by chance.

A story says how many seconds pass by yielding them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import NamedTuple

from payment_service.actions.mark_paid import mark_paid
from payment_service.model.audit import By
from payment_service.outside.simulator.faults import Fault
from payment_service.outside.simulator.faults import Kind as FaultKind
from tests.faults.seeded import PRICES, Seeded

Story = Callable[[Seeded], AsyncIterator[float]]
DAY = 24 * 3600.0


class Kind(NamedTuple):
    """`gateway_ahead` is how far the gateway's clock is before ours."""

    story: Story
    versions: tuple[str, ...] = ("v1", "v2")
    gateway_ahead: tuple[timedelta, ...] = (timedelta(0), timedelta(0))


async def equal_notices(seed: Seeded) -> AsyncIterator[float]:
    """A hundred would do the same as these twenty, for longer."""
    await seed.subscribes()
    code = await seed.asks_for_code()
    yield seed.minutes(0, 12)
    seed.sets("notice_lost", code)
    await seed.pays(code)
    seed.is_settled()
    notices = (
        seed.posts(order_id=code.order_id, amount=code.amount, status="completed")
        for _ in range(20)
    )
    await asyncio.gather(*notices)
    seed.fired += 1
    yield 60


async def replayed_the_next_day(seed: Seeded) -> AsyncIterator[float]:
    await seed.subscribes()
    code = await seed.asks_for_code()
    yield seed.minutes(0, 12)
    await seed.pays(code)
    seed.is_settled()
    yield DAY + seed.minutes(0, 60)
    await seed.posts(order_id=code.order_id, amount=code.amount, status="completed")
    seed.fired += 1
    yield 60


async def forged_amount(seed: Seeded) -> AsyncIterator[float]:
    await seed.subscribes()
    code = await seed.asks_for_code()
    seed.sets("notice_lost", code)
    yield seed.minutes(0, 12)
    await seed.pays(code)
    seed.is_settled()
    amount = seed.rng.choice([1, code.amount - 1, code.amount * 10, -code.amount])
    await seed.posts(order_id=code.order_id, amount=amount, status="completed")
    seed.fired += 1
    yield 60


async def forged_status(seed: Seeded) -> AsyncIterator[float]:
    """Nothing is paid when it is told; later it is, or never."""
    tenant = await seed.subscribes()
    code = await seed.asks_for_code()
    yield seed.minutes(0, 5)
    await seed.posts(order_id=code.order_id, amount=code.amount, status="completed")
    yield 30
    assert await tenant.status() == "pending"
    seed.fired += await seed.times_asked(code) > 0
    if seed.rng.random() < 0.8:
        yield seed.minutes(0, 6)
        await seed.pays(code)
        seed.is_settled()
        yield 60


async def unknown_orders(seed: Seeded) -> AsyncIterator[float]:
    await seed.subscribes()
    code = await seed.asks_for_code()
    yield seed.minutes(0, 12)
    for place in range(seed.rng.randint(1, 3)):
        name = seed.rng.choice([f"INV{seed.number}-{place}", code.order_id.upper(), ""])
        await seed.posts(order_id=name, amount=code.amount, status="completed")
        seed.fired += 1
    await seed.pays(code)
    seed.is_settled()
    yield 60


async def of_another_project(seed: Seeded) -> AsyncIterator[float]:
    """The answer is about an order that nobody asked for, once or twice."""
    await seed.subscribes()
    code = await seed.asks_for_code()
    seed.sets("wrong_body", code, variant="other_order", times=seed.rng.randint(1, 2))
    yield seed.minutes(0, 12)
    await seed.pays(code)
    seed.is_settled()
    yield seed.minutes(2, 4)
    seed.fired += fired(seed, "wrong_body", code.order_id)


async def the_other_sandbox_flag(seed: Seeded) -> AsyncIterator[float]:
    """Money that may be real, in a test app: a person must look."""
    await seed.subscribes()
    code = await seed.asks_for_code()
    seed.sets("sandbox_flag", code)
    yield seed.minutes(0, 12)
    await seed.pays(code)
    seed.outcomes["needs_review"] += 1
    yield seed.minutes(2, 4)
    seed.fired += fired(seed, "sandbox_flag", code.order_id)


async def canceled_after_completed(seed: Seeded) -> AsyncIterator[float]:
    await seed.subscribes()
    code = await seed.asks_for_code()
    seed.sets("canceled_after", code)
    yield seed.minutes(0, 12)
    await seed.pays(code)
    seed.is_settled()
    yield seed.minutes(1, 90)
    await seed.posts(order_id=code.order_id, amount=code.amount, status="canceled")
    yield 60
    seed.fired += fired(seed, "canceled_after", code.order_id)


async def completed_after_void(seed: Seeded) -> AsyncIterator[float]:
    """The invoice was replaced by another plan's, or paid in cash, before the code was paid."""
    tenant = await seed.subscribes()
    code = await seed.asks_for_code()
    yield seed.minutes(0, 6)
    if seed.rng.random() < 0.5:
        await tenant.subscribes_again(next(plan for plan in sorted(PRICES) if plan != seed.plan))
        yield seed.minutes(0, 6)
        seed.is_settled(seed.plan)
    else:
        runtime = seed.lane.story.service.runtime
        await runtime.db.write(
            mark_paid,
            runtime.links,
            tenant.app.id,
            code.invoice_id,
            reference=f"cash-{seed.number}",
            paid_on=None,
            by=By("command line", "cash", seed.lane.clock.now()),
            now=seed.lane.clock.now(),
        )
        seed.is_settled()
        yield seed.minutes(0, 6)
        seed.outcomes["credited"] += 1
    await seed.pays(code)
    seed.fired += 1
    yield 60


async def two_transactions(seed: Seeded) -> AsyncIterator[float]:
    """An old code and a fresh one of one invoice are both paid, in either order."""
    await seed.subscribes()
    old = await seed.asks_for_code()
    yield seed.minutes(16, 40)
    fresh = await seed.asks_for_code()
    assert fresh.order_id != old.order_id
    codes = [old, fresh]
    seed.rng.shuffle(codes)
    yield seed.minutes(0, 6)
    await seed.pays(codes[0])
    seed.is_settled()
    yield seed.minutes(0, 6)
    await seed.pays(codes[1])
    seed.outcomes["credited"] += 1
    seed.fired += 1
    yield 60


async def notice_before_the_answer(seed: Seeded) -> AsyncIterator[float]:
    """The payer is quicker than the answer that hands out the code."""
    tenant = await seed.subscribes()
    yield seed.minutes(0, 2)
    seed.lane.faults.add(Fault(kind="notice_before_answer", seconds=0.0, times=1))
    invoice_id = tenant.first_answer["open_invoice"]["id"]
    answer = await tenant.tries_for_code(invoice_id)
    assert answer.status in (200, 409), answer.body
    seed.is_settled()
    yield 60
    seed.fired += await seed.times_fired("notice_before_answer", invoice_id)


async def trouble_with_the_status(seed: Seeded) -> AsyncIterator[float]:
    await seed.subscribes()
    code = await seed.asks_for_code()
    troubles: list[tuple[FaultKind, str | None]] = [
        ("too_many", "with_retry_after"),
        ("too_many", "without_retry_after"),
        ("error", "500"),
        ("error", "502"),
        ("error", "503"),
        ("error", "504"),
        ("wrong_body", "truncated"),
        ("wrong_body", "html"),
        ("wrong_body", "array"),
        ("wrong_body", "empty"),
        ("slow", None),
        ("drip", None),
    ]
    drawn = seed.rng.sample(troubles, k=seed.rng.randint(1, 3))
    for kind, variant in drawn:
        seed.sets(kind, code, variant=variant, calls=("status",), times=seed.rng.randint(1, 2))
    yield seed.minutes(0, 12)
    await seed.pays(code)
    seed.is_settled()
    yield seed.minutes(30, 40)
    seed.fired += sum(fired(seed, kind, code.order_id) for kind, _ in drawn)


async def notice_lost_for_ever(seed: Seeded) -> AsyncIterator[float]:
    """In the first half hour it is found within 2 minutes, then at the code's later looks."""
    await seed.subscribes()
    code = await seed.asks_for_code()
    shown_at = seed.lane.clock.now()
    seed.sets("notice_lost", code)
    yield seed.rng.choice([seed.minutes(0, 14), seed.minutes(0, 14), seed.minutes(15, 20 * 60)])
    now = seed.lane.clock.now()
    await seed.pays(code)
    seed.is_settled()
    looked_at = now <= shown_at + timedelta(minutes=28)
    patience = timedelta(minutes=2) if looked_at else timedelta(days=1)
    seed.sure_by[code.order_id] = now + patience
    yield patience.total_seconds() + GRACE
    seed.fired += fired(seed, "notice_lost", code.order_id)


async def clocks_apart(seed: Seeded) -> AsyncIterator[float]:
    """By the gateway's clock it is ten minutes earlier, or later."""
    await seed.subscribes()
    code = await seed.asks_for_code()
    if seed.rng.random() < 0.5:
        seed.sets("notice_lost", code)
    yield seed.minutes(0, 4)
    await seed.pays(code)
    seed.is_settled()
    seed.fired += abs(seed.lane.pakasir.clock.now() - seed.lane.clock.now()) == TEN_MINUTES
    yield seed.minutes(2, 11)


GRACE = 60.0
TEN_MINUTES = timedelta(minutes=10)


def fired(seed: Seeded, kind: FaultKind, order_id: str) -> int:
    return seed.lane.faults.fired_by_order[kind, order_id]


KINDS: dict[str, Kind] = {
    "equal_notices": Kind(equal_notices),
    "replayed_the_next_day": Kind(replayed_the_next_day),
    "forged_amount": Kind(forged_amount),
    "forged_status": Kind(forged_status),
    "unknown_orders": Kind(unknown_orders),
    "of_another_project": Kind(of_another_project),
    # Version 1's status has no such flag.
    "the_other_sandbox_flag": Kind(the_other_sandbox_flag, versions=("v2", "v2")),
    "canceled_after_completed": Kind(canceled_after_completed),
    "completed_after_void": Kind(completed_after_void),
    "two_transactions": Kind(two_transactions),
    "notice_before_the_answer": Kind(notice_before_the_answer),
    "trouble_with_the_status": Kind(trouble_with_the_status),
    "notice_lost_for_ever": Kind(notice_lost_for_ever),
    "clocks_apart": Kind(clocks_apart, gateway_ahead=(TEN_MINUTES, -TEN_MINUTES)),
}
