"""A page of a list costs the same however many there are, also where a filter finds nothing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from payment_service.actions.register_app import Registration
from payment_service.kit import postgres, sqlite_transaction
from payment_service.kit.statements import Noted, Statement
from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from payment_service.model.customer_list import walk_customers
from payment_service.model.endpoint_list import walk_endpoints
from payment_service.model.invoice import Kind
from payment_service.model.invoice_list import InvoiceFilter, walk_invoices
from payment_service.model.key import KEYS_OF_APP
from payment_service.model.key_list import walk_keys
from payment_service.model.page import NEWEST, Between, Span, Walk, page_of
from payment_service.model.payment_list import PaymentFilter, walk_payments
from payment_service.model.plan_list import walk_plans
from payment_service.model.subscription_list import SubscriptionFilter, walk_subscriptions
from tests.clocks import HandClock
from tests.counts import times
from tests.model.test_backlog import connected as driver_of
from tests.service import running_service
from tests.story import App, register

MANY = times(16_000, 200_000)
NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
OLD = Span(date(2026, 1, 1), date(2026, 9, 30))
"""Most of all, but not the newest."""
FUTURE = Span(date(2031, 1, 1), date(2031, 12, 31))
SEQUENCE = (
    "WITH RECURSIVE seq(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM seq WHERE n < {last})"
)
DAY = {
    "sqlite": "date('2026-01-01', ((n - {first}) * 365 / {count}) || ' days')",
    "postgresql": "DATE '2026-01-01' + CAST((n - {first}) * 365 / {count} AS INTEGER)",
}
COPIES: dict[str, dict[str, str]] = {
    "plans": {"code": "'code-' || n"},
    "customers": {"reference": "'tenant-' || n"},
    "subscriptions": {
        "pay_token": "'s' || n", "paid_through": "{day}", "exclusive": "{no}", "status": "'active'",
    },
    "invoices": {
        "pay_token": "'i' || n", "number": "'N' || n", "due_on": "{day}", "period_start": "NULL",
        "status": "'paid'", "kind": "'renewal'",
    },
    "payments": {"reference": "'r' || n", "charge_id": "NULL", "paid_on": "{day}"},
    "api_keys": {"hash": "'h' || n"},
    "endpoints": {"url": "'https://example.com/' || n"},
}  # fmt: skip
"""What differs in each copy of a row. They are spread over the days of a year."""
PREFIXES = {
    "plans": "plan", "customers": "cus", "subscriptions": "sub", "invoices": "inv",
    "payments": "pay", "api_keys": "key", "endpoints": "ep",
}  # fmt: skip


def multiply(url: str, ids: dict[str, str], first: int, last: int) -> None:
    """Copies of the app's one row in each table, numbered so."""
    with connected(url) as connection:
        dialect = connection.dialect.name
        words = {
            "day": DAY[dialect].format(first=first, count=last - first + 1),
            "no": "0" if dialect == "sqlite" else "false",
        }
        sequence = SEQUENCE.format(first=first, last=last)
        for table, changes in COPIES.items():
            columns = list(metadata.tables[table].c.keys())
            new = {"id": f"'{PREFIXES[table]}_' || (10000000 + n)", **changes}
            values = ", ".join(new.get(one, f"base.{one}").format(**words) for one in columns)
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(columns)}) {sequence} SELECT {values}"  # noqa: S608
                f" FROM seq CROSS JOIN {table} AS base WHERE base.id = '{ids[table]}'"
            )
        connection.exec_driver_sql("ANALYZE")


class Counting:
    """A transaction that counts what the database does: steps of SQLite's machine, rows that
    PostgreSQL looks at."""

    is_alone = False

    def __init__(self, connection: Any, *, sqlites: bool) -> None:
        self.work = 0
        self.noted: list[Noted] = []
        self._connection = connection
        self._sqlites = sqlites
        make = sqlite_transaction.SQLiteTransaction if sqlites else postgres.PostgresTransaction
        self._tx: Any = make(connection)
        if sqlites:
            connection.set_progress_handler(self._stepped, 10)

    def _stepped(self) -> int:
        self.work += 10
        return 0

    def one(self, statement: Statement[Any], /, **params: Any) -> Any:
        self._look(statement, params)
        return self._tx.one(statement, **params)

    def all(self, statement: Statement[Any], /, **params: Any) -> Any:
        self._look(statement, params)
        return self._tx.all(statement, **params)

    def reserve(self, name: str, /) -> bool:
        raise AssertionError("a list reserves nothing")

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        raise AssertionError("a list writes nothing")

    def run_all(self, statement: Statement[Any], rows: Any, /) -> int:
        raise AssertionError("a list writes nothing")

    def _look(self, statement: Statement[Any], params: dict[str, Any]) -> None:
        if self._sqlites:
            return
        compiled = statement.compiled(postgres.DIALECT)
        explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + compiled.sql
        (told,) = self._connection.execute(explain, compiled.bind(params)).fetchone()
        self.work += _rows(told[0]["Plan"])


def _rows(node: dict[str, Any]) -> int:
    seen = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return int(seen * node["Actual Loops"]) + sum(_rows(one) for one in node.get("Plans", ()))


def walks(app: App, ids: dict[str, str], nobodys: str) -> dict[str, Walk]:
    """Each filter and what filters do together. `nobodys` is a plan that nobody bought."""
    of_app: dict[str, dict[str, Any]] = {
        "all": {},
        "canceled": {"statuses": ("canceled",)},
        "some": {"statuses": ("pending", "active")},
        "a plan": {"plan_id": ids["plans"]},
        "nobody's plan": {"plan_id": nobodys},
        "canceled of a plan": {"plan_id": ids["plans"], "statuses": ("canceled",)},
        "old": {"paid_through": OLD},
        "future": {"paid_through": FUTURE},
        "old and canceled": {"paid_through": OLD, "statuses": ("canceled",)},
        "old of a plan": {"paid_through": OLD, "plan_id": ids["plans"]},
        "old of nobody's plan": {"paid_through": OLD, "plan_id": nobodys},
        "customer": {"customer_id": ids["customers"]},
        "customer's canceled": {"customer_id": ids["customers"], "statuses": ("canceled",)},
        "customer's future": {"customer_id": ids["customers"], "paid_through": FUTURE},
    }
    found = {
        f"subscriptions: {name}": walk_subscriptions(app.id, SubscriptionFilter(**wanted))
        for name, wanted in of_app.items()
    }
    of_invoices: dict[str, dict[str, Any]] = {
        "all": {},
        "void": {"statuses": ("void",)},
        "one-offs": {"kinds": ("one_off",)},
        "open upgrades": {"statuses": ("open",), "kinds": ("upgrade",)},
        "a plan": {"plan_id": ids["plans"]},
        "nobody's plan": {"plan_id": nobodys},
        "void of a plan": {"plan_id": ids["plans"], "statuses": ("void",)},
        "old": {"due": OLD},
        "future": {"due": FUTURE},
        "old and void": {"due": OLD, "statuses": ("void",)},
        "old upgrades of a plan": {"due": OLD, "plan_id": ids["plans"], "kinds": ("upgrade",)},
        "customer": {"customer_id": ids["customers"]},
        "customer's void": {"customer_id": ids["customers"], "statuses": ("void",)},
        "subscription": {"subscription_id": ids["subscriptions"]},
        "subscription's future": {"subscription_id": ids["subscriptions"], "due": FUTURE},
    }
    found |= {
        f"invoices: {name}": walk_invoices(app.id, InvoiceFilter(**wanted))
        for name, wanted in of_invoices.items()
    }
    of_payments: dict[str, dict[str, Any]] = {
        "all": {},
        "settled": {"outcome": "settled"},
        "in review": {"outcome": "needs_review"},
        "not decided": {"outcome": "needs_review", "is_decided": False},
        "old": {"paid": OLD},
        "future": {"paid": FUTURE},
        "old in review": {"paid": OLD, "outcome": "needs_review"},
        "customer": {"customer_id": ids["customers"]},
        "customer's credited": {"customer_id": ids["customers"], "outcome": "credited"},
        "invoice": {"invoice_id": ids["invoices"]},
        "invoice's future": {"invoice_id": ids["invoices"], "paid": FUTURE},
        "a plan": {"plan_id": ids["plans"]},
        "nobody's plan": {"plan_id": nobodys},
        "nobody's old plan": {"plan_id": nobodys, "paid": OLD},
        "customer's plan": {"plan_id": nobodys, "customer_id": ids["customers"]},
        "a subscription": {
            "subscription_id": ids["subscriptions"],
            "customer_id": ids["customers"],
        },
    }
    found |= {
        f"payments: {name}": walk_payments(app.id, PaymentFilter(**wanted))
        for name, wanted in of_payments.items()
    }
    found |= {
        "customers": walk_customers(app.id),
        "plans": walk_plans(app.id, archived=None),
        "plans: archived": walk_plans(app.id, archived=True),
        "keys": walk_keys(app.id, None, NOW),
        "keys: revoked": walk_keys(app.id, "revoked", NOW),
        "endpoints": walk_endpoints(app.id, None),
        "endpoints: off": walk_endpoints(app.id, "off"),
    }
    return found


def work_of(url: str, walk: Walk) -> int:
    sqlites = url.startswith("sqlite")
    with driver_of(url) as connection:
        tx = Counting(connection, sqlites=sqlites)
        page_of(tx, walk, Between(), 20)
        return tx.work


@pytest.mark.timeout(600)
async def test_a_page_costs_the_same_however_many_there_are(
    database_url: str, clock: HandClock
) -> None:
    async with running_service(database_url, clock) as service:
        app = await register(service, Registration(name="Besar", mode="test"))
        small = await register(service, Registration(name="Kecil", mode="test"))
        told = (await app.subscribes("tenant", "bulanan")).json
        await small.subscribes("tenant", "bulanan")
        paid = await app.asks("POST", f"/v1/test/invoices/{told['open_invoice']['id']}/pay")
        assert paid.status == 200
        url = {"url": "https://bengkel.example.com/hooks"}
        (key,) = await service.runtime.db.read(
            lambda tx: tx.all(KEYS_OF_APP, app_id=app.id, before=NEWEST, limit=2)
        )
        ids = {
            "api_keys": key.id,
            "endpoints": (await app.asks("POST", "/v1/webhook-endpoints", url)).json["id"],
            "plans": told["plan"]["id"],
            "customers": told["customer"]["id"],
            "subscriptions": told["id"],
            "invoices": told["open_invoice"]["id"],
            "payments": (await app.asks("GET", "/v1/payments")).json["data"][0]["id"],
        }
        plans = (await app.asks("GET", "/v1/plans?code=tahunan")).json["data"]
        lists = walks(app, ids, plans[0]["id"])
        small_ones = walks(small, ids, plans[0]["id"])
        lists |= {
            f"{name} of a small app": walk
            for name, walk in small_ones.items()
            if "app_id" in walk.params
        }
        multiply(database_url, ids, 1, MANY // 2)
        few = {name: work_of(database_url, walk) for name, walk in lists.items()}
        multiply(database_url, ids, MANY // 2 + 1, MANY)
        many = {name: work_of(database_url, walk) for name, walk in lists.items()}
        grown = {
            name: (few[name], many[name]) for name in lists if many[name] > 1.5 * few[name] + 300
        }
        assert grown == {}
        await check_rare(app, ids, database_url)


async def check_rare(app: App, ids: dict[str, str], url: str) -> None:
    """Where few of very many fit, pages may be empty, but all that fit are found by going on."""
    rare = [f"inv_{10_000_000 + n}" for n in (MANY, MANY // 2, 2, 1)]
    with connected(url) as connection:
        for one in rare:
            connection.exec_driver_sql(
                f"UPDATE invoices SET kind = 'upgrade' WHERE id = '{one}'"  # noqa: S608
            )
    upgrades: tuple[Kind, ...] = ("upgrade",)
    walk = walk_invoices(app.id, InvoiceFilter(plan_id=ids["plans"], kinds=upgrades))
    found: list[str] = []
    before: str | None = NEWEST
    sizes = []
    with driver_of(url) as connection:
        tx = Counting(connection, sqlites=url.startswith("sqlite"))
        while before is not None:
            page = page_of(tx, walk, Between(before), 20)
            found += page.ids
            sizes.append(len(page.ids))
            before = page.next_after
    assert found == rare
    assert 0 in sizes
