"""An admin: a person who runs the dashboard, with a role, a password and a second factor."""

import re
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec
from sqlalchemy import Column, Index, Text, func, select, text

from payment_service.kit.crypto import digest
from payment_service.kit.errors import Invalid, NotFound
from payment_service.kit.ids import new_code, read_code
from payment_service.kit.schema import Instant, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

Role = Literal["owner", "finance", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)
RANK: dict[Role, int] = {"viewer": 0, "finance": 1, "owner": 2}
CODE_LASTS = timedelta(minutes=15)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 15, 128

admins = table(
    "admins",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("totp_seed", Text),
    Column("totp_step", Number, nullable=False),
    Column("code_hash", Text, unique=True),
    Column("code_until", Instant),
    Column("signed_in_at", Instant),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("role", ROLES),
    Index(
        "owners_who_may_act",
        "role",
        sqlite_where=text("role = 'owner' AND disabled_at IS NULL"),
        postgresql_where=text("role = 'owner' AND disabled_at IS NULL"),
    ),
)


@stored_in(admins)
class Admin(Record, frozen=True):
    """`email` is what they sign in with, in small letters. `totp_seed` is sealed, `totp_step` the
    last half minute whose code was accepted. `code_hash` is of the one-time code, unused."""

    id: str
    name: str
    email: str
    role: Role
    password_hash: str | None
    totp_seed: str | None
    totp_step: int
    code_hash: str | None
    code_until: datetime | None
    signed_in_at: datetime | None
    disabled_at: datetime | None
    created_at: datetime
    version: int

    def may(self, role: Role) -> bool:
        """Whether their role is this one or a higher one."""
        return RANK[self.role] >= RANK[role]


ADMIN = query(rows_of(Admin).where(admins.c.id == param("id")), Admin)
LOCK_ADMIN = query(rows_of(Admin).where(admins.c.id == param("id")).with_for_update(), Admin)
ADMIN_BY_EMAIL = query(rows_of(Admin).where(admins.c.email == param("email")), Admin)
ADMIN_BY_CODE = query(
    rows_of(Admin).where(admins.c.code_hash == param("code_hash")).with_for_update(), Admin
)
ADMINS = query(rows_of(Admin).order_by(admins.c.id), Admin)
OWNERS_WHO_MAY_ACT = value(
    select(func.count())
    .select_from(admins)
    .where(admins.c.role == "owner", admins.c.disabled_at.is_(None)),
    int,
)


def admin_by_id(tx: Transaction, admin_id: str) -> Admin:
    """Locked until the commit. Raises NotFound."""
    admin = tx.one(LOCK_ADMIN, id=admin_id)
    if admin is None:
        raise NotFound("admin_not_found", "There is no such admin; `admin list` shows them.")
    return admin


def admin_by_email(tx: Transaction, email: str) -> Admin:
    """Raises NotFound."""
    admin = tx.one(ADMIN_BY_EMAIL, email=email.strip().lower())
    if admin is None:
        raise NotFound("admin_not_found", "There is no such admin; `admin list` shows them.")
    return admin


def checked_email(email: str) -> str:
    """In small letters. Raises Invalid."""
    email = email.strip().lower()
    if (
        not re.fullmatch(r"[^\s@<>\"]{1,64}@(?=[^@]{1,189}$)[^\s@<>\".]+(\.[^\s@<>\".]+)+", email)
        or not email.isprintable()
    ):
        raise Invalid("admin_email", "An admin's email looks like sari@example.com.")
    return email


def checked_name(name: str) -> str:
    """Without spaces around it. Raises Invalid."""
    name = " ".join(name.split())
    if not name.isprintable():
        raise Invalid("name_text", "A name is one line of what can be seen.")
    if not 1 <= len(name) <= 80:
        raise Invalid("admin_name", "An admin's name has 1 to 80 characters.")
    return name


def checked_role(role: str) -> Role:
    """Raises Invalid."""
    if role not in ROLES:
        raise Invalid("admin_role", f"The role is one of {', '.join(ROLES)}.")
    return next(known for known in ROLES if known == role)


def with_code(admin: Admin, now: datetime) -> tuple[Admin, str]:
    """The admin with a new one-time code, and the code itself; an older one no longer works."""
    code = new_code()
    changed = msgspec.structs.replace(
        admin, code_hash=digest(code), code_until=now + CODE_LASTS, version=admin.version
    )
    return changed, code


def hash_of_code(typed: str) -> str:
    """120 random bits need no slow hash."""
    return digest(read_code(typed))


def check_length(password: str) -> None:
    """Any characters; counted as people count them. Raises Invalid."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid("password_short", "A password has at least 15 characters; several words do.")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid("password_long", "A password has at most 128 characters.")


def own_words(admin: Admin) -> list[str]:
    """What somebody who knows the admin and the product would try first."""
    parts = re.split(r"[\s@._+-]+", f"{admin.name} {admin.email}".lower())
    return [
        *(part for part in parts if len(part) > 2),
        admin.email,
        "payment", "service", "payment service", "paymentservice", "pakasir", "qris", "tagihan",
        "langganan", "pembayaran", "dashboard", "bukubengkel", "rahasia", "katasandi",
    ]  # fmt: skip
