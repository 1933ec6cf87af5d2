"""The operator's commands; `payment-service --help` lists them."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from payment_service.cli.log import configure_log
from payment_service.kit.errors import CannotStart, Refusal

COMMANDS = {
    "serve": "server",
    "worker": "worker",
    "run-billing": "billing",
    "migrate": "schema",
    "app": "apps",
    "gateway": "gateways",
    "plan": "plans",
    "key": "keys",
    "pass-key": "pass_keys",
    "webhook": "webhooks",
    "admin": "admins",
    "subscription": "subscriptions",
    "invoice": "invoices",
    "credit": "credits",
    "customer": "customers",
    "import": "imports",
    "review": "reviews",
    "alert": "alerts",
    "reconcile": "reconcile",
    "backup": "backup",
    "restore": "restore",
    "doctor": "doctor.command",
    "verify": "verify",
    "rebuild-totals": "totals",
    "test-clock": "test_clock",
    "demo": "demo.command",
    "simulate-pakasir": "simulator",
}
"""Each command and the module under `cli` that has it as `commands`. Loading only the one that
runs saves the short commands the web framework, half a second and 20 MB."""


class Commands(TyperGroup):
    """Loads a command when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        command = typer.main.get_command(module.commands)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


@app.callback()
def payment_service() -> None:
    """Payment Service: subscription billing over QRIS, self-hosted."""


def main() -> None:
    """What an operator does wrong is told in one line, without a traceback."""
    configure_log()
    try:
        app()
    except (CannotStart, Refusal) as error:
        text = error.detail if isinstance(error, Refusal) else str(error)
        sys.stderr.write(f"payment-service: {text}\n")
        sys.exit(1)
