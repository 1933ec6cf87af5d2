"""The logos of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("apps", sa.Column("logo", sa.Text(), nullable=True))
    op.create_table(
        "logos",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_logos_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_logos")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_logos_name"), "logos", ["name"], unique=False)
