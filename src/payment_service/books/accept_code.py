"""Accept what an admin types as the second factor: six digits of the app, or a recovery code."""

from datetime import datetime
from typing import Literal

import msgspec

from payment_service.kit import totp
from payment_service.kit.crypto import SecretBox
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import Admin
from payment_service.model.recovery_code import use_code

Factor = Literal["authenticator code", "recovery code", "passkey"]


def accept_code(
    tx: Transaction, admin: Admin, typed: str, box: SecretBox, now: datetime
) -> Factor | None:
    """Which of the two it was, None when it is neither; either counts once. The admin is locked."""
    if admin.totp_seed is not None:
        step = totp.step_of(box.open(admin.totp_seed), typed, now, admin.totp_step)
        if step is not None:
            save(tx, admin, msgspec.structs.replace(admin, totp_step=step))
            return "authenticator code"
    return "recovery code" if use_code(tx, admin.id, typed, now) else None
