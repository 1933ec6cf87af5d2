"""Alert channels, for owners: where alerts go, a test of each, and those that are kept here."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from starlette.responses import Response

from payment_service.actions.add_channel import NewChannel, add_channel
from payment_service.actions.edit_channel import ChannelChange, edit_channel
from payment_service.actions.remove_channel import remove_channel
from payment_service.actions.send_alerts import try_channels
from payment_service.kit.errors import Unavailable
from payment_service.kit.statements import Transaction
from payment_service.model.audit import record
from payment_service.model.channel import CHANNELS, MOST, Channel, channel_by_id
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.visits import visit_of

WHERE = "on the alerts page"
HERE = f"{PREFIX}/settings/alerts"
TEST_SECONDS = 40.0
"""Mail may take 30 s to be handed in."""


class Way(NamedTuple):
    """A channel as it is shown. `kept` is its row, None for one of the environment; `waits` says
    that it is for mail and that there is no server."""

    name: str
    kind: str
    place: str
    kept: Channel | None
    waits: bool = False

    @property
    def label(self) -> str:
        return (self.kept and self.kept.name) or self.place

    @property
    def tried_at(self) -> datetime | None:
        return None if self.kept is None else self.kept.tried_at


async def show_channels(ask: Ask) -> Response:
    kept = await ask.read(lambda tx: tx.all(CHANNELS))
    return ask.page(
        "channels.html",
        ways=_ways(ask, kept),
        has_mail=ask.runtime.mail_to is not None,
        is_full=len(kept) >= MOST,
    )


async def add_mail(ask: Ask) -> Response:
    return await _add(ask, NewChannel("mail", ask.text("mail_target"), name=ask.text("mail_name")))


async def add_webhook(ask: Ask) -> Response:
    wanted = NewChannel("webhook", ask.text("target"), ask.text("secret"), ask.text("name"))
    return await _add(ask, wanted)


async def edit(ask: Ask) -> Response:
    wanted = ChannelChange(
        version=_version(ask),
        name=ask.text("name"),
        target=ask.text("target"),
        secret=ask.text("secret"),
        drops_secret=ask.text("drops_secret") == "yes",
    )
    box, targets = ask.runtime.secrets, ask.runtime.targets
    channel = await ask.write(edit_channel, ask.params["id"], wanted, box, targets, ask.by(WHERE))
    return ask.go(HERE, "channel_edited", name=channel.name or channel.place)


async def remove(ask: Ask) -> Response:
    channel = await ask.write(remove_channel, ask.params["id"], _version(ask), ask.by(WHERE))
    return ask.go(HERE, "channel_removed", name=channel.name or channel.place)


async def send_test(ask: Ask) -> Response:
    """A message by this channel alone, now. Raises Unavailable with what kept it."""
    name = ask.params["id"]
    place = await ask.write(_note_test, name, ask)
    visit_of(ask.request.scope).stays(TEST_SECONDS)
    outcomes = await try_channels(ask.runtime, name)
    why = outcomes.get(name, "no mail server")
    if why is not None:
        raise Unavailable("alert_not_sent", f"The test did not arrive: {why}.", why=why)
    return ask.go(HERE, "alert_test_sent", name=place)


async def _add(ask: Ask, wanted: NewChannel) -> Response:
    box, targets = ask.runtime.secrets, ask.runtime.targets
    channel = await ask.write(add_channel, wanted, box, targets, ask.by(WHERE))
    return ask.go(HERE, "channel_added", name=channel.name or channel.place)


def _version(ask: Ask) -> int:
    """What stands in the form; one that cannot be is nobody's."""
    text = ask.text("version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _note_test(tx: Transaction, name: str, ask: Ask) -> str:
    """Where it goes. Raises NotFound."""
    own = {one.name: one.place for one in ask.runtime.alert_channels}
    if name not in own:
        channel = channel_by_id(tx, name)
        own[name] = channel.name or channel.place
    record(tx, ask.by(WHERE), None, "channel.test", name)
    return own[name]


def _ways(ask: Ask, kept: Sequence[Channel]) -> list[Way]:
    has_mail = ask.runtime.mail_to is not None
    own = [Way(one.name, one.name, one.place, None) for one in ask.runtime.alert_channels]
    return own + [
        Way(one.id, one.kind, one.place, one, one.kind == "mail" and not has_mail) for one in kept
    ]
