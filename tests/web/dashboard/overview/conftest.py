"""An app, and matters that need somebody."""

from datetime import timedelta

import msgspec
import pytest

from payment_service.actions.register_app import Registration, register_app
from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import OPEN_ALERTS, Alert, Kind, raise_alert
from payment_service.model.app import APPS, App, Mode
from payment_service.model.billing_run import BillingRun, Counts, begin_run
from tests.clocks import HandClock
from tests.service import Service


class Desk:
    """The owner's desk: what is there, and what comes in."""

    def __init__(self, service: Service, clock: HandClock) -> None:
        self.service = service
        self.clock = clock
        self.db = service.runtime.db

    async def app(self, name: str = "BukuBengkel", mode: Mode = "test") -> App:
        box, targets = self.service.runtime.secrets, self.service.runtime.targets
        wanted = Registration(name=name, mode=mode)
        await self.db.write(register_app, wanted, box, targets, self.clock.now())
        every = await self.db.read(lambda tx: tx.all(APPS))
        return next(one for one in every if one.name == name)

    async def alert(self, kind: Kind, subject_id: str, app: App | None, message: str = "m") -> str:
        """Its id."""

        def unit(tx: Transaction) -> str:
            raise_alert(
                tx, app_id=app.id if app else None, kind=kind, subject_id=subject_id,
                message=message, now=self.clock.now(), by_machine=True,
            )  # fmt: skip
            # By what it is of: ids of one instant, as those of others may be, have no order.
            wanted = (kind, subject_id)
            return next(one.id for one in tx.all(OPEN_ALERTS) if _of(one) == wanted)

        return await self.db.write(unit)

    async def held_run(self, app: App, suspensions: int = 12) -> BillingRun:
        """Today's, which stopped itself."""

        def unit(tx: Transaction) -> BillingRun:
            now = self.clock.now()
            day = local_date(now, app.zone)
            lease = now + timedelta(minutes=2)
            run = begin_run(tx, app.id, day, now, forced=False, lease_until=lease)
            counts = Counts(held=suspensions)
            held = msgspec.structs.replace(run, held=True, counts=counts, finished_at=now)
            return save(tx, run, held)

        return await self.db.write(unit)


def _of(alert: Alert) -> tuple[str, str]:
    return alert.kind, alert.subject_id


@pytest.fixture
def desk(service: Service, clock: HandClock) -> Desk:
    return Desk(service, clock)
