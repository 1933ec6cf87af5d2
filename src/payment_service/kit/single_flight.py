"""One call at a time for one thing: whoever asks meanwhile gets the same answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class SingleFlight:
    """Within this process; what must hold between processes is the database's to keep."""

    def __init__(self) -> None:
        self._flying: dict[str, asyncio.Task[Any]] = {}

    async def run(self, key: str, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the call under way for this key, or of this one.

        A caller that goes away does not end it: the others still wait.
        """
        task: asyncio.Task[T] | None = self._flying.get(key)
        if task is None:
            task = asyncio.create_task(call())
            self._flying[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    def _landed(self, key: str, task: asyncio.Task[Any]) -> None:
        self._flying.pop(key, None)
        if not task.cancelled():
            task.exception()  # looked at, should every caller have gone away
