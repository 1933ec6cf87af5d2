"""An alert: something the owner must know, raised once, open until it is cleared."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Column, ForeignKey, Index, Text, text, update
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.errors import NotFound
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.app import CLOCK_OFFSET

Kind = Literal[
    "payment_needs_review",
    "paid_while_suspended",
    "paid_after_cancel",
    "suspensions_held",
    "billing_failed",
    "paid_then_canceled",
    "code_refused",
    "gateway_refused",
    "gateway_unknown_order",
    "gateway_nonsense",
    "gateway_unreachable",
    "wrong_secret",
    "books_differ",
    "delivery_failing",
    "delivery_failed",
    "endpoint_off",
    "disk_full",
    "database_read_only",
    "database_unreachable",
    "database_failed",
    "schema_newer",
    "key_missing",
    "clock_jumped",
    "deliveries_behind",
    "worker_missing",
    "billing_late",
    "backup_old",
    "books_broken",
    "cannot_start",
]
OF_MACHINES: tuple[Kind, ...] = (
    "disk_full",
    "database_failed",
    "schema_newer",
    "key_missing",
    "clock_jumped",
    "backup_old",
)
"""Those whose subject is a machine, by its name."""
GATEWAY_ALERTS: dict[str, Kind] = {
    "refused": "gateway_refused",
    "unknown_order": "gateway_unknown_order",
    "nonsense": "gateway_nonsense",
    "unreachable": "gateway_unreachable",
    "busy": "gateway_unreachable",
}
"""What the owner is told of a gateway's fault."""

alerts = table(
    "alerts",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id")),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("send_at", Instant),
    Column("seen_at", Instant),
    Column("cleared_at", Instant),
    Column("note", Text),
    Column("version", Number, nullable=False),
    Index(
        "one_open_alert",
        "kind",
        "subject_id",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
    Index(
        "alerts_to_send",
        "send_at",
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)


@stored_in(alerts)
class Alert(Record, frozen=True):
    """`subject_id` is what it is about: a payment, a charge, an endpoint, an app.

    `send_at` is when the owner is next told, None once it is cleared. `note` is what a person wrote
    when clearing it; while it is open, what a try to tell the owner came to (`alert_telling`).
    """

    id: str
    app_id: str | None
    kind: Kind
    subject_id: str
    message: str
    raised_at: datetime
    sent_at: datetime | None
    send_at: datetime | None
    seen_at: datetime | None
    cleared_at: datetime | None
    note: str | None
    version: int


OPEN_ALERTS = query(
    rows_of(Alert).where(alerts.c.cleared_at.is_(None)).order_by(alerts.c.id), Alert
)
# `one_open_alert` begins with the kind: naming every kind finds what is open without the rest.
IS_OPEN = (alerts.c.kind.in_(get_args(Kind)), alerts.c.cleared_at.is_(None))
OPEN_ALERTS_OF_APP = query(
    rows_of(Alert).where(*IS_OPEN, alerts.c.app_id == param("app_id")).order_by(alerts.c.id), Alert
)
ALERTS_OF_MACHINES = query(
    rows_of(Alert)
    .where(alerts.c.kind.in_(OF_MACHINES), alerts.c.cleared_at.is_(None))
    .order_by(alerts.c.id),
    Alert,
)
ALERT = query(rows_of(Alert).where(alerts.c.id == param("id")), Alert)
# Ids sort by the time they were made; `after` may be the empty text.
NEWEST_ALERTS = query(
    rows_of(Alert)
    .where(alerts.c.id > param("after"))
    .order_by(alerts.c.id.desc())
    .limit(param("limit", Number)),
    Alert,
)
NEWEST_ALERTS_OF_APP = query(
    rows_of(Alert)
    .where(alerts.c.id > param("after"), alerts.c.app_id == param("app_id"))
    .order_by(alerts.c.id.desc())
    .limit(param("limit", Number)),
    Alert,
)
OPEN_ALERT_OF = query(
    rows_of(Alert).where(
        alerts.c.kind == param("kind"),
        alerts.c.subject_id == param("subject_id"),
        alerts.c.cleared_at.is_(None),
    ),
    Alert,
)
RAISE = command(
    insert(alerts)
    .values(
        id=param("id"),
        app_id=param("app_id"),
        kind=param("kind"),
        subject_id=param("subject_id"),
        message=param("message"),
        raised_at=param("now"),
        send_at=param("now"),
        version=1,
    )
    .on_conflict_do_nothing(
        index_elements=["kind", "subject_id"], index_where=alerts.c.cleared_at.is_(None)
    )
)


_CLEARED = {
    "cleared_at": param("now"),
    "send_at": None,
    "note": None,
    "version": alerts.c.version + 1,
}
CLEAR_OF = command(
    update(alerts)
    .where(
        alerts.c.kind == param("kind"),
        alerts.c.subject_id == param("subject_id"),
        alerts.c.cleared_at.is_(None),
    )
    .values(_CLEARED)
)
CLEAR_OF_APP = command(
    update(alerts)
    .where(
        alerts.c.kind == param("kind"),
        alerts.c.app_id == param("app_id"),
        alerts.c.cleared_at.is_(None),
    )
    .values(_CLEARED)
)


def raise_alert(
    tx: Transaction,
    *,
    app_id: str | None,
    kind: Kind,
    subject_id: str,
    message: str,
    now: datetime,
    by_machine: bool = False,
) -> None:
    """Raise it once: while one of this kind about this subject is open, nothing changes.

    The owner lives in the machine's time. `now` is the app's, or `by_machine` the machine's.
    """
    if app_id is not None and not by_machine:
        ahead = tx.one(CLOCK_OFFSET, id=app_id)
        now -= timedelta(seconds=ahead or 0)
    tx.run(
        RAISE,
        id=new_id("alr", now),
        app_id=app_id,
        kind=kind,
        subject_id=subject_id,
        message=message,
        now=now,
    )


def alert_by_id(tx: Transaction, alert_id: str) -> Alert:
    """Raises NotFound."""
    alert = tx.one(ALERT, id=alert_id)
    if alert is None:
        raise NotFound(
            "alert_not_found", "There is no alert with this id; `alert list` shows them."
        )
    return alert


def clear_alert_of(tx: Transaction, kind: Kind, subject_id: str, now: datetime) -> None:
    """Clear the open alert of this kind about this subject, if there is one."""
    tx.run(CLEAR_OF, kind=kind, subject_id=subject_id, now=now)


def clear_alerts(tx: Transaction, app_id: str, kinds: Collection[Kind], now: datetime) -> None:
    """Clear all open ones of these kinds of an app: what they were about has ended by itself."""
    for kind in kinds:
        tx.run(CLEAR_OF_APP, kind=kind, app_id=app_id, now=now)
