"""`payment-service admin …`"""

from typing import Annotated, Any

import typer

from payment_service.actions.edit_admin import (
    disable_admin,
    enable_admin,
    reset_factors,
    set_admin_role,
)
from payment_service.actions.end_sessions import end_sessions
from payment_service.actions.invite_admin import create_owner, invite_admin
from payment_service.cli import work
from payment_service.cli.output import AsJson, say, show, show_list
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMINS, CODE_LASTS, Admin, admin_by_email
from payment_service.runtime import Runtime

commands = typer.Typer(help="Who runs the dashboard.", no_args_is_help=True, add_completion=False)
Email = Annotated[str, typer.Argument(help="What they sign in with.")]
NewEmail = Annotated[str, typer.Option("--email", help="What they will sign in with.")]
Name = Annotated[str, typer.Option(help="As the audit log shows it.")]
NewRole = Annotated[str, typer.Option("--role", help="owner, finance or viewer.")]


@commands.command("create")
def create(name: Name, email: NewEmail, as_json: AsJson = False) -> None:
    """Make the first owner, and print the one-time code for their first sign-in.

    Example: payment-service admin create --name "Sari" --email sari@example.com
    """

    def unit(tx: Transaction, runtime: Runtime) -> tuple[Admin, str, str]:
        by = work.by(runtime, "the first owner")
        return (*create_owner(tx, name, email, by), runtime.links.base_url)

    _show_code(*work.write(unit), as_json=as_json)


@commands.command("invite")
def invite(name: Name, email: NewEmail, role: NewRole, as_json: AsJson = False) -> None:
    """Add an admin, and print the one-time code for their first sign-in.

    Example: payment-service admin invite --name "Rini" --email rini@example.com --role finance
    """

    def unit(tx: Transaction, runtime: Runtime) -> tuple[Admin, str, str]:
        by = work.by(runtime, "invited on the server")
        return (*invite_admin(tx, name, email, role, by), runtime.links.base_url)

    _show_code(*work.write(unit), as_json=as_json)


@commands.command("list")
def list_admins(as_json: AsJson = False) -> None:
    """List all admins. Example: payment-service admin list"""
    rows = [_shown(admin) for admin in work.read(lambda tx: tx.all(ADMINS))]
    show_list(rows, as_json=as_json, empty="No admin; `payment-service admin create` makes one.")


@commands.command("set-role")
def set_role(email: Email, role: NewRole, as_json: AsJson = False) -> None:
    """Give an admin another role, from their next request on.

    Example: payment-service admin set-role rini@example.com --role viewer
    """

    def unit(tx: Transaction, runtime: Runtime) -> Admin:
        by = work.by(runtime, "set on the server")
        return set_admin_role(tx, admin_by_email(tx, email).id, role, by)

    show(_shown(work.write(unit)), as_json=as_json)


@commands.command("disable")
def disable(email: Email, as_json: AsJson = False) -> None:
    """Shut an admin out from their next request on. Example: payment-service admin disable …"""

    def unit(tx: Transaction, runtime: Runtime) -> Admin:
        by = work.by(runtime, "disabled on the server")
        return disable_admin(tx, admin_by_email(tx, email).id, by)

    show(_shown(work.write(unit)), as_json=as_json)


@commands.command("enable")
def enable(email: Email, as_json: AsJson = False) -> None:
    """Let a disabled admin in again. Example: payment-service admin enable rini@example.com"""

    def unit(tx: Transaction, runtime: Runtime) -> Admin:
        by = work.by(runtime, "enabled on the server")
        return enable_admin(tx, admin_by_email(tx, email).id, by)

    show(_shown(work.write(unit)), as_json=as_json)


@commands.command("reset-factors")
def reset(email: Email, as_json: AsJson = False) -> None:
    """Take password, passkeys, authenticator and recovery codes away, and print a one-time code.

    For who has lost their phone and their recovery codes. Nothing but this command can do it.
    Example: payment-service admin reset-factors sari@example.com
    """

    def unit(tx: Transaction, runtime: Runtime) -> tuple[Admin, str, str]:
        by = work.by(runtime, "reset on the server")
        made = reset_factors(tx, admin_by_email(tx, email).id, by)
        return (*made, runtime.links.base_url)

    _show_code(*work.write(unit), as_json=as_json)


@commands.command("end-sessions")
def end(email: Email, as_json: AsJson = False) -> None:
    """Sign an admin out everywhere. Example: payment-service admin end-sessions sari@example.com"""

    def unit(tx: Transaction, runtime: Runtime) -> dict[str, Any]:
        admin = admin_by_email(tx, email)
        by = work.by(runtime, "ended on the server")
        return {"id": admin.id, "ended": end_sessions(tx, admin.id, by, runtime.clock.now())}

    show(work.write(unit), as_json=as_json)


def _show_code(admin: Admin, code: str, origin: str, *, as_json: bool) -> None:
    address = f"{origin}/dashboard/first"
    shown = {"id": admin.id, "email": admin.email, "role": admin.role}
    show({**shown, "address": address, "one_time_code": code}, as_json=as_json)
    minutes = int(CODE_LASTS.total_seconds() // 60)
    say(f"open the address and type the code; it works once, for {minutes} minutes")
    if origin.startswith("http://localhost:"):
        say(
            "where `payment-service serve` says another address, use that one; "
            "PAYMENT_SERVICE_BASE_URL sets it for both"
        )


def _shown(admin: Admin) -> dict[str, Any]:
    if admin.disabled_at is not None:
        status = "disabled"
    else:
        status = "active" if admin.signed_in_at is not None else "invited"
    return {
        "id": admin.id,
        "name": admin.name,
        "email": admin.email,
        "role": admin.role,
        "status": status,
        "signed_in_at": admin.signed_in_at and admin.signed_in_at.isoformat(timespec="seconds"),
    }
