"""Daily totals, the words by which customers are found, and events by what they are about."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import LocalDate, Number, Word
from payment_service.model.customer_word import Named, words_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 1000
HOURS = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
REVENUES = """
INSERT INTO daily_revenues (app_id, day, plan_id, invoices, amount)
SELECT app_id, paid_on, coalesce(plan_id, ''), count(*), sum(total) FROM invoices
WHERE status = 'paid' GROUP BY app_id, paid_on, coalesce(plan_id, '')
"""
TODAY = {
    "sqlite": "date('now', a.clock_offset || ' seconds', ({hours}) || ' hours')",
    "postgresql": "(now() AT TIME ZONE 'UTC' + a.clock_offset * interval '1 second'"
    " + ({hours}) * interval '1 hour')::date",
}
STANDINGS = """
INSERT INTO daily_standings (plan_id, status, day, subscriptions, monthly)
SELECT s.plan_id, s.status, {today}, count(*), sum((2 * s.price + s.months) / (2 * s.months))
FROM subscriptions s JOIN apps a ON a.id = s.app_id
GROUP BY s.plan_id, s.status, a.zone, a.clock_offset
"""


def upgrade() -> None:
    op.create_index(
        op.f("ix_events_subject_id_position"), "events", ["subject_id", "position"], unique=False
    )
    daily_totals()
    customer_words()


def daily_totals() -> None:
    op.create_table(
        "daily_revenues",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("day", LocalDate(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("invoices", Number, nullable=False),
        sa.Column("amount", Number, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_daily_revenues_app_id")),
        sa.PrimaryKeyConstraint("app_id", "day", "plan_id", name=op.f("pk_daily_revenues")),
        sqlite_strict=True,
    )
    op.create_table(
        "daily_standings",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("day", LocalDate(), nullable=False),
        sa.Column("subscriptions", Number, nullable=False),
        sa.Column("monthly", Number, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_daily_standings_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "status", "day", name=op.f("pk_daily_standings")),
        sqlite_strict=True,
    )
    hours = "CASE a.zone " + " ".join(f"WHEN '{z}' THEN {h}" for z, h in HOURS.items()) + " END"
    today = TODAY[op.get_bind().dialect.name].format(hours=hours)
    op.execute(REVENUES)
    op.execute(STANDINGS.format(today=today))


def customer_words() -> None:
    words = op.create_table(
        "customer_words",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("word", Word, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('name', 'reference', 'email', 'phone')", name=op.f("ck_customer_words_kind")
        ),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_customer_words_app_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_words_customer_id")
        ),
        sa.PrimaryKeyConstraint(
            "app_id", "word", "kind", "customer_id", name=op.f("pk_customer_words")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    called = "SELECT id, app_id, reference, name, email, phone FROM customers WHERE id > :after ORDER BY id"
    after = ""
    while True:
        page = op.get_bind().execute(sa.text(f"{called} LIMIT {AT_ONCE}"), {"after": after}).all()
        rows = [
            {"app_id": one.app_id, "customer_id": one.id, "kind": kind, "word": word}
            for one in page
            for kind, word in words_of(Named(*one[2:]))
        ]
        if rows:
            op.bulk_insert(words, rows)
        if len(page) < AT_ONCE:
            return
        after = page[-1].id
