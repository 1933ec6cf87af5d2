"""Faults that the simulator is told to have, when they fire, and how often they did."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Coroutine, Iterable
from typing import Any, Literal

import msgspec

Call = Literal["create", "status", "cancel", "notice"]
Kind = Literal[
    "slow",
    "drip",
    "too_many",
    "error",
    "wrong_body",
    "expires_at",
    "no_flag",
    "sandbox_flag",
    "other_amount",
    "canceled_after",
    "numbers_as_text",
    "other_time",
    "notice_lost",
    "notice_late",
    "notice_twice",
    "notices_out_of_order",
    "notice_before_answer",
    "notice_form",
]
LONGEST_SECONDS = 600.0


class Nature(msgspec.Struct, frozen=True):
    """What a kind of fault can do."""

    calls: tuple[Call, ...]
    """Where it fires unless it is told."""
    variants: tuple[str, ...] = ("",)
    """One of these is drawn unless it is told."""
    also: tuple[Call, ...] = ()
    """Where else it can be told to fire."""


ANSWERS: tuple[Call, ...] = ("create", "status", "cancel")
KINDS: dict[Kind, Nature] = {
    "slow": Nature(ANSWERS),
    "drip": Nature(ANSWERS),
    "too_many": Nature(ANSWERS, ("with_retry_after", "without_retry_after")),
    # 502 and 503 come from in front of the gateway: the call has done nothing. With 500 and 504
    # it has done what it was to do.
    "error": Nature(ANSWERS, ("500", "502", "503", "504")),
    "wrong_body": Nature(
        ANSWERS, ("truncated", "html", "array", "empty", "other_order", "other_amount")
    ),
    "expires_at": Nature(("create",)),
    "no_flag": Nature(("create", "status", "notice"), ("missing", "null", "empty")),
    "sandbox_flag": Nature(("status",), also=("create", "notice")),
    "other_amount": Nature(("status",), ("less", "more", "with_fee"), also=("notice",)),
    "canceled_after": Nature(("status",)),
    "numbers_as_text": Nature(("create", "status", "notice")),
    "other_time": Nature(("create", "status", "notice"), ("no_digits", "three_digits", "jakarta")),
    "notice_lost": Nature(("notice",)),
    "notice_late": Nature(("notice",)),
    "notice_twice": Nature(("notice",), ("together", "again")),
    "notices_out_of_order": Nature(("notice",), ("swapped", "pending_after", "canceled_after")),
    "notice_before_answer": Nature(("create",)),
    "notice_form": Nature(("notice",), ("application/x-www-form-urlencoded", "text/plain")),
}


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong, and when. Raises ValueError when it says what cannot be."""

    kind: Kind
    calls: tuple[Call, ...] = ()
    """Empty for where this kind fires unless told."""
    rate: float = 1.0
    """How many of the chances are taken, above 0 and up to 1."""
    times: int | None = None
    """It fires at most so often; None for ever."""
    order_id: str | None = None
    """Only for this order; None for all."""
    seconds: float | None = None
    """How long it waits, where it waits; None for what Faults says."""
    variant: str | None = None
    """Of KINDS; None draws one each time."""

    def __post_init__(self) -> None:
        nature = KINDS.get(self.kind)
        if nature is None:
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(KINDS)}")
        if wrong := set(self.calls) - {*nature.calls, *nature.also}:
            raise ValueError(f"{self.kind} cannot happen to {', '.join(sorted(wrong))}")
        if self.variant is not None and self.variant not in nature.variants:
            raise ValueError(f"{self.kind} has no variant {self.variant!r}")
        if not 0 < self.rate <= 1:
            raise ValueError("rate is above 0 and at most 1")
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1")
        if self.seconds is not None and not 0 <= self.seconds <= LONGEST_SECONDS:
            raise ValueError(f"seconds is from 0 to {LONGEST_SECONDS:.0f}")


class Standing(msgspec.Struct):
    """A fault that is set, and how often it may yet fire; None for ever."""

    fault: Fault
    left: int | None


class Firing(msgspec.Struct, frozen=True):
    """A fault that happens now."""

    kind: Kind
    variant: str
    seconds: float


class Faults:
    """What is set, drawn from one seed: the same calls in the same order meet the same faults."""

    def __init__(
        self, seed: int = 0, faults: Iterable[Fault] = (), *, seconds: float = 0.05
    ) -> None:
        """`seconds` is how long a fault waits that does not say so itself."""
        self.seed = seed
        self.seconds = seconds
        self.fired: Counter[Kind] = Counter()
        self.fired_by_order: Counter[tuple[Kind, str]] = Counter()
        self.told_completed: set[str] = set()
        """Orders of which a call for the status has told that they are paid."""
        self._set: list[Standing] = []
        # Thousands may be set, each for an order of its own: none looks at the others.
        self._by_order: defaultdict[tuple[Kind, str | None], list[Standing]] = defaultdict(list)
        self._random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._put_off: set[asyncio.Task[None]] = set()
        self.add(*faults)

    def __bool__(self) -> bool:
        return bool(self._set)

    @property
    def all(self) -> tuple[Fault, ...]:
        return tuple(one.fault for one in self._set)

    def add(self, *faults: Fault) -> None:
        for fault in faults:
            one = Standing(fault, fault.times)
            self._set.append(one)
            self._by_order[fault.kind, fault.order_id].append(one)

    def clear(self, seed: int | None = None) -> None:
        """Nothing is set, nothing has fired, and the draws begin anew."""
        self.seed = self.seed if seed is None else seed
        self._random.seed(self.seed)
        self._set.clear()
        self._by_order.clear()
        self.fired.clear()
        self.fired_by_order.clear()
        self.told_completed.clear()

    def fires(
        self, kind: Kind, call: Call, order_id: str, among: Collection[str] | None = None
    ) -> Firing | None:
        """Whether this kind happens to this call: drawn, and counted.

        `among` are the variants that make sense just here; without any, nothing is drawn.
        """
        firing = self.draws(kind, call, order_id, among)
        if firing is not None:
            self.count(firing, order_id)
        return firing

    def draws(
        self, kind: Kind, call: Call, order_id: str, among: Collection[str] | None = None
    ) -> Firing | None:
        """The same, uncounted: for what has yet to come true."""
        for one in [
            *self._by_order.get((kind, order_id), ()),
            *self._by_order.get((kind, None), ()),
        ]:
            fault = one.fault
            if one.left == 0 or call not in (fault.calls or KINDS[kind].calls):
                continue
            wanted = KINDS[kind].variants if fault.variant is None else (fault.variant,)
            variants = [name for name in wanted if among is None or name in among]
            if not variants or (fault.rate < 1 and self._random.random() >= fault.rate):
                continue
            if one.left is not None:
                one.left -= 1
            seconds = self.seconds if fault.seconds is None else fault.seconds
            return Firing(kind, self._random.choice(variants), seconds)
        return None

    def count(self, firing: Firing, order_id: str) -> None:
        self.fired[firing.kind] += 1
        self.fired_by_order[firing.kind, order_id] += 1

    def put_off(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with it in the background."""
        task = asyncio.create_task(work)
        self._put_off.add(task)
        task.add_done_callback(self._put_off.discard)

    async def rest(self) -> None:
        """Until all that was put off has been done. Raises what went wrong in it."""
        while self._put_off:
            await asyncio.gather(*self._put_off)

    async def close(self) -> None:
        """Forget what was put off."""
        for task in self._put_off:
            task.cancel()
        await asyncio.gather(*self._put_off, return_exceptions=True)
