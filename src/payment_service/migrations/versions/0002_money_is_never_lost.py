"""Reviews, money checks, alerts that are sent, limits of gateways, and money that stays."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Flag, Instant, LocalDate, Number

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


APPEND_ONLY = ("payments", "credit_entries", "reviews")


def upgrade() -> None:
    op.create_table(
        "money_checks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("night", LocalDate(), nullable=True),
        sa.Column("first_day", LocalDate(), nullable=False),
        sa.Column("last_day", LocalDate(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("charges", Number, nullable=False),
        sa.Column("unanswered", Number, nullable=False),
        sa.Column("exceptions", sa.Text(), nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_money_checks_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_checks")),
        sa.UniqueConstraint("app_id", "night", name=op.f("uq_money_checks_app_id_night")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_money_checks_app_id_id"), "money_checks", ["app_id", "id"], unique=False
    )

    op.create_table(
        "notice_tallies",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("day", LocalDate(), nullable=False),
        sa.Column("unknown", Number, nullable=False),
        sa.Column("wrong_secret", Number, nullable=False),
        sa.Column("latest_wrong", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_notice_tallies_app_id")),
        sa.PrimaryKeyConstraint("app_id", "day", name=op.f("pk_notice_tallies")),
        sqlite_strict=True,
    )
    op.create_table(
        "unknown_notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_unknown_notices_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_notices")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_unknown_notices_app_id_id"), "unknown_notices", ["app_id", "id"], unique=False
    )

    op.create_table(
        "reviews",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "deed IN ('credited', 'settled', 'refunded', 'dismissed')", name=op.f("ck_reviews_deed")
        ),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_reviews_app_id")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_reviews_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_reviews_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_reviews")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_reviews_app_id_payment_id"), "reviews", ["app_id", "payment_id"], unique=False
    )

    op.add_column("alerts", sa.Column("send_at", Instant(), nullable=True))
    op.add_column("alerts", sa.Column("note", sa.Text(), nullable=True))
    op.create_index(
        "alerts_to_send",
        "alerts",
        ["send_at"],
        unique=False,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )

    op.create_index(
        "payments_in_doubt",
        "payments",
        ["id"],
        unique=False,
        sqlite_where=sa.text("outcome = 'needs_review'"),
        postgresql_where=sa.text("outcome = 'needs_review'"),
    )
    op.create_index(
        "one_refund_a_reference",
        "credit_entries",
        ["app_id", "reference"],
        unique=True,
        sqlite_where=sa.text("kind = 'refunded'"),
        postgresql_where=sa.text("kind = 'refunded'"),
    )
    op.add_column("charges", sa.Column("gateway_fee", Number, nullable=True))
    op.add_column("charges", sa.Column("cancel_at", Instant(), nullable=True))
    op.add_column(
        "charges", sa.Column("cancel_tries", Number, server_default=sa.text("0"), nullable=False)
    )
    op.drop_index("charges_to_check", "charges")
    op.create_index(
        "charges_of_app_to_check",
        "charges",
        ["app_id", "check_at"],
        unique=False,
        sqlite_where=sa.text("check_at IS NOT NULL"),
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        "charges_to_cancel",
        "charges",
        ["cancel_at"],
        unique=False,
        sqlite_where=sa.text("cancel_at IS NOT NULL"),
        postgresql_where=sa.text("cancel_at IS NOT NULL"),
    )

    op.add_column("notices", sa.Column("says_sandbox", Flag(), nullable=True))

    op.create_table(
        "gateway_paces",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("allowed", Number, nullable=False),
        sa.Column("went_well", Number, nullable=False),
        sa.Column("create_at", Instant(), nullable=True),
        sa.Column("create_before", Instant(), nullable=True),
        sa.Column("cancel_at", Instant(), nullable=True),
        sa.Column("cancel_before", Instant(), nullable=True),
        sa.CheckConstraint("allowed >= 1", name=op.f("ck_gateway_paces_allowed")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gateway_paces")),
        sqlite_strict=True,
    )
    op.create_table(
        "gateway_slots",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", Number, nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_gateway_slots")),
        sqlite_strict=True,
    )
    op.execute("UPDATE alerts SET send_at = raised_at WHERE cleared_at IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        guard_on_sqlite()
    else:
        guard_on_postgresql()


def guard_on_sqlite() -> None:
    for name in APPEND_ONLY:
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_stay_{deed.lower()} BEFORE {deed} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{name} are append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER credit_is_never_negative BEFORE INSERT ON credit_entries"
        " WHEN NEW.amount < 0 BEGIN SELECT RAISE(ABORT, 'credit is never negative')"
        " WHERE NEW.amount + (SELECT coalesce(sum(amount), 0) FROM credit_entries"
        " WHERE customer_id = NEW.customer_id) < 0; END"
    )


def guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_to_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END $$"
    )
    for name in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {name}_stay BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_to_change()"
        )
    # The customer's row is locked by whoever books credit, so no other sum is in the making.
    op.execute(
        "CREATE FUNCTION refuse_negative_credit() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN IF NEW.amount + (SELECT coalesce(sum(amount), 0) FROM credit_entries"
        " WHERE customer_id = NEW.customer_id) < 0"
        " THEN RAISE EXCEPTION 'credit is never negative'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER credit_is_never_negative BEFORE INSERT ON credit_entries FOR EACH ROW"
        " WHEN (NEW.amount < 0) EXECUTE FUNCTION refuse_negative_credit()"
    )
