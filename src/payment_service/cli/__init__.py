"""The operator's commands; `payment-service --help` lists them."""

import sys

import structlog
import typer

from payment_service.cli import apps, keys, plans, server
from payment_service.cli.demo.command import demo
from payment_service.cli.output import fail
from payment_service.kit.errors import CannotStart, Refusal

app = typer.Typer(
    name="payment-service",
    help="Payment Service: subscription billing over QRIS, self-hosted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(apps.commands, name="app")
app.add_typer(plans.commands, name="plan")
app.add_typer(keys.commands, name="key")
app.command("serve")(server.serve)
app.command("migrate")(server.migrate_schema)
app.command("demo")(demo)
app.command("simulate-pakasir")(server.simulate_pakasir)


def main() -> None:
    """What an operator does wrong is told in one line, without a traceback."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    try:
        app()
    except (CannotStart, Refusal) as error:
        fail(error)
