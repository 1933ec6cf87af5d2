"""Who waits for an app's next event: one look for all of them, instead of one each."""

import asyncio
from collections.abc import Collection
from contextlib import suppress

import structlog

from payment_service.kit.statements import Transaction
from payment_service.model.event import LAST_POSITION
from payment_service.runtime import Runtime

log = structlog.get_logger()

LOOK_EVERY = 0.25


class Arrivals:
    """Looks where the apps' events have come to, as long as anybody waits."""

    def __init__(self, runtime: Runtime, stopping: asyncio.Event) -> None:
        self._runtime = runtime
        self._stopping = stopping
        self._waiting: dict[str, set[tuple[int, asyncio.Event]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def beyond(self, app_id: str, position: int, seconds: float) -> None:
        """Until the app has an event after that position or we stop, at most so long."""
        one = (position, asyncio.Event())
        self._waiting.setdefault(app_id, set()).add(one)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await one[1].wait()
        finally:
            self._waiting[app_id].discard(one)
            if not self._waiting[app_id]:
                del self._waiting[app_id]

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait((self._looking,))

    async def _look(self) -> None:
        try:
            while self._waiting:
                try:
                    last = await self._runtime.db.read(_last_positions, list(self._waiting))
                except Exception as error:
                    log.error("arrivals_not_seen", exc_info=error)
                    last = {}
                for app_id, position in last.items():
                    for seen, arrived in self._waiting.get(app_id, ()):
                        if position > seen or self._stopping.is_set():
                            arrived.set()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self._looking = None


def _last_positions(tx: Transaction, app_ids: Collection[str]) -> dict[str, int]:
    return {app_id: tx.one(LAST_POSITION, app_id=app_id) or 0 for app_id in app_ids}
