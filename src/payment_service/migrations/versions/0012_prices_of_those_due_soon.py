"""The price in the index of last paid days: what is due soon is summed up without the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WITH_ACCESS = sa.text("status IN ('trialing', 'active', 'grace')")


def upgrade() -> None:
    op.drop_index("subscriptions_by_last_day", "subscriptions")
    op.create_index(
        "subscriptions_by_last_day",
        "subscriptions",
        ["app_id", "paid_through", "id", "price"],
        sqlite_where=WITH_ACCESS,
        postgresql_where=WITH_ACCESS,
    )
