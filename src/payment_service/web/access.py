"""Who is asking: the app behind an API key, and what the key may do."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import Depends
from starlette.requests import Request

from payment_service.kit.errors import Forbidden, Unauthorized
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.audit import By
from payment_service.model.key import (
    APP_BY_KEY_HASH,
    KEY_BY_HASH,
    TOUCH_KEY,
    ApiKey,
    Scope,
    hash_of,
    usable,
    well_formed,
)
from payment_service.runtime import Runtime, now_of

TOUCH_EVERY = timedelta(minutes=1)


class Access(NamedTuple):
    """A request that is let in."""

    runtime: Runtime
    app: App
    key: ApiKey

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


def with_scope(scope: Scope) -> Callable[[Request], Coroutine[Any, Any, Access]]:
    """Lets in requests whose key has this scope."""

    async def check(request: Request) -> Access:
        runtime = runtime_of(request)
        app, key = await authenticate(runtime, request.headers.get("authorization", ""))
        if scope not in key.scopes:
            raise Forbidden(
                "scope_missing", f"This key may not do that; it needs the scope “{scope}”."
            )
        return Access(runtime, app, key)

    return check


Reader = Annotated[Access, Depends(with_scope("read"))]
Writer = Annotated[Access, Depends(with_scope("write"))]
Admin = Annotated[Access, Depends(with_scope("admin"))]


async def authenticate(runtime: Runtime, header: str) -> tuple[App, ApiKey]:
    """The app and the key. Unknown, revoked and expired keys are told the same.

    A string that cannot be a key costs no query.
    """
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise Unauthorized(
            "missing_key", "Send the app's API key: Authorization: Bearer psk_test_…"
        )
    if not well_formed(secret):
        raise _unknown()
    found = await runtime.db.read(_find, hash_of(secret))
    now = runtime.clock.now()
    if found is None or not usable(found[1], now):
        raise _unknown()
    app, key = found
    if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
        await runtime.db.write(_touch, key.id, now)
    return app, key


def _find(tx: Transaction, key_hash: str) -> tuple[App, ApiKey] | None:
    key = tx.one(KEY_BY_HASH, hash=key_hash)
    app = tx.one(APP_BY_KEY_HASH, hash=key_hash) if key is not None else None
    return (app, key) if key is not None and app is not None else None


def _touch(tx: Transaction, key_id: str, now: Any) -> None:
    tx.run(TOUCH_KEY, id=key_id, now=now)


def _unknown() -> Unauthorized:
    return Unauthorized(
        "invalid_key", "This API key is not valid; make one with `payment-service key create`."
    )
