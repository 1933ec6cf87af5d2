"""Nothing of an app can be reached by another: on every path of the API that names a thing, what is
another app's, or another mode's, looks to the byte as if it were not there."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from payment_service.actions.register_app import Registration
from payment_service.kit.ids import ALPHABET
from payment_service.kit.statements import Statement, Transaction, param, value
from payment_service.migrations.tables import metadata
from payment_service.web.reference.document import OPERATIONS
from tests.invariants import row_counts
from tests.service import Answer, Service
from tests.story import App, owner_of, register
from tests.web.population import populated

HOOK = "https://hooks.example.com/payment-service"


class Call(NamedTuple):
    """A route with names of things in its path, and a body that it takes."""

    method: str
    path: str
    body: Any

    @property
    def names(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)


def routes_of(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """All of them, also those that a group keeps to itself."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        yield from routes_of(getattr(getattr(route, "original_router", None), "routes", ()))


def calls_that_name(service: Service) -> list[Call]:
    """Whatever part of the API made them."""
    found = []
    for route in routes_of(service.web.routes):
        for method in sorted(route.methods or ()):
            told = OPERATIONS.get(f"{method} {route.path}")
            call = Call(method, route.path, told.body if told else None)
            if call.path.startswith("/v1/") and call.names:
                found.append(call)
    return found


async def ids_of(service: Service, app: App, names: set[str]) -> dict[str, str]:
    """An id of the app's for each name in a path: `invoice_id` is found in the table `invoices`."""
    ids = {}
    for name in names:
        noun = name.removesuffix("_id")
        plurals = (f"{noun}s", f"api_{noun}s", f"{noun.removesuffix('y')}ies")
        (table,) = [metadata.tables[one] for one in plurals if one in metadata.tables]
        query = value(select(table.c.id).where(table.c.app_id == param("app_id")).limit(1), str)
        found = await service.runtime.db.read(_first, query, app.id)
        assert found is not None, f"the filled app has no {noun}; make one in tests/web/population"
        ids[name] = found
    return ids


def _first(tx: Transaction, query: Statement[str], app_id: str) -> str | None:
    return tx.one(query, app_id=app_id)


def missing(there: str) -> str:
    """An id of the same kind that is nobody's."""
    other = ALPHABET[(ALPHABET.index(there[-1]) + 1) % len(ALPHABET)]
    return there[:-1] + other


def told(answer: Answer) -> tuple[int, str, bytes]:
    return answer.status, answer.headers["Content-Type"], answer.body


@pytest.mark.timeout(240)
async def test_what_is_anothers_looks_as_if_it_were_not_there(
    service: Service, database_url: str
) -> None:
    filled = await register(service, Registration(name="Penuh", mode="test", webhook_url=HOOK))
    owner = (await populated(service, filled)).owner
    calls = calls_that_name(service)
    assert len(calls) > 25, calls
    ids = await ids_of(service, filled, {name for call in calls for name in call.names})
    nobodys = {name: missing(one) for name, one in ids.items()}
    others = [
        await owner_of(service, await register(service, Registration(name="Lain", mode="test"))),
        await owner_of(service, await register(service, Registration(name="Asli", mode="live"))),
    ]
    before = row_counts(database_url)
    for other in others:
        for call in calls:
            there = await other.asks(call.method, call.path.format(**ids), call.body)
            nowhere = await other.asks(call.method, call.path.format(**nobodys), call.body)
            assert told(there) == told(nowhere), call
            assert there.status == 404, (call, there.body)
            assert there.json["code"].endswith("_not_found"), call
    assert row_counts(database_url) == before
    for call in calls:
        if call.method == "GET":
            answer = await owner.asks("GET", call.path.format(**ids))
            assert answer.status == 200, (call, answer.body)


async def test_lists_hold_nothing_of_another_app(app: App, other: App) -> None:
    subscribed = (await app.subscribes("tenant-1", "bulanan")).json
    invoice = subscribed["open_invoice"]["id"]
    assert (await app.asks("POST", f"/v1/test/invoices/{invoice}/pay")).status == 200
    for path, mine in (
        ("/v1/customers?reference=tenant-1", 1),
        ("/v1/subscriptions?customer=tenant-1", 1),
        ("/v1/subscriptions?plan=bulanan", 1),
        ("/v1/subscriptions?paid_through_from=2026-01-01", 1),
        (f"/v1/invoices?subscription={subscribed['id']}", 1),
        ("/v1/invoices?customer=tenant-1&status=paid", 1),
        ("/v1/invoices?plan=bulanan", 1),
        ("/v1/invoices?due_from=2026-01-01", 1),
        (f"/v1/payments?invoice={invoice}", 1),
        ("/v1/payments?paid_from=2026-01-01", 1),
        ("/v1/payments?customer=tenant-1", 1),
        ("/v1/customers", 1),
        ("/v1/payments", 1),
    ):
        assert len((await app.asks("GET", path)).json["data"]) == mine, path
        assert (await other.asks("GET", path)).json["data"] == [], path
