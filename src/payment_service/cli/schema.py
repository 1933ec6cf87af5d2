"""`payment-service migrate`"""

import asyncio

import typer

from payment_service.cli.output import say
from payment_service.config import open_runtime, read_settings

commands = typer.Typer(add_completion=False)


@commands.command()
def migrate() -> None:
    """Create the database or bring its schema to this version, and make a new one's key file.

    Example: PAYMENT_SERVICE_DATABASE_URL=postgresql://… payment-service migrate
    """

    async def run() -> None:
        runtime = await open_runtime(read_settings(), make_schema=True)
        await runtime.close()

    asyncio.run(run())
    say("the schema is up to date")
