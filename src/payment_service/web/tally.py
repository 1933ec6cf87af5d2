"""What this process counts of notices that came in vain, written in batches: whoever floods the
door must not be able to cost us a write each."""

import asyncio
from contextlib import suppress
from datetime import date, datetime

import structlog

from payment_service.actions.tally_notices import (
    GUESSES,
    KEPT_A_DAY,
    AppDay,
    Vain,
    tally_notices,
)
from payment_service.kit.calendar import local_date
from payment_service.kit.ids import new_id
from payment_service.model.app import App
from payment_service.model.notice import UnknownNotice
from payment_service.runtime import Runtime

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds between one write and the next. The first is written at once."""


class Tally:
    """Counts in memory. A process that is killed loses what it gathered in its last second."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause = pause
        self._gathered: dict[AppDay, Vain] = {}
        self._totals: dict[str, tuple[date, int]] = {}
        """Of each app the day last written, and the unknown orders it has seen by then."""
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def count_unknown(self, runtime: Runtime, app: App, order_id: str, body: str) -> None:
        """A notice for no order of ours; its body is kept while the day has room."""
        now = runtime.clock.now()
        vain, of = self._of(app, now)
        vain.unknown += 1
        day, total = self._totals.get(app.id, (of.day, 0))
        if len(vain.kept) < KEPT_A_DAY - (total if day == of.day else 0):
            vain.kept.append(UnknownNotice(new_id("unk", now), app.id, order_id, body, now))
        self._write_soon(runtime)

    def count_wrong_secret(self, runtime: Runtime, app: App) -> None:
        now = runtime.clock.now()
        vain, _ = self._of(app, now)
        vain.wrong_secret += 1
        vain.latest_wrong = (*vain.latest_wrong, now)[-GUESSES:]
        self._write_soon(runtime)

    async def finish(self) -> None:
        """Until all is written that was counted; the process may end then."""
        self._hurry.set()
        while self._writing is not None:
            await asyncio.wait([self._writing])
        self._hurry.clear()

    def _of(self, app: App, now: datetime) -> tuple[Vain, AppDay]:
        of = AppDay(app.id, local_date(now, app.zone))
        return self._gathered.setdefault(of, Vain()), of

    def _write_soon(self, runtime: Runtime) -> None:
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_in_turns(runtime))

    async def _write_in_turns(self, runtime: Runtime) -> None:
        try:
            while self._gathered:
                written = await self._write(runtime)
                if not written and self._hurry.is_set():
                    log.error("notice_counts_lost", apps=sorted({of[0] for of in self._gathered}))
                    self._gathered.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), self._pause)
        finally:
            self._writing = None

    async def _write(self, runtime: Runtime) -> bool:
        gathered, self._gathered = self._gathered, {}
        try:
            totals = await runtime.db.write(tally_notices, gathered, runtime.clock.now())
        except Exception as error:  # noqa: BLE001 - counting goes on when the database is back
            log.warning("notices_not_counted", error=repr(error))
            self._take_back(gathered)
            return False
        for (app_id, day), total in sorted(totals.items()):
            self._totals[app_id] = (day, total)
        for of, vain in gathered.items():
            if vain.wrong_secret:
                log.warning("notice_with_wrong_secret", app=of.app_id, times=vain.wrong_secret)
            if vain.unknown:
                log.info("notice_for_unknown_order", app=of.app_id, times=vain.unknown)
        return True

    def _take_back(self, gathered: dict[AppDay, Vain]) -> None:
        for of, vain in gathered.items():
            since = self._gathered.get(of, Vain())
            self._gathered[of] = Vain(
                unknown=vain.unknown + since.unknown,
                wrong_secret=vain.wrong_secret + since.wrong_secret,
                latest_wrong=(*vain.latest_wrong, *since.latest_wrong)[-GUESSES:],
                kept=(vain.kept + since.kept)[:KEPT_A_DAY],
            )
