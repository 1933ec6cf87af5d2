"""`payment-service worker`"""

import asyncio
from importlib import import_module
from typing import Annotated

import typer

from payment_service.cli.output import say
from payment_service.cli.starting import started
from payment_service.config import read_settings
from payment_service.kit.door import listening
from payment_service.kit.serving import run, serve_until_stopped, told_to_stop
from payment_service.runtime import Runtime
from payment_service.worker import Worker

commands = typer.Typer(add_completion=False)


@commands.command()
def worker(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Answer /metrics and /healthz there."),
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address of that port; other machines need the token.")
    ] = "127.0.0.1",
) -> None:
    """Run only the worker, beside `serve --no-worker`, until SIGTERM or Ctrl-C.

    Several may run on one PostgreSQL. Example: payment-service worker --port 5006
    """
    run(_work(host, port))


async def _work(host: str, port: int | None) -> None:
    async with started(read_settings()) as runtime:
        worker = Worker(runtime)
        if port is not None:
            await _answering(host, port, runtime, worker)
            return
        with told_to_stop(worker.stop):
            say("the worker is running")
            await worker.run()


async def _answering(host: str, port: int, runtime: Runtime, worker: Worker) -> None:
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        worker.stop()

    # Loaded only here: a worker that answers nobody does without.
    app = import_module("payment_service.web.beside_worker").worker_app(runtime, stopping)
    with listening(host, port) as door:
        working = asyncio.create_task(worker.run())
        try:
            say(f"the worker is running, and tells of itself on port {port}")
            await serve_until_stopped(app, door, on_stop=stop, lifespan="off")
        finally:
            stop()
            await working
