"""Admins with their factors and sessions, and from where a deed was done."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Instant, Number

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHO_MAY_ACT = "role = 'owner' AND disabled_at IS NULL"


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("audit_entries", sa.Column("request_id", sa.Text(), nullable=True))
    index("audit_entries", "actor", "position")
    admins()
    ways_in()
    what_lasts_a_while()


def index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def admins() -> None:
    op.create_table(
        "admins",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_seed", sa.Text(), nullable=True),
        sa.Column("totp_step", Number, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_until", Instant(), nullable=True),
        sa.Column("signed_in_at", Instant(), nullable=True),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.CheckConstraint("role IN ('owner', 'finance', 'viewer')", name=op.f("ck_admins_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
        sa.UniqueConstraint("email", name=op.f("uq_admins_email")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_admins_code_hash")),
        sqlite_strict=True,
    )
    condition = sa.text(WHO_MAY_ACT)
    op.create_index(
        "owners_who_may_act",
        "admins",
        ["role"],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def ways_in() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("admin_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("uses", Number, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("version", Number, nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_passkeys_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sqlite_strict=True,
    )
    index("passkeys", "admin_id", "id")
    op.create_table(
        "recovery_codes",
        sa.Column("admin_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["admin_id"], ["admins.id"], name=op.f("fk_recovery_codes_admin_id")
        ),
        sa.PrimaryKeyConstraint("admin_id", "hash", name=op.f("pk_recovery_codes")),
        sqlite_strict=True,
    )
    op.create_table(
        "entrances",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("admin_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.CheckConstraint("by IN ('password', 'code')", name=op.f("ck_entrances_by")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_entrances_admin_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_entrances")),
        sqlite_strict=True,
    )
    index("entrances", "admin_id")
    index("entrances", "expires_at")
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("admin_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("proven_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_sessions_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
        sqlite_strict=True,
    )
    index("sessions", "admin_id", "created_at")
    index("sessions", "created_at")


def what_lasts_a_while() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", Number, nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
        sqlite_strict=True,
    )
    index("sign_in_tries", "last_at")
    op.create_table(
        "spent",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("spent_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_spent")),
        sqlite_strict=True,
    )
    index("spent", "spent_at")
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("admin_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_drafts_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sqlite_strict=True,
    )
    index("drafts", "admin_id")
    index("drafts", "expires_at")
