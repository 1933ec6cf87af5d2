"""The commands that keep running: the service itself and the simulator; and `migrate`."""

import asyncio
import gc
import sys
from typing import Annotated

import typer

from payment_service.cli.secret_options import read_secret
from payment_service.config import Settings, open_runtime, read_settings
from payment_service.kit.serving import address_of, listening, serve_until_stopped
from payment_service.outside.simulator.server import serve_simulator
from payment_service.outside.simulator.settings import SimulatorSettings
from payment_service.web.app import web_app
from payment_service.worker import Worker


def serve(
    port: Annotated[int | None, typer.Option(help="Else PAYMENT_SERVICE_PORT, 5005.")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only answer requests; the worker runs elsewhere.")
    ] = False,
) -> None:
    """Run the service: web and worker in one process, until SIGTERM or Ctrl-C.

    Example: payment-service serve --port 5005
    """
    settings = read_settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    asyncio.run(_serve(settings, with_worker=not no_worker))


async def _serve(settings: Settings, *, with_worker: bool) -> None:
    with listening(settings.host, settings.port) as door:
        runtime = await open_runtime(settings)
        app = web_app(runtime)
        worker = Worker(runtime)
        working = asyncio.create_task(worker.run()) if with_worker else None
        # What is here now stays for good: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        try:
            _say(f"listening on {address_of(door)}")
            await serve_until_stopped(
                app,
                door,
                proxy_headers=True,
                forwarded_allow_ips=settings.trusted_proxies,
                server_header=False,
                timeout_graceful_shutdown=20,
            )
        finally:
            worker.stop()
            if working is not None:
                await working
            await runtime.close()


def migrate_schema() -> None:
    """Create the database or bring its schema to this version, and make a new one's key file.

    Example: PAYMENT_SERVICE_DATABASE_URL=postgresql://… payment-service migrate
    """

    async def run() -> None:
        runtime = await open_runtime(read_settings(), make_schema=True)
        await runtime.close()

    asyncio.run(run())
    _say("the schema is up to date")


def simulate_pakasir(
    project: Annotated[str, typer.Option(help="The project's slug.")],
    api_key: Annotated[
        str,
        typer.Option(help="- , @file or the key.", envvar="PAYMENT_SERVICE_PAKASIR_API_KEY"),
    ],
    webhook_url: Annotated[str, typer.Option(help="Where its notices go.")],
    webhook_secret: Annotated[
        str,
        typer.Option(
            help="- , @file or the secret.", envvar="PAYMENT_SERVICE_PAKASIR_WEBHOOK_SECRET"
        ),
    ],
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 5006,
) -> None:
    """Run a Pakasir look-alike that no money goes through.

    Example: payment-service simulate-pakasir --port 5006 --project demo --api-key @key
    --webhook-url http://127.0.0.1:5005/gateway/pakasir/app_… --webhook-secret @secret
    """
    settings = SimulatorSettings(
        project=project,
        api_key=read_secret(api_key) or "",
        webhook_url=webhook_url,
        webhook_secret=read_secret(webhook_secret) or "",
    )
    asyncio.run(
        serve_simulator(
            settings,
            port,
            on_ready=lambda address: _say(f"simulator on {address}"),
        )
    )


def _say(text: str) -> None:
    sys.stderr.write(f"payment-service: {text}\n")
    sys.stderr.flush()
