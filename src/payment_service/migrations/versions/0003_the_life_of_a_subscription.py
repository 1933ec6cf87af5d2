"""The billing run, reminders, paying ahead, imported orders, and what admins did."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Flag, Instant, LocalDate, Number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WITH_ACCESS = "status IN ('trialing', 'active', 'grace')"
UNPAID = "status = 'suspended' AND reason = 'nonpayment'"
TO_REMIND = "status = 'open' AND remind_on IS NOT NULL"
PERIODS = "status <> 'void' AND kind IN ('first', 'renewal')"
NAMED = "order_id IS NOT NULL"


def upgrade() -> None:
    op.add_column(
        "apps", sa.Column("clock_offset", Number, server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "charges", sa.Column("ahead", Number, server_default=sa.text("0"), nullable=False)
    )
    op.add_column("charges", sa.Column("order_id", sa.Text(), nullable=True))
    index("one_charge_an_order", "charges", ["app_id", "order_id"], NAMED, True)
    op.add_column("invoices", sa.Column("remind_on", LocalDate(), nullable=True))
    op.add_column(
        "invoices", sa.Column("reminded", sa.Text(), server_default=sa.text("'[]'"), nullable=False)
    )
    index("open_invoices_to_remind", "invoices", ["app_id", "remind_on"], TO_REMIND)
    op.drop_index("one_invoice_a_period", "invoices")
    index("one_invoice_a_period", "invoices", ["subscription_id", "period_start"], PERIODS, True)
    op.drop_index("ix_subscriptions_app_id_paid_through", "subscriptions")
    index(
        "subscriptions_by_last_day", "subscriptions", ["app_id", "paid_through", "id"], WITH_ACCESS
    )
    index("subscriptions_unpaid_since", "subscriptions", ["app_id", "suspended_at", "id"], UNPAID)
    billing_runs()
    audit()
    test_clock()


def index(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def billing_runs() -> None:
    op.create_table(
        "billing_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("day", LocalDate(), nullable=False),
        sa.Column("forced", Flag(), nullable=False),
        sa.Column("held", Flag(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("version", Number, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_billing_runs_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_runs")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_billing_runs_app_id_day"), "billing_runs", ["app_id", "day"], unique=False
    )


def audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("position", Number, nullable=False),
        sa.Column("app_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_audit_entries_app_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_entries")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_audit_entries_subject_id_position"),
        "audit_entries",
        ["subject_id", "position"],
        unique=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entries_stay_{deed.lower()} BEFORE {deed} ON audit_entries"
                " BEGIN SELECT RAISE(ABORT, 'audit_entries are append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries"
            " FOR EACH ROW EXECUTE FUNCTION refuse_to_change()"
        )


def test_clock() -> None:
    index("charges_of_app_to_cancel", "charges", ["app_id", "cancel_at"], "cancel_at IS NOT NULL")
    op.create_table(
        "clock_advances",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("from_day", LocalDate(), nullable=False),
        sa.Column("to_day", LocalDate(), nullable=False),
        sa.Column("first_position", Number, nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("version", Number, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_clock_advances_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_clock_advances")),
        sqlite_strict=True,
    )
    op.create_table(
        "payers",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("habit", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "habit IN ('pays_on_time', 'pays_on_last_day', 'pays_late', 'pays_twice', "
            "'pays_old_code', 'never_pays')",
            name=op.f("ck_payers_habit"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_payers_app_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_payers_subscription_id")
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_payers")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_payers_app_id"), "payers", ["app_id"], unique=False)
