"""All parties of the demo on free ports, run from a thread, as browsers block the test's own."""

import asyncio
import sqlite3
import threading
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from payment_service.cli.demo.parties import Parties, together
from payment_service.cli.demo.ports import own_ports

T = TypeVar("T")


class Stage:
    """What is set up before somebody comes with a browser."""

    def __init__(self, parties: Parties, loop: asyncio.AbstractEventLoop) -> None:
        self.parties = parties
        self._loop = loop

    @property
    def origins(self) -> tuple[str, ...]:
        """Every address that a page may ask."""
        return (self.parties.service, self.parties.simulator, self.parties.bukubengkel)

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result(90)

    def noticed_at(self, customer: str) -> datetime | None:
        """When the service stored the notice of that customer's payment; UTC."""
        path = self.parties.folder / "payment-service.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            row = file.execute(
                "SELECT first_at FROM notices JOIN charges ON charges.id = charge_id "
                "JOIN invoices ON invoices.id = invoice_id "
                "JOIN customers ON customers.id = invoices.customer_id WHERE customers.name = ?",
                (customer,),
            ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None


@contextmanager
def stage(folder: Path, notices_to: str | None = None) -> Iterator[Stage]:
    """Everybody is up and has plans to sell; `notices_to` is where notices go to get lost."""
    with own_ports() as ports:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        built = Stage(Parties(folder, ports), loop)
        try:
            built.run(_set_up(built.parties, notices_to))
            yield built
        finally:
            built.run(built.parties.stop())
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _set_up(parties: Parties, notices_to: str | None) -> None:
    await parties.register_app()
    await together(
        parties.start_simulator(notices_to),
        parties.start_service(),
        parties.start_bukubengkel(),
    )
    await parties.add_plans()
