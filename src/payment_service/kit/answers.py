"""Units that wait for a thread to run them, and how their callers hear what came of them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextvars import Context
from typing import Any, NamedTuple

Outcome = tuple[Any, Exception | None]


class Waiting(NamedTuple):
    """A unit in the queue and the caller to answer. In the caller's context it says in the log for
    whose request it runs. Long work `lets_pass` whoever else waits, between its parts."""

    unit: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    answer: asyncio.Future[Any]
    context: Context
    lets_pass: bool = False


def answer(batch: list[Waiting], outcomes: list[Outcome]) -> None:
    """Wake each event loop once for all its callers in the batch."""
    by_loop = defaultdict(list)
    for waiting, (result, error) in zip(batch, outcomes, strict=True):
        by_loop[waiting.answer.get_loop()].append((waiting.answer, result, error))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, answers)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _resolve(answers: list[tuple[asyncio.Future[Any], Any, Exception | None]]) -> None:
    for future, result, error in answers:
        if future.done():  # its caller went away
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
