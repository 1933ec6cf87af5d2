"""Give an admin a second factor, or another set of recovery codes."""

from datetime import datetime

import msgspec

from payment_service.kit import totp
from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.ids import new_id
from payment_service.kit.passwords import Passwords
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.admin import Admin, admin_by_id, check_length, own_words
from payment_service.model.passkey import PASSKEY_BY_CREDENTIAL, PASSKEYS_OF, NewPasskey, Passkey
from payment_service.model.spent import spend

MOST_PASSKEYS = 10
STRONG = 3


async def hash_of_new(passwords: Passwords, admin: Admin, password: str) -> str:
    """The hash of a password that is long enough and hard to guess. Raises Invalid."""
    check_length(password)
    if await passwords.score(password, own_words(admin)) < STRONG:
        raise Invalid(
            "password_weak", "This password is easily guessed; take four or more unrelated words."
        )
    return await passwords.hash(password)


def set_totp(
    tx: Transaction, admin_id: str, seed: str, code: str, box: SecretBox, now: datetime
) -> Admin:
    """Take the app's seed, once the app has shown that it has it. Raises Invalid."""
    admin = admin_by_id(tx, admin_id)
    step = totp.step_of(seed, code, now, 0)
    if step is None:
        raise Invalid("totp_code", "The code does not fit; type the one that the app shows now.")
    return save(tx, admin, msgspec.structs.replace(admin, totp_seed=box.seal(seed), totp_step=step))


def add_passkey(
    tx: Transaction, admin_id: str, made: NewPasskey, name: str, now: datetime
) -> Passkey:
    """Raises Conflict when it is somebody's already, or they have ten."""
    known = tx.one(PASSKEY_BY_CREDENTIAL, credential_id=made.credential_id)
    if known is not None or not spend(tx, made.challenge, now):
        raise Conflict("passkey_known", "This passkey is here already.")
    if len(tx.all(PASSKEYS_OF, admin_id=admin_id)) >= MOST_PASSKEYS:
        raise Conflict("passkeys_enough", "Ten passkeys are enough; remove one first.")
    passkey = Passkey(
        id=new_id("fac", now),
        admin_id=admin_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        uses=made.uses,
        name=" ".join(name.split())[:80] or "Passkey",
        created_at=now,
        used_at=None,
        version=1,
    )
    add(tx, passkey)
    return passkey
