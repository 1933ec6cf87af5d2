"""A pass is checked by libraries that nobody here wrote, as a developer would do first."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from tests.clients.node import PACKAGES, node, run
from tests.story import Story, Tenant

KEYS = "/.well-known/payment-service/keys.json"


async def fresh(story: Story) -> tuple[Tenant, str]:
    story.clock.set(datetime.now(UTC))  # they go by the machine's time
    tenant = await story.subscribe("tenant-42", "gratis")
    told = await tenant.app.asks("GET", f"/v1/subscriptions/{tenant.id}/pass")
    return tenant, str(told.json["pass"])


def swapped(token: str) -> str:
    """The same with a claim changed in one letter."""
    header, body, signature = token.split(".")
    return f"{header}.{body[:-6]}{'A' if body[-6] != 'A' else 'B'}{body[-5:]}.{signature}"


async def test_pyjwt_takes_it_and_refuses_another(story: Story) -> None:
    tenant, token = await fresh(story)
    client = jwt.PyJWKClient(story.service.origin + KEYS)
    key = await asyncio.to_thread(client.get_signing_key_from_jwt, token)
    asked: Any = {"algorithms": ["EdDSA"], "audience": tenant.app.id}
    asked["issuer"] = story.service.origin
    assert jwt.decode(token, key, **asked)["access"] is True
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(swapped(token), key, **asked)
    with pytest.raises(jwt.InvalidAudienceError):  # who forgets to name his app is reminded
        jwt.decode(token, key, algorithms=["EdDSA"])


async def test_jose_takes_it_and_refuses_another(story: Story) -> None:
    tenant, token = await fresh(story)
    script = PACKAGES.parent / "jose_pass.mjs"
    asked = (story.service.origin, tenant.app.id, token, swapped(token))
    good, changed = json.loads(await run(node(), script, *asked))
    assert (good["sub"], good["access"]) == ("tenant-42", True)
    assert changed == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    (other,) = json.loads(await run(node(), script, story.service.origin, "app_2", token))
    assert other == "ERR_JWT_CLAIM_VALIDATION_FAILED"
