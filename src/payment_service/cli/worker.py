"""`payment-service worker`"""

import typer

from payment_service.cli.output import say
from payment_service.cli.starting import started
from payment_service.config import read_settings
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
    async with started(read_settings()) as runtime:
        worker = Worker(runtime)
        with told_to_stop(worker.stop):
            say("the worker is running")
            await worker.run()
