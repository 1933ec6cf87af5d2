"""The service as it is served, in a process of its own: a test app, a live one, their gateway.

`python -m tests.contract.served DATABASE_URL FOLDER` prints where it is and serves until its input
ends.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from payment_service.actions.create_key import create_key
from payment_service.actions.register_app import Registration
from payment_service.kit.clock import SystemClock
from payment_service.kit.database import open_database
from payment_service.kit.serving import run
from payment_service.outside.pakasir_settings import PakasirSettings
from payment_service.web.key_limits import KeyLimits
from tests.contract.apart import Served
from tests.service import (
    API_KEY,
    NOTICE_SECRET,
    PROJECT,
    Pakasir,
    Service,
    running_pakasir,
    running_service,
)
from tests.story import register


async def main(database_url: str, folder: Path) -> None:
    clock = SystemClock()
    gateways_own = open_database(f"sqlite:///{folder / 'gateway.sqlite3'}")
    async with (
        running_pakasir(gateways_own, clock, sandbox=False) as pakasir,
        running_service(
            database_url, clock, targets=(pakasir.origin.removeprefix("http://"),)
        ) as service,
    ):
        service.web.state.key_limits = KeyLimits(bad_keys=1_000_000)  # a check sends nothing else
        keys = {mode: await key_of(service, mode, pakasir) for mode in ("test", "live")}
        sys.stdout.write(msgspec.json.encode(Served(service.origin, keys)).decode() + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
    await gateways_own.close()


async def key_of(service: Service, mode: str, pakasir: Pakasir) -> str:
    project = PakasirSettings(PROJECT, API_KEY, NOTICE_SECRET, pakasir.origin)
    wanted = Registration(
        name="BukuBengkel", mode=mode, pakasir=project if mode == "live" else None
    )
    app = await register(service, wanted)
    _, secret = await service.runtime.db.write(
        create_key, app.id, "all", ("read", "write", "admin"), service.runtime.clock.now()
    )
    return secret


if __name__ == "__main__":
    run(main(sys.argv[1], Path(sys.argv[2])))
