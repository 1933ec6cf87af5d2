"""The keys that sign access passes, of all apps: which signs, which are published, a new one."""

import msgspec
from starlette.responses import Response

from payment_service.actions.roll_signing_key import roll_signing_key
from payment_service.kit.statements import Transaction
from payment_service.model.signing_key import SIGNING_KEYS, SigningKey, published, signing
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.well_known import KEYS_PATH


class PassKey(msgspec.Struct, frozen=True):
    """`state` is `signs`, `waits` for its hour, `published`, `over` or `withdrawn`."""

    key: SigningKey
    state: str


async def show_pass_keys(ask: Ask) -> Response:
    rows = await ask.read(_pass_keys, ask)
    address = f"{ask.runtime.links.base_url}{KEYS_PATH}"
    return ask.page("apps/pass_keys.html", rows=rows, address=address)


async def roll_pass_key(ask: Ask) -> Response:
    """Raises Conflict while another new key waits for its hour."""
    await ask.write(roll_signing_key, ask.runtime.secrets, by=ask.by(ask.text("reason")))
    return ask.go(f"{PREFIX}/pass-keys", "pass_key_rolled")


async def withdraw_pass_keys(ask: Ask) -> Response:
    by = ask.by(ask.text("reason"))
    await ask.write(roll_signing_key, ask.runtime.secrets, compromised=True, by=by)
    return ask.go(f"{PREFIX}/pass-keys", "pass_keys_withdrawn")


def _pass_keys(tx: Transaction, ask: Ask) -> list[PassKey]:
    keys = tx.all(SIGNING_KEYS)
    told, signs = published(keys, ask.now), signing(keys, ask.now)

    def state(key: SigningKey) -> str:
        if key == signs:
            return "signs"
        if key.withdrawn_at is not None:
            return "withdrawn"
        if key.signs_from > ask.now:
            return "waits"
        return "published" if key in told else "over"

    return [PassKey(key, state(key)) for key in reversed(keys)]
