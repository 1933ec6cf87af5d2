"""Starting what stays: the owner hears when it cannot start, and when it had stopped itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import msgspec

from payment_service.actions.note_restart import note_restart
from payment_service.books.tell_owner import tell_by, unstored
from payment_service.cli.output import say
from payment_service.config import Settings, open_runtime
from payment_service.kit import last_words
from payment_service.kit.clock import SystemClock
from payment_service.kit.database import stop_the_process
from payment_service.kit.errors import CannotStart
from payment_service.kit.folder import staying
from payment_service.kit.last_words import LastWords
from payment_service.outside.alert_settings import alert_channels
from payment_service.outside.webhook_client import WebhookClient
from payment_service.runtime import Runtime

LEAVE_SECONDS = 1.0
TELL_AGAIN = timedelta(hours=1)
"""A supervisor may try every few seconds."""


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Runtime]:
    """The runtime of a process that stays, closed at the end. Raises CannotStart."""
    folder = settings.key_path.parent

    def stop(reason: str) -> None:
        # A disk that hangs must not keep the process from ending.
        leaving = Thread(target=_leave, args=(folder, reason), daemon=True)
        leaving.start()
        leaving.join(LEAVE_SECONDS)
        stop_the_process(reason)

    try:
        runtime = await open_runtime(settings, on_fatal=stop)
    except CannotStart as error:
        await tell_of_failed_start(settings, str(error))
        raise
    try:
        words = last_words.read(folder)
        if words != LastWords():
            await note_restart(runtime, words)
            last_words.forget(folder)
        with staying(settings.key_path) as is_alone:
            if not is_alone and settings.database_url.startswith("sqlite"):
                say(
                    "another `serve` or `worker` runs on this SQLite file already, which is for "
                    "one process; stop one of them"
                )
            yield runtime
    finally:
        await runtime.close()


def _leave(folder: Path, reason: str) -> None:
    words = last_words.read(folder)
    last_words.leave(folder, msgspec.structs.replace(words, stopped=reason))


async def tell_of_failed_start(settings: Settings, reason: str) -> None:
    """By the channels of the environment, since those of the database are as far away as it is:
    once an hour, or when the reason is another one. Where that cannot be written down nobody is
    told, rather than every few seconds."""
    folder, now = settings.key_path.parent, SystemClock().now()
    words = last_words.read(folder)
    is_told = words.reason == reason and words.told_at and now - words.told_at < TELL_AGAIN
    words = msgspec.structs.replace(
        words,
        failed_starts=words.failed_starts + 1,
        reason=reason,
        told_at=words.told_at if is_told else now,
    )
    if not last_words.leave(folder, words) or is_told:
        return
    webhooks = WebhookClient(settings.targets, SystemClock())
    try:
        channels = alert_channels(settings, settings.targets, webhooks)
        told = [unstored("cannot_start", "machine", reason, now)]
        await asyncio.gather(*(tell_by(channel, told, now) for channel in channels))
    finally:
        await webhooks.close()
