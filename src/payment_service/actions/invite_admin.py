"""Invite an admin: they get a one-time code, which opens nothing but their first sign-in."""

from datetime import datetime

import msgspec

from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.admin import (
    ADMIN_BY_EMAIL,
    OWNERS_WHO_MAY_ACT,
    Admin,
    admin_by_id,
    checked_email,
    checked_name,
    checked_role,
    with_code,
)
from payment_service.model.audit import By, record


def create_owner(tx: Transaction, name: str, email: str, by: By) -> tuple[Admin, str]:
    """The first admin and their code. Raises Conflict where there is an owner."""
    if tx.one(OWNERS_WHO_MAY_ACT):
        raise Conflict(
            "owner_exists",
            "There is an owner already; `admin invite` adds more, `admin reset-factors` helps one "
            "who cannot get in.",
        )
    return invite_admin(tx, name, email, "owner", by)


def invite_admin(tx: Transaction, name: str, email: str, role: str, by: By) -> tuple[Admin, str]:
    """The admin and the code, which is told this once. Raises Invalid and Conflict."""
    email = checked_email(email)
    if tx.one(ADMIN_BY_EMAIL, email=email) is not None:
        raise Conflict("admin_email_taken", "There is an admin with this email already.")
    admin, code = with_code(_invited(checked_name(name), email, role, by.at), by.at)
    record(tx, by, None, "admin.invite", admin.id, role=admin.role)
    add(tx, admin)
    return admin, code


def renew_invitation(tx: Transaction, admin_id: str, by: By) -> tuple[Admin, str]:
    """Another code for who has not signed in yet. Raises Conflict where they have."""
    admin = admin_by_id(tx, admin_id)
    if admin.signed_in_at is not None or admin.disabled_at is not None:
        raise Conflict(
            "admin_has_signed_in",
            "They have signed in before; on the server `admin reset-factors` gives them a code.",
        )
    changed, code = with_code(admin, by.at)
    record(tx, by, None, "admin.invite_again", admin.id)
    return save(tx, admin, msgspec.structs.replace(changed, password_hash=None)), code


def _invited(name: str, email: str, role: str, now: datetime) -> Admin:
    return Admin(
        id=new_id("adm", now),
        name=name,
        email=email,
        role=checked_role(role),
        password_hash=None,
        totp_seed=None,
        totp_step=0,
        code_hash=None,
        code_until=None,
        signed_in_at=None,
        disabled_at=None,
        created_at=now,
        version=1,
    )
