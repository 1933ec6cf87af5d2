"""Units that wait for a thread to run them, and how their callers hear what came of them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextvars import Context
from threading import Event
from typing import Any, NamedTuple

from payment_service.kit.clock import monotonic

Outcome = tuple[Any, Exception | None]
TURNS = 4
"""Of an event loop after an answer. In three of them a caller goes on, begins a task, and the task
asks for its own unit, as a notice does; one is to spare."""


class Waiting(NamedTuple):
    """A unit in the queue and the caller to answer. In the caller's context it says in the log for
    whose request it runs. Long work `lets_pass` whoever else waits, between its parts."""

    unit: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    answer: asyncio.Future[Any]
    context: Context
    lets_pass: bool = False


def answer(batch: list[Waiting], outcomes: list[Outcome]) -> list[Event]:
    """Wake each event loop once for all its callers in the batch. What comes back is set when they
    have had some turns of their loop, to ask for what they do next."""
    had_turns: list[Event] = []
    by_loop = defaultdict(list)
    for waiting, (result, error) in zip(batch, outcomes, strict=True):
        by_loop[waiting.answer.get_loop()].append((waiting.answer, result, error))
    for loop, answers in by_loop.items():
        event = Event()
        try:
            loop.call_soon_threadsafe(_resolve, answers, event)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue
        had_turns.append(event)
    return had_turns


def wait_for_all(events: list[Event], seconds: float) -> None:
    """Until each is set, at most so long in all."""
    until = monotonic() + seconds
    for event in events:
        event.wait(until - monotonic())


def _resolve(
    answers: list[tuple[asyncio.Future[Any], Any, Exception | None]], had_turns: Event
) -> None:
    for future, result, error in answers:
        if future.done():  # its caller went away
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
    _after(TURNS, had_turns)


def _after(turns: int, had_turns: Event) -> None:
    if turns:
        asyncio.get_running_loop().call_soon(_after, turns - 1, had_turns)
    else:
        had_turns.set()
