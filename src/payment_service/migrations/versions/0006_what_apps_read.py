"""Indexes for the lists of the API, metadata of apps and refunds, customers that were forgotten."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WITHOUT_ACCESS = "status IN ('pending', 'suspended', 'canceled', 'expired')"
ENTRY = "id, app_id, customer_id, kind, amount, payment_id, invoice_id, reference, note, created_at"


def upgrade() -> None:
    op.add_column("customers", sa.Column("forgotten_at", Instant(), nullable=True))
    op.execute(
        "UPDATE customers SET forgotten_at = (SELECT max(created_at) FROM audit_entries"
        " WHERE subject_id = customers.id AND deed = 'customer.forget')"
        " WHERE name IS NULL AND email IS NULL AND phone IS NULL AND metadata = '{}'"
    )
    for table in ("apps", "credit_entries"):
        op.add_column(
            table, sa.Column("metadata", sa.Text(), server_default=sa.text("'{}'"), nullable=False)
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER credit_entries_stay_update")
        op.execute(
            f"CREATE TRIGGER credit_entries_stay_update BEFORE UPDATE OF {ENTRY} ON credit_entries"
            " BEGIN SELECT RAISE(ABORT, 'credit_entries are append-only'); END"
        )
    else:
        op.execute("DROP TRIGGER credit_entries_stay ON credit_entries")
        op.execute(
            f"CREATE TRIGGER credit_entries_stay BEFORE UPDATE OF {ENTRY} OR DELETE"
            " ON credit_entries FOR EACH ROW EXECUTE FUNCTION refuse_to_change()"
        )
    index("credit_of_payment", "credit_entries", "payment_id", where="payment_id IS NOT NULL")
    index("ix_plans_app_id_id", "plans", "app_id", "id")
    index("ix_subscriptions_plan_id_status_id", "subscriptions", "plan_id", "status", "id")
    index(
        "subscriptions_without_access_by_last_day",
        "subscriptions",
        "app_id",
        "paid_through",
        "id",
        where=f"{WITHOUT_ACCESS} AND paid_through IS NOT NULL",
    )
    op.drop_index("ix_invoices_app_id_id", "invoices")
    index("ix_invoices_app_id_status_kind_id", "invoices", "app_id", "status", "kind", "id")
    index("ix_invoices_app_id_due_on_id", "invoices", "app_id", "due_on", "id")
    index("invoices_of_plan", "invoices", "plan_id", "id", where="plan_id IS NOT NULL")
    index(
        "payments_not_settled", "payments", "app_id", "outcome", "id", where="outcome <> 'settled'"
    )
    index("ix_payments_app_id_paid_on_id", "payments", "app_id", "paid_on", "id")


def index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), sqlite_where=condition, postgresql_where=condition)
