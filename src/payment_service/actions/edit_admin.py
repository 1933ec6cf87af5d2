"""Change what an admin may do: another role, out, in again, factors anew. One owner stays."""

import msgspec

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import (
    OWNERS_WHO_MAY_ACT,
    Admin,
    admin_by_id,
    checked_role,
    with_code,
)
from payment_service.model.audit import LOCK_LOG, By, record
from payment_service.model.entrance import END_ENTRANCES
from payment_service.model.passkey import REMOVE_PASSKEYS
from payment_service.model.recovery_code import REMOVE_CODES
from payment_service.model.session import end_sessions


def set_admin_role(
    tx: Transaction, admin_id: str, role: str, by: By, *, was: str | None = None
) -> Admin:
    """`was` is the role that whoever asks has seen. Raises Conflict when it is another by now."""
    wanted = checked_role(role)
    tx.run(LOCK_LOG)  # before the owners are counted: of two who demote each other one is refused
    admin = admin_by_id(tx, admin_id)
    if was is not None and admin.role != was:
        raise Conflict("admin_changed", "Their role was changed meanwhile.", id=admin.id)
    if admin.role == wanted:
        return admin
    _not_the_last_owner(tx, admin)
    record(tx, by, None, "admin.set_role", admin.id, before=admin.role, after=wanted)
    return save(tx, admin, msgspec.structs.replace(admin, role=wanted))


def disable_admin(tx: Transaction, admin_id: str, by: By) -> Admin:
    """They are out with their next request. Raises Conflict when they are already."""
    tx.run(LOCK_LOG)
    admin = admin_by_id(tx, admin_id)
    if admin.disabled_at is not None:
        raise Conflict("admin_disabled", "They are disabled already.", id=admin.id)
    _not_the_last_owner(tx, admin)
    record(tx, by, None, "admin.disable", admin.id)
    _shut_out(tx, admin, by)
    return save(
        tx,
        admin,
        msgspec.structs.replace(admin, disabled_at=by.at, code_hash=None, code_until=None),
    )


def enable_admin(tx: Transaction, admin_id: str, by: By) -> Admin:
    """With the password and the factors that they had. Raises Conflict when they are not out."""
    admin = admin_by_id(tx, admin_id)
    if admin.disabled_at is None:
        raise Conflict("admin_enabled", "They are not disabled.", id=admin.id)
    record(tx, by, None, "admin.enable", admin.id)
    return save(tx, admin, msgspec.structs.replace(admin, disabled_at=None))


def reset_factors(tx: Transaction, admin_id: str, by: By) -> tuple[Admin, str]:
    """Password and factors are gone; the code, told this once, leads to new ones."""
    admin = admin_by_id(tx, admin_id)
    if admin.disabled_at is not None:
        raise Conflict("admin_disabled", "They are disabled; `admin enable` first.", id=admin.id)
    record(tx, by, None, "admin.reset_factors", admin.id)
    _shut_out(tx, admin, by)
    tx.run(REMOVE_PASSKEYS, admin_id=admin.id)
    tx.run(REMOVE_CODES, admin_id=admin.id)
    changed, code = with_code(admin, by.at)
    changed = msgspec.structs.replace(changed, password_hash=None, totp_seed=None)
    return save(tx, admin, changed), code


def _shut_out(tx: Transaction, admin: Admin, by: By) -> None:
    end_sessions(tx, admin.id, by.at)
    tx.run(END_ENTRANCES, admin_id=admin.id)


def _not_the_last_owner(tx: Transaction, admin: Admin) -> None:
    is_owner = admin.role == "owner" and admin.disabled_at is None
    if is_owner and (tx.one(OWNERS_WHO_MAY_ACT) or 0) <= 1:
        raise Conflict("last_owner", "This is the last owner; make another one first.", id=admin.id)
