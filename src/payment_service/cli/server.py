"""`payment-service serve`"""

import asyncio
from socket import socket
from typing import Annotated

import typer

from payment_service.cli.output import say
from payment_service.cli.starting import started
from payment_service.config import Settings, read_settings
from payment_service.kit.collector import spare_what_is_here
from payment_service.kit.door import address_of, listening
from payment_service.kit.serving import run, serve_until_stopped
from payment_service.runtime import Runtime
from payment_service.web.app import web_app
from payment_service.worker import Worker

commands = typer.Typer(add_completion=False)


@commands.command()
def serve(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Else PAYMENT_SERVICE_PORT, 5005.")
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only answer requests; `worker` runs elsewhere.")
    ] = False,
) -> None:
    """Run the service: web and worker in one process, until SIGTERM or Ctrl-C.

    Example: payment-service serve --port 5005
    """
    settings = read_settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    run(_serve(settings, with_worker=not no_worker))


async def _serve(settings: Settings, *, with_worker: bool) -> None:
    with listening(settings.host, settings.port) as door:
        async with started(settings) as runtime:
            await _serve_on(door, runtime, settings, with_worker=with_worker)


async def _serve_on(
    door: socket, runtime: Runtime, settings: Settings, *, with_worker: bool
) -> None:
    app = web_app(runtime)
    if runtime.machine is not None:
        runtime.machine.roles.add("service")
    worker = Worker(runtime, only_watches=not with_worker)
    working = asyncio.create_task(worker.run())

    def stop() -> None:
        """Nothing new is begun from here on, whatever requests still take."""
        app.state.stopping.set()
        worker.stop()

    spare_what_is_here()
    try:
        say(f"listening on {address_of(door)}")
        await serve_until_stopped(
            app,
            door,
            on_stop=stop,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            server_header=False,
            timeout_graceful_shutdown=20,
        )
    finally:
        worker.stop()
        await working
