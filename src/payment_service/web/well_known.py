"""`/.well-known/payment-service/keys.json`: the public keys by which access passes are checked."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.signing_key import SIGNING_KEYS, SigningKey, published
from payment_service.resources.passes import key_set_resource
from payment_service.web.access import runtime_of

KEYS_PATH = "/.well-known/payment-service/keys.json"
CACHED = "public, max-age=300"


async def signing_keys(request: Request) -> Response:
    """A JWK set, for anybody."""
    runtime = runtime_of(request)
    keys = published(await runtime.db.read(_keys), runtime.clock.now())
    return Response(
        msgspec.json.encode(key_set_resource(keys)),
        media_type="application/jwk-set+json",
        headers={"Cache-Control": CACHED},
    )


def _keys(tx: Transaction) -> list[SigningKey]:
    return tx.all(SIGNING_KEYS)
