"""Money checks that somebody began on the dashboard: in the background, one at a time of an app."""

import asyncio
from datetime import date, timedelta

import structlog

from payment_service.actions.check_money import check_money
from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Conflict, Invalid
from payment_service.model.app import App
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()
MOST_DAYS = 31
"""More is for the command line: each day's codes are asked about one by one."""


class MoneyChecks:
    """Those that this process has under way."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[object]] = {}

    def has(self, app_id: str) -> bool:
        return app_id in self._tasks

    def check_free(self, app_id: str) -> None:
        """Raises Conflict while one of this app is under way here."""
        if self.has(app_id):
            raise check_running()

    def start(self, runtime: Runtime, app: App, first_day: date, last_day: date) -> None:
        """Its record is there when it has begun, and its findings when it has ended."""
        self.check_free(app.id)
        task: asyncio.Task[object] = asyncio.create_task(
            check_money(runtime, app, first_day, last_day)
        )
        self._tasks[app.id] = task
        task.add_done_callback(lambda ended: self._ended(app.id, ended))

    async def finish(self) -> None:
        """Until each has ended."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def stop(self) -> None:
        """Break them off: what one has found so far is worth nothing."""
        for task in self._tasks.values():
            task.cancel()
        await self.finish()

    def _ended(self, app_id: str, task: asyncio.Task[object]) -> None:
        del self._tasks[app_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("money_check_broke", app=app_id, exc_info=error)


def check_running() -> Conflict:
    return Conflict("check_running", "A check of this app is under way; wait for its end.")


def days_to_check(runtime: Runtime, app: App, first: str, last: str) -> tuple[date, date]:
    """Local days as they were filled in; yesterday where nothing was. Raises Invalid."""
    today = local_date(now_of(runtime, app), app.zone)
    yesterday = (today - timedelta(days=1)).isoformat()
    try:
        first_day, last_day = (date.fromisoformat(one or yesterday) for one in (first, last))
    except ValueError:
        raise Invalid("check_days", "Write days as 2026-11-21.") from None
    if not first_day <= last_day <= today or (last_day - first_day).days >= MOST_DAYS:
        raise Invalid(
            "check_days",
            f"Days from the first to the last, up to today, at most {MOST_DAYS}; more with "
            "`payment-service reconcile`.",
        )
    return first_day, last_day
