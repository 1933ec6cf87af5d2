"""Four libraries that nobody here wrote verify what is sent, and take nothing that was altered."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
import standardwebhooks
import svix

from payment_service.kit.clock import SystemClock
from payment_service.kit.crypto import new_webhook_secret
from payment_service.kit.ids import new_id
from payment_service.model.event import EventType
from payment_service.outside.webhook_client import sign
from payment_service.web.reference.events import EVENTS
from payment_service.web.reference.examples import EXAMPLES, written
from tests.missing import not_tested_here

FOLDER = Path(__file__).parents[1] / "node"
TYPES: tuple[EventType, ...] = get_args(EventType)
OLD, NEW, OTHER = (new_webhook_secret() for _ in range(3))
TOO_OLD = timedelta(minutes=6)


class Message(NamedTuple):
    """As an app hears it, the secret that it knows, and what a verifier must say: the type, or
    None for a message that is not to be taken."""

    secret: str
    headers: dict[str, str]
    body: str
    taken_as: str | None


def message(kind: EventType, secrets: list[str], knows: str, at: datetime) -> Message:
    now = datetime(2026, 11, 22, 21, 47, 22, 662390, UTC)
    data = written(EXAMPLES[EVENTS[kind].shape])
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data})
    return Message(knows, sign(secrets, new_id("evt", now), at, body.encode()), body, kind)


def messages() -> Iterator[Message]:
    """Every type with one secret, and with two of which the app knows either; then altered ones."""
    now = SystemClock().now()
    for kind in TYPES:
        yield message(kind, [NEW], NEW, now)
        yield message(kind, [NEW, OLD], NEW, now)
        yield message(kind, [NEW, OLD], OLD, now)
        good = message(kind, [NEW], NEW, now)
        yield good._replace(secret=OTHER, taken_as=None)
        yield good._replace(body=good.body.replace("a", "b", 1), taken_as=None)
        yield good._replace(headers={**good.headers, "webhook-id": "evt_1"}, taken_as=None)
        yield message(kind, [NEW], NEW, now - TOO_OLD)._replace(taken_as=None)
        yield message(kind, [NEW], NEW, now + TOO_OLD)._replace(taken_as=None)
        yield good._replace(headers=flipped(good.headers), taken_as=None)


def flipped(headers: Mapping[str, str]) -> dict[str, str]:
    """One character of the signature is another."""
    version, _, signature = headers["webhook-signature"].partition(",")
    first = "B" if signature[0] == "A" else "A"
    return {**headers, "webhook-signature": f"{version},{first}{signature[1:]}"}


Verify = Callable[[str, str, dict[str, str]], Any]


def by_standardwebhooks(secret: str, body: str, headers: dict[str, str]) -> Any:
    return standardwebhooks.Webhook(secret).verify(body, headers)


def by_svix(secret: str, body: str, headers: dict[str, str]) -> Any:
    svix.Webhook(secret).verify(body, headers)
    return json.loads(body)


@pytest.mark.parametrize("verify", [by_standardwebhooks, by_svix])
def test_each_library_for_python_takes_all_that_is_sent_and_nothing_else(verify: Verify) -> None:
    for one in messages():
        try:
            read = verify(one.secret, one.body, one.headers)["type"]
        except (standardwebhooks.WebhookVerificationError, svix.WebhookVerificationError):
            read = None
        assert read == one.taken_as, one


def test_each_library_for_node_takes_all_that_is_sent_and_nothing_else() -> None:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "svix").is_dir():
        not_tested_here(
            "no Node with svix and standardwebhooks; `make setup` installs them where there is npm",
            required_by="REQUIRE_NODE",
        )
    sent = list(messages())
    done = subprocess.run(
        [node, FOLDER / "verify_webhooks.mjs"],
        input=json.dumps([one._asdict() for one in sent]),
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    expected = [one.taken_as for one in sent]
    assert said == {"standardwebhooks": expected, "svix": expected}
