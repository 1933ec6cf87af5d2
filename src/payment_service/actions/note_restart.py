"""Note a restart: what the process before had to say is logged, counted and told."""

import structlog

from payment_service.kit.last_words import LastWords
from payment_service.kit.statements import Transaction
from payment_service.model.alert import raise_alert
from payment_service.runtime import Runtime

log = structlog.get_logger()


async def note_restart(runtime: Runtime, words: LastWords) -> None:
    """The alert is over when the database has been sound for an hour."""
    log.warning(
        "started_again",
        stopped=words.stopped,
        failed_starts=words.failed_starts,
        reason=words.reason,
    )
    machine = runtime.machine
    if machine is None:
        return
    machine.failed_starts = words.failed_starts
    machine.had_stopped = words.stopped is not None
    if words.stopped is None:
        return
    message = f"It stopped with code 70 ({words.stopped}) and runs again. Look at the disk."

    def note(tx: Transaction) -> None:
        raise_alert(
            tx,
            app_id=None,
            kind="database_failed",
            subject_id=machine.name,
            message=message,
            now=runtime.clock.now(),
        )

    await runtime.db.write(note)
