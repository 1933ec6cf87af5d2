"""What tests look up of apps behind the pages."""

import asyncio
import re
from collections.abc import Awaitable
from typing import Any

from sqlalchemy import text

from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.app import APPS, App, app_by_id
from payment_service.model.endpoint import ENDPOINTS_OF_APP, Endpoint
from payment_service.model.key import KEYS_OF_APP, ApiKey
from payment_service.model.page import NEWEST
from tests.service import Service
from tests.web.dashboard.people import Page

LOG = "SELECT deed, reason, details FROM audit_entries ORDER BY position"


async def all_apps(service: Service) -> list[App]:
    return await service.runtime.db.read(lambda tx: tx.all(APPS))


async def app_of(service: Service, app_id: str) -> App:
    return await service.runtime.db.read(app_by_id, app_id)


async def keys_of(service: Service, app_id: str) -> list[ApiKey]:
    def keys(tx: Transaction) -> list[ApiKey]:
        return tx.all(KEYS_OF_APP, app_id=app_id, before=NEWEST, limit=50)

    return await service.runtime.db.read(keys)


async def endpoints_of(service: Service, app_id: str) -> list[Endpoint]:
    def endpoints(tx: Transaction) -> list[Endpoint]:
        return tx.all(ENDPOINTS_OF_APP, app_id=app_id, before=NEWEST, limit=50)

    return await service.runtime.db.read(endpoints)


async def with_its_worker(service: Service, sending: Awaitable[Page]) -> Page:
    """The page that waits for a delivery, which goes out meanwhile."""
    waiting = asyncio.ensure_future(sending)
    while not waiting.done():
        await service.deliver()
        await asyncio.sleep(0.05)
    return await waiting


def deeds(database_url: str) -> list[str]:
    """The audit log, a line each, as it is stored."""
    with connected(database_url) as connection:
        return [" ".join(map(str, row)) for row in connection.execute(text(LOG))]


def shown(page: Page, label: str) -> str:
    """A secret that the page shows, by the id of its place."""
    found: Any = re.search(rf'<code id="{label}"[^>]*>([^<]+)</code>', page.html)
    assert found, page.text
    return str(found[1])
