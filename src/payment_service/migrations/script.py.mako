"""${message}."""

import sqlalchemy as sa
from alembic import op

from payment_service.kit.schema import Flag, Instant, LocalDate, Number

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
