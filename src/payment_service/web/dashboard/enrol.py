"""Setting up an authenticator app: a seed that the page shows and the server forgets."""

from io import BytesIO

import msgspec
import segno

from payment_service.kit import totp
from payment_service.model.admin import Admin
from payment_service.web.dashboard.ask import Ask


class SetUp(msgspec.Struct, frozen=True):
    """`sealed` comes back with the form, so that nothing is kept of a seed that nobody takes;
    `typed` is the seed for who cannot scan the picture."""

    sealed: str
    typed: str
    picture: str


def new_set_up(ask: Ask, admin: Admin) -> SetUp:
    """A fresh seed, or the one that the form came back with."""
    seed = seed_in(ask, admin) or totp.new_seed()
    out = BytesIO()
    segno.make_qr(totp.address(seed, admin.email), error="m").save(
        out, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False,
        svgclass="qr", lineclass=None, nl=False,
    )  # fmt: skip
    picture = out.getvalue().decode().replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)
    groups = " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))
    return SetUp(ask.runtime.secrets.seal(f"{admin.id} {seed}"), groups, picture)


def seed_in(ask: Ask, admin: Admin) -> str | None:
    """The seed that the form came back with, if it is one of ours and for this admin."""
    opened = ask.runtime.secrets.open_if_ours(ask.text("seed")) or ""
    admin_id, _, seed = opened.partition(" ")
    return seed if admin_id == admin.id and seed else None
