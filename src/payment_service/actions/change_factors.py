"""Change the second factors of an admin who is signed in; their other sessions end."""

import msgspec

from payment_service.books import set_factor
from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict, NotFound
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import admin_by_id
from payment_service.model.audit import By, record
from payment_service.model.passkey import PASSKEYS_OF, REMOVE_PASSKEY, NewPasskey, Passkey
from payment_service.model.recovery_code import renew_codes
from payment_service.model.session import Session, end_sessions


def set_totp(
    tx: Transaction, session: Session, seed: str, code: str, box: SecretBox, by: By
) -> None:
    """An app that was set up before no longer counts. Raises Invalid when the code does not fit."""
    set_factor.set_totp(tx, session.admin_id, seed, code, box, by.at)
    record(tx, by, None, "factor.totp_set", session.admin_id)
    _end_others(tx, session, by)


def remove_totp(tx: Transaction, session: Session, by: By) -> None:
    """Raises Conflict when it is the only factor."""
    admin = admin_by_id(tx, session.admin_id)
    if not tx.all(PASSKEYS_OF, admin_id=admin.id):
        raise _last()
    record(tx, by, None, "factor.totp_removed", admin.id)
    save(tx, admin, msgspec.structs.replace(admin, totp_seed=None))
    _end_others(tx, session, by)


def add_passkey(tx: Transaction, session: Session, made: NewPasskey, name: str, by: By) -> Passkey:
    """Raises Conflict when it is known, or there are ten."""
    passkey = set_factor.add_passkey(tx, session.admin_id, made, name, by.at)
    record(tx, by, None, "factor.passkey_added", session.admin_id, passkey=passkey.id)
    _end_others(tx, session, by)
    return passkey


def remove_passkey(tx: Transaction, session: Session, passkey_id: str, by: By) -> None:
    """Raises Conflict when it is the only factor, NotFound when it is not one of theirs."""
    admin = admin_by_id(tx, session.admin_id)
    known = tx.all(PASSKEYS_OF, admin_id=admin.id)
    if all(passkey.id != passkey_id for passkey in known):
        raise NotFound("passkey_not_found", "This passkey has been removed already.")
    if len(known) == 1 and admin.totp_seed is None:
        raise _last()
    tx.run(REMOVE_PASSKEY, id=passkey_id, admin_id=admin.id)
    record(tx, by, None, "factor.passkey_removed", admin.id, passkey=passkey_id)
    _end_others(tx, session, by)


def renew_recovery_codes(tx: Transaction, session: Session, by: By) -> list[str]:
    """Ten new ones, shown this once."""
    codes = renew_codes(tx, session.admin_id)
    record(tx, by, None, "factor.recovery_codes_renewed", session.admin_id)
    _end_others(tx, session, by)
    return codes


def _end_others(tx: Transaction, session: Session, by: By) -> None:
    end_sessions(tx, session.admin_id, by.at, but=session.id)


def _last() -> Conflict:
    return Conflict("last_factor", "This is the only second factor; set up another one first.")
