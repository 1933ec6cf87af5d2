"""`payment-service migrate`"""

import asyncio

import typer

from payment_service.cli.output import say
from payment_service.config import keys_at_hand, open_runtime, read_settings

commands = typer.Typer(add_completion=False)


@commands.command()
def migrate() -> None:
    """Create the database or bring its schema to this version, and make a new one's key file.

    Example: PAYMENT_SERVICE_DATABASE_URL=postgresql://… payment-service migrate
    """

    async def run() -> None:
        runtime = await open_runtime(settings, make_schema=True)
        await runtime.close()

    settings = read_settings()
    had_key = keys_at_hand(settings) is not None
    asyncio.run(run())
    if not had_key:
        say(
            f"the key of the stored secrets was made in {settings.key_path.absolute()}; keep a "
            "copy of it elsewhere, since without it no stored secret can be read"
        )
    say("the schema is up to date")
