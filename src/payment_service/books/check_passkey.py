"""Check what a passkey signed, before any transaction; then, in it, that it counts once."""

import asyncio
from datetime import datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import msgspec

from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import Admin
from payment_service.model.passkey import (
    PASSKEY_BY_CREDENTIAL,
    NewPasskey,
    Passkey,
    is_ours,
    new_challenge,
)
from payment_service.model.spent import spend
from payment_service.runtime import Runtime


class Signed(msgspec.Struct, frozen=True):
    """A signature that holds; `uses` is what the passkey counts now."""

    passkey: Passkey
    challenge: str
    uses: int


async def passkeys_library() -> Any:
    """10 MB and a fifth of a second, which nobody needs who only bills."""
    return await asyncio.to_thread(import_module, "payment_service.kit.passkeys")


def own_origin(runtime: Runtime) -> tuple[str, str]:
    """What passkeys are bound to: the origin, and its host."""
    parts = urlsplit(runtime.links.base_url)
    return f"{parts.scheme}://{parts.netloc}", parts.hostname or ""


async def check_passkey(runtime: Runtime, answer: str, purpose: str) -> Signed | None:
    """None for any answer that is not a fresh signature, for this purpose, of a passkey we know."""
    library = await passkeys_library()
    credential_id, challenge = library.said(answer)
    if not is_ours(runtime.secrets, challenge, purpose, runtime.clock.now()):
        return None
    passkey = await runtime.db.read(_passkey, credential_id)
    if passkey is None:
        return None
    uses = library.used(answer, challenge, *own_origin(runtime), passkey.public_key, passkey.uses)
    return None if uses is None else Signed(passkey, challenge, uses)


async def options_to_use(runtime: Runtime, purpose: str, known: list[Passkey]) -> str:
    """JSON for the browser, with a fresh challenge."""
    library = await passkeys_library()
    challenge = new_challenge(runtime.secrets, purpose, runtime.clock.now())
    ids = [passkey.credential_id for passkey in known]
    options: str = library.options_to_use(own_origin(runtime)[1], challenge, ids)
    return options


async def options_to_create(runtime: Runtime, admin: Admin, known: list[Passkey]) -> str:
    """JSON for the browser, with a fresh challenge."""
    library = await passkeys_library()
    challenge = new_challenge(runtime.secrets, f"add {admin.id}", runtime.clock.now())
    ids = [passkey.credential_id for passkey in known]
    options: str = library.options_to_create(
        own_origin(runtime)[1], admin.id, admin.email, admin.name, challenge, ids
    )
    return options


async def check_new_passkey(runtime: Runtime, answer: str, admin_id: str) -> NewPasskey:
    """What the browser made for this admin. Raises Invalid for anything else."""
    library = await passkeys_library()
    _, challenge = library.said(answer)
    made: tuple[str, str, int] | None = None
    if is_ours(runtime.secrets, challenge, f"add {admin_id}", runtime.clock.now()):
        made = library.created(answer, challenge, *own_origin(runtime))
    if made is None:
        raise Invalid("passkey_refused", "The browser made no passkey; try once more.")
    return NewPasskey(*made, challenge)


def count_use(tx: Transaction, signed: Signed, now: datetime) -> bool:
    """Whether this signature had not been used before; from now on it has."""
    passkey = tx.one(PASSKEY_BY_CREDENTIAL, credential_id=signed.passkey.credential_id)
    if passkey is None or not spend(tx, signed.challenge, now):
        return False
    save(tx, passkey, msgspec.structs.replace(passkey, uses=signed.uses, used_at=now))
    return True


def _passkey(tx: Transaction, credential_id: str) -> Passkey | None:
    return tx.one(PASSKEY_BY_CREDENTIAL, credential_id=credential_id)
