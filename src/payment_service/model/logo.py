"""The logo of an app as payers get it: a small WebP picture that was drawn anew from what came."""

from base64 import b64encode
from hashlib import sha256

from sqlalchemy import Column, ForeignKey, Index, Text, delete, select
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.picture import Picture
from payment_service.kit.schema import table
from payment_service.kit.statements import command, param, value

logos = table(
    "logos",
    Column("app_id", Text, ForeignKey("apps.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("picture", Text, nullable=False),
    Index(None, "name"),
)
"""`picture` is base64. Two apps may have the same."""

LOGO = value(select(logos.c.picture).where(logos.c.name == param("name")).limit(1), str)
_new = insert(logos).values({column.name: param(column.name) for column in logos.c})
KEEP_LOGO = command(
    _new.on_conflict_do_update(
        index_elements=["app_id"],
        set_={"name": _new.excluded.name, "picture": _new.excluded.picture},
    )
)
DROP_LOGO = command(delete(logos).where(logos.c.app_id == param("app_id")))


def name_of(picture: Picture) -> str:
    """Another content has another name, and so another address; the size is told in it."""
    return f"{sha256(picture.content).hexdigest()[:32]}-{picture.width}x{picture.height}"


def stored(picture: Picture) -> str:
    return b64encode(picture.content).decode()
