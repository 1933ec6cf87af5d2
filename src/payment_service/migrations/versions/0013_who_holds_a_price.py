"""Who holds which price of a plan, and which customers have credit, counted by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HOLDING = "status IN ('trialing', 'active', 'grace', 'suspended')"
FROM_CREDIT = "status = 'paid' AND kind = 'renewal' AND credit_applied = total"


def upgrade() -> None:
    partial(
        "subscriptions_by_price",
        "subscriptions",
        HOLDING,
        "plan_id", "price", "next_price", "next_plan_id", "status",
    )  # fmt: skip
    partial(
        "renewals_paid_from_credit",
        "invoices",
        FROM_CREDIT,
        "plan_id", "months", "period_end", "subscription_id",
    )  # fmt: skip
    op.create_index(
        op.f("ix_credit_entries_app_id_customer_id_amount"),
        "credit_entries",
        ["app_id", "customer_id", "amount"],
    )


def partial(name: str, table: str, where: str, *columns: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, list(columns), sqlite_where=condition, postgresql_where=condition)
