"""An app: a product that bills its tenants through the service. It owns everything below."""

from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import CheckConstraint, Column, Text, select, text

from payment_service.kit.calendar import ZONES, Zone
from payment_service.kit.errors import Invalid, NotFound
from payment_service.kit.schema import Flag, Instant, Json, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

Mode = Literal["test", "live"]
MODES: tuple[Mode, ...] = ("test", "live")
GatewayKind = Literal["pakasir", "simulator"]
GatewayVersion = Literal["v1", "v2"]


class Seller(msgspec.Struct, frozen=True):
    """Who sells, as printed on invoices."""

    name: str
    address: str = ""
    npwp: str = ""
    footer: str = ""


apps = table(
    "apps",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("invoice_prefix", Text, nullable=False),
    Column("gateway", Text),
    Column("gateway_version", Text, nullable=False),
    Column("gateway_origin", Text),
    Column("gateway_project", Text),
    Column("gateway_api_key", Text),
    Column("gateway_webhook_secret", Text),
    Column("grace_days", Number, nullable=False),
    Column("renewal_lead_days", Number, nullable=False),
    Column("pending_timeout_hours", Number, nullable=False),
    Column("cancel_after_days", Number),
    Column("reminder_days", Json(tuple[int, ...]), nullable=False),
    Column("reminder_time", Text, nullable=False),
    Column("many_subscriptions", Flag, nullable=False),
    Column("return_origins", Json(tuple[str, ...]), nullable=False),
    Column("seller", Json(Seller), nullable=False),
    Column("color", Text, nullable=False),
    Column("logo", Text),
    Column("metadata", Json(dict[str, Any]), nullable=False, server_default=text("'{}'")),
    Column("clock_offset", Number, nullable=False, server_default=text("0")),
    Column("requests_per_second", Number, nullable=False, server_default=text("50")),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("mode", ("test", "live")),
    one_of("zone", ZONES),
    one_of("gateway", ("pakasir", "simulator"), null=True),
    one_of("gateway_version", ("v1", "v2")),
    CheckConstraint("mode = 'test' OR gateway IS NULL OR gateway <> 'simulator'", name="simulator"),
    CheckConstraint("grace_days BETWEEN 0 AND 90", name="grace_days"),
    CheckConstraint("renewal_lead_days BETWEEN 0 AND 60", name="renewal_lead_days"),
)


@stored_in(apps)
class App(Record, frozen=True):
    """Secrets of the gateway are sealed. `reminder_days` count from an invoice's due date.

    `logo` names the picture that payers see. `clock_offset` is how many seconds a test app's clock
    is ahead of the machine's; 0 for others. `requests_per_second` is what each of its keys may ask
    for, and so how many at once.
    """

    id: str
    name: str
    mode: Mode
    zone: Zone
    invoice_prefix: str
    gateway: GatewayKind | None
    gateway_version: GatewayVersion
    gateway_origin: str | None
    gateway_project: str | None
    gateway_api_key: str | None
    gateway_webhook_secret: str | None
    grace_days: int
    renewal_lead_days: int
    pending_timeout_hours: int
    cancel_after_days: int | None
    reminder_days: tuple[int, ...]
    reminder_time: str
    many_subscriptions: bool
    return_origins: tuple[str, ...]
    seller: Seller
    color: str
    logo: str | None
    metadata: dict[str, Any]
    clock_offset: int
    requests_per_second: int
    created_at: datetime
    version: int

    def at(self, now: datetime) -> datetime:
        """What the app's clock shows at this instant of the machine's."""
        return now + timedelta(seconds=self.clock_offset) if self.clock_offset else now


APP = query(rows_of(App).where(apps.c.id == param("id")), App)
APP_HELD = query(rows_of(App).where(apps.c.id == param("id")).with_for_update(key_share=True), App)
APPS = query(rows_of(App).order_by(apps.c.id), App)
APPS_WITH_A_CLOCK = query(rows_of(App).where(apps.c.clock_offset != 0).order_by(apps.c.id), App)
"""Test apps that stand in another time than the machine: a handful."""
CLOCK_OFFSET = value(select(apps.c.clock_offset).where(apps.c.id == param("id")), int)


def app_by_id(tx: Transaction, app_id: str) -> App:
    """Raises NotFound."""
    app = tx.one(APP, id=app_id)
    if app is None:
        raise NotFound("app_not_found", "There is no app with this id; `app list` shows them.")
    return app


def app_held(tx: Transaction, app_id: str) -> App:
    """To be edited as it stands: nobody else changes it before this transaction ends. Raises
    NotFound."""
    app = tx.one(APP_HELD, id=app_id)
    if app is None:
        raise NotFound("app_not_found", "There is no app with this id; `app list` shows them.")
    return app


def check_return_url(app: App, url: str | None) -> None:
    """A link shown to payers leads only to where the app said it may. Raises Invalid."""
    if url is None:
        return
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" not in app.return_origins:
        raise Invalid(
            "return_url_not_allowed",
            "return_url must begin with one of the app's return origins: "
            + (", ".join(app.return_origins) or "none is set up yet")
            + ".",
        )


def initials(name: str) -> str:
    """The invoice prefix that a name suggests: `BukuBengkel` gives `BB`, `Kasir Pintar` `KP`."""
    capitals = [
        letter
        for word in name.split()
        for place, letter in enumerate(word)
        if letter.isascii() and letter.isalnum() and (place == 0 or letter.isupper())
    ]
    return "".join(capitals).upper()[:6] or "INV"
