"""Check the money of the last days each night, and tell the owner where the two sides differ."""

import asyncio
from collections import Counter
from datetime import datetime

import structlog

from payment_service.books.compare_money import Comparison, Pause
from payment_service.kit.statements import Moved, Transaction
from payment_service.model.alert import Kind, clear_alerts, raise_alert
from payment_service.model.app import APPS, App
from payment_service.model.money_check import Findings, MoneyCheck, claim_night, finish_check
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()

ALERTS: tuple[Kind, ...] = ("books_differ",)


async def check_money_nightly(runtime: Runtime, *, pause: Pause = asyncio.sleep) -> bool:
    """Make one app's check of tonight, if one is waiting; whether one was.

    A process that ends in the middle leaves it to another when the lease has run out.
    """
    for app in await runtime.db.read(_apps):
        check = await runtime.db.write(claim_night, app, now_of(runtime, app))
        if check is None:
            continue
        comparison = Comparison(runtime, app, check, None, pause)
        try:
            findings = await comparison.make(None)
            await runtime.db.write(_finish_night, comparison.check, findings, now_of(runtime, app))
        except Moved:
            log.warning("money_check_taken_over", app=app.id, check=check.id)
        else:
            log.info(
                "money_check",
                app=app.id,
                charges=findings.asked,
                unanswered=len(findings.unanswered),
                exceptions=len(findings.exceptions),
            )
        return True
    return False


def _apps(tx: Transaction) -> list[App]:
    return [app for app in tx.all(APPS) if app.gateway is not None]


def _finish_night(tx: Transaction, check: MoneyCheck, findings: Findings, now: datetime) -> None:
    finish_check(tx, check, findings, now)
    if not findings.exceptions and findings.unanswered:
        return  # nobody knows whether what differed last night still does
    # Cleared and raised anew, so that the owner reads of tonight's counts and days.
    clear_alerts(tx, check.app_id, ALERTS, now)
    if findings.exceptions:
        counts = Counter(found.difference for found in findings.exceptions)
        raise_alert(
            tx,
            app_id=check.app_id,
            kind="books_differ",
            subject_id=check.app_id,
            message="Our books and the gateway differ: "
            + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
            + f". See them: payment-service reconcile --app {check.app_id} "
            + f"--from {check.first_day} --to {check.last_day}",
            now=now,
        )
