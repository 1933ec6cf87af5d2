"""Alerts: raised once, found by app, cleared together, and told of in words and in the docs."""

from datetime import timedelta
from pathlib import Path
from typing import get_args

from payment_service.actions.register_app import Registration
from payment_service.kit.statements import Transaction
from payment_service.model.alert import (
    NEWEST_ALERTS_OF_APP,
    OPEN_ALERTS,
    OPEN_ALERTS_OF_APP,
    Kind,
    clear_alert_of,
    clear_alerts,
    raise_alert,
)
from payment_service.model.alert_telling import next_telling, outcome_of, tries_of, ways_to_try
from payment_service.model.alert_words import WORDS
from tests.clocks import HandClock
from tests.model.records import NOW
from tests.service import running_service
from tests.story import register

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_kind_has_words_and_stands_in_the_table_of_the_docs() -> None:
    chapter = OPERATIONS.read_text().partition("\n## Alerts\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in chapter.splitlines() if line.startswith("| `")]
    assert [row[1].strip(" `") for row in rows] == list(get_args(Kind))
    assert all(len(row) == 5 and row[2].strip() and row[3].strip() for row in rows)
    assert set(WORDS) == set(get_args(Kind))


async def test_what_ended_by_itself_is_cleared_for_its_app_alone(
    database_url: str, clock: HandClock
) -> None:
    async with running_service(database_url, clock) as service:
        mine = await register(service, Registration(name="Mine", mode="test"))
        other = await register(service, Registration(name="Other", mode="test"))

        def raise_all(tx: Transaction) -> None:
            kinds: tuple[Kind, ...] = ("gateway_refused", "books_differ", "endpoint_off")
            for app in (mine, other):
                for kind in (*kinds, *kinds):
                    raise_alert(
                        tx, app_id=app.id, kind=kind, subject_id=f"{kind} of {app.id}",
                        message="m", now=NOW,
                    )  # fmt: skip

        db = service.runtime.db
        await db.write(raise_all)
        await db.write(clear_alerts, mine.id, ("gateway_refused", "books_differ"), NOW)
        await db.write(clear_alert_of, "endpoint_off", f"endpoint_off of {other.id}", NOW)

        def kinds_of(tx: Transaction, app_id: str) -> list[str]:
            return [one.kind for one in tx.all(OPEN_ALERTS_OF_APP, app_id=app_id)]

        assert await db.read(kinds_of, mine.id) == ["endpoint_off"]
        assert sorted(await db.read(kinds_of, other.id)) == ["books_differ", "gateway_refused"]
        assert len(await db.read(lambda tx: tx.all(OPEN_ALERTS))) == 3
        every = await db.read(
            lambda tx: tx.all(NEWEST_ALERTS_OF_APP, app_id=mine.id, after="", limit=9)
        )
        cleared = [one for one in every if one.cleared_at is not None]
        assert (len(every), len(cleared)) == (3, 2)
        assert {(one.note, one.send_at) for one in cleared} == {(None, None)}


async def test_the_note_of_an_open_alert_says_which_ways_are_owed(
    database_url: str, clock: HandClock
) -> None:
    async with running_service(database_url, clock) as service:

        def unit(tx: Transaction) -> None:
            raise_alert(tx, app_id=None, kind="books_differ", subject_id="s", message="m", now=NOW)

        await service.runtime.db.write(unit)
        (alert,) = await service.runtime.db.read(lambda tx: tx.all(OPEN_ALERTS))
    both = frozenset(("webhook", "mail"))
    assert ways_to_try(alert, both) == both
    failures = {"mail": "login refused, status 535"}
    for tries, wait in enumerate((1, 5, 30), start=1):
        assert next_telling(alert, failures, NOW) == NOW + timedelta(minutes=wait)
        alert = type(alert)(
            **{**{f: getattr(alert, f) for f in alert.__struct_fields__},
               "note": outcome_of(alert, failures)}
        )  # fmt: skip
        assert tries_of(alert) == (tries, frozenset(("mail",)))
        assert ways_to_try(alert, both) == frozenset(("mail",))
        # A way that is no longer set leaves nothing owed to it.
        assert ways_to_try(alert, ("webhook",)) == frozenset(("webhook",))
    assert next_telling(alert, failures, NOW) == NOW + timedelta(days=1)
