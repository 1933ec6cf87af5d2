"""A key that signs access passes: when it is published, when it signs, and when it is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.crypto import SecretBox
from payment_service.kit.ids import new_id
from payment_service.kit.jws import Signer, new_key_pair
from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
)

LIFE = timedelta(hours=72)
"""No pass is good for longer."""
LEAD = timedelta(hours=1)
"""A new key is published for so long before it signs: who looks at the keys once an hour knows it
before the first pass that it signed."""
SKEW = timedelta(hours=1)
"""How far clocks may be apart, with room for what processes remember."""
REMEMBERED = timedelta(minutes=1)

signing_keys = table(
    "signing_keys",
    Column("id", Text, primary_key=True),
    Column("number", Number, nullable=False, unique=True),
    Column("public", Text, nullable=False),
    Column("private", Text, nullable=False),
    Column("signs_from", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
)


@stored_in(signing_keys)
class SigningKey(Record, frozen=True):
    """`private` is sealed. Each signs until the one with the next number does."""

    id: str
    number: int
    public: str
    private: str
    signs_from: datetime
    withdrawn_at: datetime | None
    created_at: datetime
    version: int


SIGNING_KEYS = query(rows_of(SigningKey).order_by(signing_keys.c.number), SigningKey)
ADD_FIRST_KEY = command(
    insert(signing_keys)
    .values({column.name: param("new_" + column.name) for column in signing_keys.c})
    .on_conflict_do_nothing(index_elements=["number"])
)
"""Of several processes on a new database one adds it."""


def new_signing_key(number: int, box: SecretBox, signs_from: datetime, now: datetime) -> SigningKey:
    private, public = new_key_pair()
    return SigningKey(
        id=new_id("pky", now),
        number=number,
        public=public,
        private=box.seal(private),
        signs_from=signs_from,
        withdrawn_at=None,
        created_at=now,
        version=1,
    )


def signing(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The one that signs now. Raises LookupError without any."""
    able = [key for key in keys if key.withdrawn_at is None]
    begun = [key for key in able if key.signs_from <= now]
    if not able:
        raise LookupError("no key signs access passes")
    return (begun or able)[-1 if begun else 0]


def published(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """Those by which a pass that is still good may have been signed, and those that are to sign."""
    successors = [*keys[1:], None]
    return [
        key
        for key, successor in zip(keys, successors, strict=True)
        if key.withdrawn_at is None
        and (successor is None or now < successor.signs_from + LIFE + SKEW)
    ]


class Keyring:
    """The key that signs, remembered for a minute: reading it costs as much as signing."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box
        self._signers: dict[str, Signer] = {}
        self._remembered: tuple[datetime, Signer] | None = None

    def signer(self, tx: Transaction, now: datetime) -> Signer:
        """`now` is the machine's."""
        if self._remembered is not None:
            since, signer = self._remembered
            if since <= now < since + REMEMBERED:
                return signer
        key = signing(tx.all(SIGNING_KEYS), now)
        if key.id not in self._signers:
            self._signers[key.id] = Signer(key.id, self._box.open(key.private))
        self._remembered = now, self._signers[key.id]
        return self._remembered[1]
