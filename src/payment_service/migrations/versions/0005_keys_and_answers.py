"""Answers that are sealed, metadata of keys, and how often an app's keys may ask."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "apps",
        sa.Column("requests_per_second", Number, server_default=sa.text("50"), nullable=False),
    )
    op.add_column(
        "api_keys", sa.Column("metadata", sa.Text(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("idempotent_answers", sa.Column("sealed_body", sa.Text(), nullable=True))
