"""Several webhook endpoints of an app, their health, and sending again."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Instant, Number

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DUE = sa.text("next_at IS NOT NULL")
NOT_DELIVERED = sa.text("status <> 'delivered'")
RUNNING = sa.text("finished_at IS NULL")

LISTENS_FROM = """
UPDATE endpoints SET listens_from = coalesce(
    (SELECT min(events.position) FROM deliveries JOIN events ON events.id = deliveries.event_id
        WHERE deliveries.endpoint_id = endpoints.id),
    (SELECT last + 1 FROM event_counters WHERE event_counters.app_id = endpoints.app_id),
    1)
WHERE created_at <> (SELECT apps.created_at FROM apps WHERE apps.id = endpoints.app_id)
"""
OFF_SINCE = """
UPDATE endpoints SET missed_since = created_at, off_at = created_at WHERE status = 'off'
"""


def upgrade() -> None:
    op.add_column("endpoints", sa.Column("description", sa.Text(), nullable=True))
    op.add_column(
        "endpoints",
        sa.Column("metadata", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
    )
    for name, default in (("listens_from", "1"), ("lease_no", "0")):
        column = sa.Column(name, Number, server_default=sa.text(default), nullable=False)
        op.add_column("endpoints", column)
    for name in (
        "off_at",
        "missed_since",
        "failed_at",
        "paused_until",
        "lease_until",
        "deleted_at",
    ):
        op.add_column("endpoints", sa.Column(name, Instant(), nullable=True))
    op.execute(LISTENS_FROM)
    op.execute(OFF_SINCE)
    op.add_column(
        "deliveries", sa.Column("tries", Number, server_default=sa.text("0"), nullable=False)
    )
    op.execute("UPDATE deliveries SET tries = attempts WHERE next_at IS NOT NULL")
    op.drop_column("deliveries", "lease_no")
    op.drop_index("deliveries_due", "deliveries")
    index("deliveries_due", "deliveries", ["endpoint_id", "next_at"], DUE)
    index("deliveries_not_delivered", "deliveries", ["endpoint_id", "status", "id"], NOT_DELIVERED)
    op.add_column("delivery_attempts", sa.Column("url", sa.Text(), nullable=True))
    op.add_column("delivery_attempts", sa.Column("next_at", Instant(), nullable=True))
    resends()


def index(
    name: str, table: str, columns: list[str], where: sa.TextClause, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def resends() -> None:
    op.create_table(
        "resends",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("after_id", sa.Text(), nullable=False),
        sa.Column("until_id", sa.Text(), nullable=False),
        sa.Column("position", Number, nullable=False),
        sa.Column("until_position", Number, nullable=False),
        sa.Column("queued", Number, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("version", Number, nullable=False),
        sa.CheckConstraint("kind IN ('failed', 'since')", name=op.f("ck_resends_kind")),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_resends_app_id")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoints.id"], name=op.f("fk_resends_endpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resends")),
        sqlite_strict=True,
    )
    index("one_resend_of_an_endpoint", "resends", ["endpoint_id"], RUNNING, True)
    op.create_index(
        op.f("ix_resends_endpoint_id_id"), "resends", ["endpoint_id", "id"], unique=False
    )
