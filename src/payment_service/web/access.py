"""Who is asking: the app behind an API key, and what the key may do."""

from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from fastapi import Depends
from starlette.requests import Request

from payment_service.kit.errors import Forbidden, Unauthorized
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.audit import By
from payment_service.model.key import (
    TOUCH_KEY,
    ApiKey,
    Scope,
    app_and_key,
    hash_of,
    status_of,
    usable,
    well_formed,
)
from payment_service.runtime import Runtime, now_of
from payment_service.web.key_limits import KeyLimits
from payment_service.web.visits import Visit, visit_of

TOUCH_EVERY = timedelta(minutes=1)


class Access(NamedTuple):
    """A request that is let in."""

    runtime: Runtime
    app: App
    key: ApiKey
    visit: Visit

    @property
    def now(self) -> datetime:
        """What the app's own clock shows."""
        return now_of(self.runtime, self.app)

    def by(self, reason: str) -> By:
        """Whom the audit log names for an admin's deed."""
        return By(self.key.id, reason, self.runtime.clock.now())


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


class Needs:
    """What a handler asks for: an access with this scope. Its route lets the request in before
    anything of it is read, and hands the access over."""

    def __init__(self, scope: Scope) -> None:
        self.scope: Scope = scope

    def __call__(self) -> Access:
        raise TypeError("an access comes from the route")


Reader = Annotated[Access, Depends(Needs("read"))]
Writer = Annotated[Access, Depends(Needs("write"))]
Admin = Annotated[Access, Depends(Needs("admin"))]


async def let_in(request: Request, scope: Scope) -> Access:
    """The access, counted among its key's requests. Unknown, revoked and expired keys are told the
    same; a string that cannot be a key costs no query."""
    runtime = runtime_of(request)
    limits: KeyLimits = request.app.state.key_limits
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise Unauthorized(
            "missing_key", "Send the app's API key: Authorization: Bearer psk_test_…"
        )
    if not well_formed(secret):
        raise limits.was_bad(request, "malformed", "", _not_valid())
    key_hash = hash_of(secret)
    limits.check_address(request, key_hash)
    found = await runtime.db.recall(app_and_key, key_hash)
    now = runtime.clock.now()
    if found is None:
        raise limits.was_bad(request, "unknown", secret[:12], _not_valid())
    app, key = found
    if not usable(key, now):
        raise limits.was_bad(request, status_of(key, now), key.id, _not_valid())
    limits.was_good(key_hash)
    limits.enter(request, app, key)
    if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
        await runtime.db.write(_touch, key.id, now)
    if scope not in key.scopes:
        raise Forbidden("scope_missing", f"This key may not do that; it needs the scope “{scope}”.")
    return Access(runtime, app, key, visit_of(request.scope))


def _touch(tx: Transaction, key_id: str, now: datetime) -> None:
    tx.run(TOUCH_KEY, id=key_id, now=now, until=now - TOUCH_EVERY)


def _not_valid() -> Unauthorized:
    return Unauthorized(
        "invalid_key",
        "This API key is not valid: mistyped, ended, or of another installation. Ask the owner for "
        "a new one; the dashboard and `payment-service key create` make one.",
    )
