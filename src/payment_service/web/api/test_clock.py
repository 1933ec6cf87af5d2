"""`/v1/test`: a test app's clock, its payers, and the timeline of what came of them."""

import asyncio
from typing import Annotated, Literal

import msgspec
import structlog
from fastapi import APIRouter, Body, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from payment_service.actions.set_payer import set_payer
from payment_service.kit.errors import Refusal
from payment_service.kit.statements import Transaction
from payment_service.model.clock_advance import ClockAdvance, check_test_app
from payment_service.model.invoice_list import billed_of_app
from payment_service.model.payer import Habit
from payment_service.model.subscription import subscription_of_app
from payment_service.rehearsal.advance_clock import begin, go_on
from payment_service.rehearsal.pay import pay_now
from payment_service.rehearsal.told import Stand, span, stand, timeline
from payment_service.resources import billed_resource
from payment_service.resources.timeline import TimelineEntry, written
from payment_service.runtime import Runtime
from payment_service.web.access import Writer
from payment_service.web.api.bodies import AdvanceBody, PayerBody, RehearsalPayBody
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import InvoiceId, SubscriptionId
from payment_service.web.idempotency import (
    IdempotencyKey,
    answer_after,
    answer_once,
    json_answer,
)
from payment_service.web.simulated import tell_and_wait

log = structlog.get_logger()

router = APIRouter(prefix="/v1/test", tags=["test apps"], route_class=StrictRoute)


class ClockAnswer(msgspec.Struct, frozen=True):
    """Where the app's clock stands."""

    clock: Stand


class PayerAnswer(msgspec.Struct, frozen=True):
    """How a subscription's payer pays while the clock is advanced."""

    subscription_id: str
    habit: Habit | None


class TimelineAnswer(msgspec.Struct, frozen=True):
    """What happened to a subscription, from the beginning."""

    data: list[TimelineEntry]


class Advances:
    """Those that this process has under way."""

    def __init__(self) -> None:
        self.answer_within = 10.0
        """Seconds after which an advance goes on by itself, and the answer is 202."""
        self._tasks: set[asyncio.Task[ClockAdvance]] = set()

    async def run(self, runtime: Runtime, advance: ClockAdvance) -> bool:
        """Whether it ended in time. Raises what it raised, if it did."""
        task = asyncio.create_task(go_on(runtime, advance, tell_and_wait))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait((task,), timeout=self.answer_within)
        if task.done():
            task.result()
        return task.done()

    async def stop(self) -> None:
        """Break them off; another advance goes on from where each clock stands."""
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _ended(self, task: asyncio.Task[ClockAdvance]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, Refusal):
            log.error("advance_broke", exc_info=error)


@router.post("/clock", summary="Advance the app's clock", responses={202: {}})
async def advance(
    body: AdvanceBody, access: Writer, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """Everything that falls due up to 12:00 local of that day is done, in order; then the clock
    runs on from there. Answers with what happened, or with 202 when it takes over 10 s.

    No idempotency key is needed: advancing to the same day again changes nothing.
    """
    runtime, app_id = access.runtime, access.app.id
    advances: Advances = request.app.state.advances

    async def deed() -> tuple[int, bytes]:
        access.visit.takes_its_time()
        begun = await begin(runtime, app_id, body.advance_to)
        if not await advances.run(runtime, begun):
            found = await runtime.db.read(stand, app_id, runtime.clock.now())
            return 202, msgspec.json.encode(ClockAnswer(found))
        told = await runtime.db.read(span, app_id, begun.first_position, runtime.clock.now())
        return 200, msgspec.json.encode(told)

    return await answer_after(access, request, idempotency_key, deed)


@router.get("/clock", summary="Read the app's clock")
async def read(access: Writer) -> Response:
    """Also how far an advance has come that answered with 202."""
    check_test_app(access.app)
    runtime = access.runtime
    found = await runtime.db.read(stand, access.app.id, runtime.clock.now())
    return json_answer(msgspec.json.encode(ClockAnswer(found)))


@router.put("/subscriptions/{subscription_id}/payer", summary="Give a subscription's payer a habit")
async def put_payer(
    subscription_id: SubscriptionId,
    body: PayerBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """While the clock is advanced, the payer pays by it; null takes the payer away."""
    now = access.runtime.clock.now()

    def work(tx: Transaction) -> tuple[int, bytes]:
        set_payer(tx, access.app, subscription_id, body.habit, now)
        return 200, msgspec.json.encode(PayerAnswer(subscription_id, body.habit))

    return await answer_once(access, request, idempotency_key, work)


@router.post("/invoices/{invoice_id}/pay", summary="Pay an invoice through the simulator")
async def pay(
    invoice_id: InvoiceId,
    access: Writer,
    request: Request,
    body: Annotated[RehearsalPayBody | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Answers with the invoice when the payment is settled: its open code, or one that is opened
    for it, is paid at the simulator, and told of by the simulator's notice. No idempotency key is
    needed: an invoice that is paid is refused with 409."""
    periods, runtime = body.periods if body is not None else None, access.runtime

    async def deed() -> tuple[int, bytes]:
        paid = await pay_now(runtime, access.app, invoice_id, tell_and_wait, periods=periods)
        billed = await runtime.db.read(billed_of_app, access.app.id, paid.id)
        return 200, msgspec.json.encode(billed_resource(billed, runtime.links))

    return await answer_after(access, request, idempotency_key, deed)


@router.get("/subscriptions/{subscription_id}/timeline", summary="Tell a subscription's story")
async def read_timeline(
    subscription_id: SubscriptionId,
    access: Writer,
    form: Annotated[
        Literal["json", "text"], Query(alias="format", description="JSON, or a line each.")
    ] = "json",
) -> Response:
    """States, invoices, payments and webhooks, with short names in place of ids: the same story
    is the same text every time."""
    await access.runtime.db.read(subscription_of_app, access.app.id, subscription_id)
    check_test_app(access.app)  # second: what is another's is not there
    told = await timeline(access.runtime, access.app, subscription_id)
    if form == "text":
        return PlainTextResponse(written(told, access.app.zone))
    return json_answer(msgspec.json.encode(TimelineAnswer(told)))
