"""`payment-service worker`"""

import typer

from payment_service.cli.output import say
from payment_service.config import open_runtime, read_settings
from payment_service.kit.serving import run, told_to_stop
from payment_service.worker import Worker

commands = typer.Typer(add_completion=False)


@commands.command()
def worker() -> None:
    """Run only the worker, beside `serve --no-worker`, until SIGTERM or Ctrl-C.

    Several may run on one PostgreSQL. Example: payment-service worker
    """
    run(_work())


async def _work() -> None:
    runtime = await open_runtime(read_settings())
    worker = Worker(runtime)
    try:
        with told_to_stop(worker.stop):
            say("the worker is running")
            await worker.run()
    finally:
        await runtime.close()
