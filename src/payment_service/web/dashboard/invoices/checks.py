"""Money checks: whether our books and the gateway say the same, of each app, and to begin one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, APPS, App
from payment_service.model.audit import By, record
from payment_service.model.money_check import LATEST_CHECKS, MoneyCheck, is_running
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.money_checks import MoneyChecks, check_running, days_to_check

SHOWN = 5
EXCEPTIONS = 100


class OfApp(NamedTuple):
    """An app's latest checks, newest first. One that was broken off never ends."""

    app: App
    checks: Sequence[MoneyCheck]
    now: datetime
    is_begun_here: bool = False
    """Before its record is there."""

    @property
    def is_running(self) -> bool:
        """In whichever process."""
        return self.is_begun_here or any(is_running(one, self.now) for one in self.checks)

    @property
    def last(self) -> MoneyCheck | None:
        """The newest that came to its end."""
        return next((one for one in self.checks if one.finished_at is not None), None)

    @property
    def earlier(self) -> list[MoneyCheck]:
        """The others, but for what is under way: it stands first."""
        ended = [one for one in self.checks if not is_running(one, self.now)]
        return [one for one in ended if one is not self.last]


async def show_checks(ask: Ask) -> Response:
    found = await ask.read(_found, ask)
    return ask.page("invoices/checks.html", found=found, most=EXCEPTIONS)


async def begin_check(ask: Ask) -> Response:
    app = await ask.read(_free_app, ask.text("app"), ask.now)
    first, last = days_to_check(ask.runtime, app, ask.text("first"), ask.text("last"))
    running = _running(ask)
    running.check_free(app.id)
    by = ask.by("on the money check page")
    await ask.write(_note, by, app, (first, last))
    running.start(ask.runtime, app, first, last)
    return ask.go(f"{PREFIX}/money", "check_begun", name=app.name)


def _found(tx: Transaction, ask: Ask) -> list[OfApp]:
    running = _running(ask)
    return [
        _of_app(tx, app, ask.now)._replace(is_begun_here=running.has(app.id))
        for app in tx.all(APPS)
        if app.gateway is not None
    ]


def _of_app(tx: Transaction, app: App, now: datetime) -> OfApp:
    checks = tx.all(LATEST_CHECKS, app_id=app.id, limit=SHOWN)
    return OfApp(app, checks, app.at(now))


def _free_app(tx: Transaction, app_id: str, now: datetime) -> App:
    app = tx.one(APP, id=app_id)
    if app is None or app.gateway is None:
        raise NotFound("app_not_found", "There is no app with this id and a gateway.")
    if _of_app(tx, app, now).is_running:
        raise check_running()
    return app


def _note(tx: Transaction, by: By, app: App, days: tuple[date, date]) -> None:
    first, last = (day.isoformat() for day in days)
    record(tx, by, app.id, "money.check", app.id, first=first, last=last)


def _running(ask: Ask) -> MoneyChecks:
    running: MoneyChecks = ask.request.app.state.money_checks
    return running
