"""Check the money of some days because somebody asked for it, and keep a record of it."""

import asyncio
from contextlib import suppress
from datetime import date

from payment_service.books.compare_money import Comparison, Pause, Told
from payment_service.kit.errors import Refusal
from payment_service.model.app import App
from payment_service.model.money_check import Findings, begin_check, break_off, finish_check
from payment_service.model.settlement import Settlement
from payment_service.runtime import Runtime, now_of


async def check_money(
    runtime: Runtime,
    app: App,
    first_day: date,
    last_day: date,
    *,
    settlement: Settlement | None = None,
    told: Told | None = None,
    pause: Pause = asyncio.sleep,
) -> Findings:
    """The app's local days, both included."""
    now = now_of(runtime, app)
    check = await runtime.db.write(begin_check, app.id, first_day, last_day, now)
    comparison = Comparison(runtime, app, check, told, pause)
    try:
        findings = await comparison.make(settlement)
    except BaseException:
        with suppress(Refusal):
            await runtime.db.write(break_off, comparison.check)
        raise
    await runtime.db.write(finish_check, comparison.check, findings, now_of(runtime, app))
    return findings
