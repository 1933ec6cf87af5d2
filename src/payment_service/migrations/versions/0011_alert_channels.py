"""Alert channels that are kept here, beside those of the environment."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Instant, Number

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_hash", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.CheckConstraint("kind IN ('mail', 'webhook')", name=op.f("ck_alert_channels_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_channels")),
        sa.UniqueConstraint("target_hash", name=op.f("uq_alert_channels_target_hash")),
        sqlite_strict=True,
    )
