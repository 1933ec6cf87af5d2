"""Settings from the environment, checked, and the runtime built from them."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator

from payment_service.actions.roll_signing_key import make_first_signing_key
from payment_service.gateways import Gateways
from payment_service.kit.clock import Clock, SystemClock
from payment_service.kit.crypto import SecretBox, fingerprint
from payment_service.kit.database import (
    Database,
    is_there,
    no_database,
    open_database,
    sqlite_path,
    stop_the_process,
)
from payment_service.kit.errors import CannotStart
from payment_service.kit.key_file import make_key, read_keys
from payment_service.kit.machine import MEGABYTE, Machine, host_name
from payment_service.kit.statements import Transaction
from payment_service.migrations import NEWEST, migrate, revision_of
from payment_service.model.backup import made_at
from payment_service.model.fact import FACT, KEY_FINGERPRINT, STATE_FACT
from payment_service.model.signing_key import SIGNING_KEYS, Keyring
from payment_service.outside.addresses import Targets, parse_targets
from payment_service.outside.alert_settings import AlertSettings, alert_channels, mail_to
from payment_service.outside.session import GuardedSession
from payment_service.outside.webhook_client import WebhookClient
from payment_service.resources import Links, PassSigner
from payment_service.runtime import Runtime

PREFIX = "PAYMENT_SERVICE_"


class Settings(AlertSettings):
    """Every setting, each `PAYMENT_SERVICE_` and its name in capitals; see docs/settings.md."""

    model_config = ConfigDict(hide_input_in_errors=True)

    database_url: str = "sqlite:///data/payment-service.sqlite3"
    base_url: str | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 5005
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    private_targets: str = ""
    trusted_proxies: str = "127.0.0.1"
    least_free_mb: Annotated[int, Field(ge=0)] = 500
    backup_folder: Path | None = None
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None

    @field_validator("base_url")
    @classmethod
    def _origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError("give the address that browsers use, like https://bayar.example.com")
        return url.rstrip("/")

    @field_validator("private_targets")
    @classmethod
    def _targets(cls, listed: str) -> str:
        parse_targets(listed)
        return listed

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, listed: str) -> str:
        for proxy in filter(None, (part.strip() for part in listed.split(","))):
            try:
                ip_network(proxy, strict=False)
            except ValueError:
                raise ValueError(f"{proxy!r} is no address; write 127.0.0.1,10.0.0.0/8") from None
        return listed

    @property
    def origin(self) -> str:
        """What the links that are handed out begin with."""
        return self.base_url or f"http://localhost:{self.port}"

    @property
    def targets(self) -> Targets:
        return parse_targets(self.private_targets)

    @cached_property
    def key_path(self) -> Path:
        """Where the key file is: beside a SQLite file, else under ./data."""
        if self.secret_key_file is not None:
            return self.secret_key_file
        if self.database_url.startswith("sqlite"):
            return Path(sqlite_path(self.database_url)).parent / "secret.key"
        return Path("data/secret.key")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises CannotStart with one line that names the setting."""
    names = {PREFIX + name.upper(): name for name in Settings.model_fields}
    given = {names[name]: value for name, value in environ.items() if name in names}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise CannotStart(f"the setting {name} is not usable: {reason}") from None


async def open_runtime(
    settings: Settings,
    *,
    clock: Clock | None = None,
    make_schema: bool | None = None,
    makes_new: bool = True,
    paced: bool = True,
    on_fatal: Callable[[str], None] = stop_the_process,
) -> Runtime:
    """Open the database, bring its schema up to date, find its key. Raises CannotStart.

    SQLite is migrated by whoever opens it; on PostgreSQL only `migrate` does, because other
    processes may be running on the old schema. Without `makes_new` a database must be there: who
    only looks would find an empty one well. Without `paced` a gateway may be asked for any
    number of codes a second: for tests, whose clocks stand still.
    """
    is_file = settings.database_url.startswith("sqlite")
    machine = _machine(settings) if clock is None else None
    clock = clock or SystemClock()
    webhooks = WebhookClient(settings.targets, clock)
    channels = alert_channels(settings, settings.targets, webhooks)
    if not makes_new and not is_there(settings.database_url):
        raise no_database(settings.database_url)
    keys_at_hand(settings)  # one that cannot be read must not leave a new database behind
    db = open_database(settings.database_url, on_fatal=on_fatal)
    try:
        revision = await revision_of(db)
        if revision is not None and revision > NEWEST:
            raise CannotStart(
                f"the database has the schema {revision} of a newer version; install that version"
            )
        if revision is None and is_file and not makes_new:
            raise no_database(settings.database_url)
        if revision != NEWEST:
            if not (make_schema or (make_schema is None and is_file)):
                has = "is empty" if revision is None else f"has the older schema {revision}"
                raise CannotStart(f"the database {has}; run `payment-service migrate`")
            migrate(settings.database_url)
        box = await _open_box(settings, db)
        if not await db.read(lambda tx: tx.all(SIGNING_KEYS)):
            await db.write(make_first_signing_key, box, clock.now())
    except BaseException:
        await db.close()
        raise
    session, token = GuardedSession(settings.targets), settings.metrics_token
    return Runtime(
        db=db,
        clock=clock,
        secrets=box,
        gateway_of=Gateways(db, clock, session, box, settings.origin, paced=paced),
        webhooks=webhooks,
        links=Links(settings.origin, PassSigner(settings.origin, Keyring(box))),
        targets=settings.targets,
        gateway_session=session,
        alert_channels=channels,
        mail_to=mail_to(settings, settings.targets),
        machine=machine,
        metrics_token=None if token is None else token.get_secret_value(),
    )


def _machine(settings: Settings) -> Machine:
    """A SQLite file is one machine's; PostgreSQL may have several, each with a clock of its own."""
    is_file = settings.database_url.startswith("sqlite")
    return Machine(
        "machine" if is_file else host_name(),
        folder=Path(sqlite_path(settings.database_url)).parent if is_file else None,
        key_file=None if settings.secret_key is not None else settings.key_path,
        reserve=settings.least_free_mb * MEGABYTE,
        has_server_clock=not is_file,
        backups=settings.backup_folder,
        made_at=made_at,
    )


async def _open_box(settings: Settings, db: Database) -> SecretBox:
    """The secrets' key. It is made only together with a new database, and never replaced."""
    expected = await db.read(_fact, KEY_FINGERPRINT)
    keys = keys_at_hand(settings)
    if keys is None and expected is None:
        keys = [make_key(settings.key_path)]
    if keys is None:
        raise CannotStart(
            f"the key file {settings.key_path} is missing; restore the one with the fingerprint "
            f"{expected}, without it the stored secrets cannot be read"
        )
    if not keys:
        raise CannotStart(f"the key file {settings.key_path} is empty; restore it")
    box = SecretBox(keys)
    if expected is None:  # of several processes on a new database one states it, all read it back
        await db.write(_state, KEY_FINGERPRINT, box.fingerprint)
        expected = await db.read(_fact, KEY_FINGERPRINT)
    if expected not in {fingerprint(key) for key in keys}:
        raise CannotStart(
            f"this is not the key of this database: it has the fingerprint {box.fingerprint}, "
            f"the database expects {expected}"
        )
    return box


def keys_at_hand(settings: Settings) -> list[str] | None:
    """Of the setting, else of the key file; None where there is neither. Raises CannotStart."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().replace(",", " ").split()
    return read_keys(settings.key_path)


def _fact(tx: Transaction, name: str) -> str | None:
    return tx.one(FACT, name=name)


def _state(tx: Transaction, name: str, value: str) -> None:
    tx.run(STATE_FACT, name=name, value=value)
