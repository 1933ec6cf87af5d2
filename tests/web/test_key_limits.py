"""How often a key may ask, how often an address may guess, and what the log says of both."""

import asyncio
from collections import Counter
from typing import Any, NamedTuple

import msgspec
import pytest
from structlog.testing import capture_logs

from payment_service.actions.set_request_rate import set_request_rate
from payment_service.kit.database import Database
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Statement, Transaction
from payment_service.model.audit import By
from payment_service.model.key import new_secret
from payment_service.runtime import Runtime
from payment_service.web.key_limits import KeyLimits, address_of
from tests.service import Answer, Service
from tests.story import App
from tests.web.test_access import refused
from tests.web.test_keys import key_of


@pytest.fixture
def moment(service: Service) -> list[float]:
    """What the limits go by, in seconds; it stands still."""
    moment = [1_000.0]
    service.web.state.key_limits = KeyLimits(clock=lambda: moment[0])
    return moment


async def slow_down(app: App, per_second: int) -> None:
    by = By("owner", "test", app.service.runtime.clock.now())
    await app.service.runtime.db.write(set_request_rate, app.id, per_second, by)


async def guesses(service: Service, key: str, address: str, **headers: str) -> Answer:
    """As a trusted proxy passes it on."""
    named = {"Authorization": f"Bearer {key}", "X-Forwarded-For": address, **headers}
    return await service.ask("GET", "/v1/plans", headers={**named, "X-Forwarded-Proto": "https"})


async def test_a_key_may_ask_four_seconds_worth_at_once_and_hears_how_much_is_left(
    app: App, moment: list[float]
) -> None:
    await slow_down(app, 5)
    first = await app.asks("GET", "/v1/plans")
    assert first.headers["RateLimit-Policy"] == '"key";q=20;w=4'
    assert first.headers["RateLimit"] == '"key";r=19;t=1'
    answers = [await app.asks("GET", "/v1/plans") for _ in range(30)]
    refusals = [answer for answer in answers if answer.status != 200]
    assert len(answers) - len(refusals) == 19
    for answer in refusals:
        assert refused(answer, 429, "rate_limited")
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["RateLimit"].startswith('"key";r=0;')
        assert answer.json["limit"] == 5
    moment[0] += 0.2
    assert (await app.asks("GET", "/v1/plans")).status == 200
    assert (await app.asks("GET", "/v1/plans")).status == 429


@pytest.mark.usefixtures("moment")
async def test_the_limit_is_of_each_key_and_counts_refusals_too(app: App) -> None:
    another = await key_of(app, "read")
    await slow_down(app, 1)
    asked = [(await app.asks("GET", "/v1/plans/plan_1")).status for _ in range(5)]
    assert asked[:4] == [404] * 4
    assert asked[4] == 429
    assert (await another.asks("GET", "/v1/plans")).status == 200


async def test_a_key_has_so_many_requests_under_way_at_once(app: App) -> None:
    """Ten a second are eight at once: of twenty that wait for the database, some are refused."""
    await slow_down(app, 10)
    answers = await asyncio.gather(
        *(app.subscribes(f"tenant-{number}", "bulanan") for number in range(20))
    )
    statuses = Counter(answer.status for answer in answers)
    assert statuses.keys() <= {201, 429}
    assert statuses[201] >= 8
    for answer in answers:
        if answer.status == 429:
            assert refused(answer, 429, "too_many_at_once")
            assert answer.headers["Retry-After"] == "1"
    assert statuses[429]
    assert (await app.subscribes("tenant-1", "bulanan")).status in (200, 201)


async def test_the_rate_is_the_owners_to_set(app: App) -> None:
    for per_second in (0, -1, 100_001):
        with pytest.raises(Invalid, match="request_rate"):
            await slow_down(app, per_second)


@pytest.mark.usefixtures("moment")
async def test_an_address_may_show_ten_bad_keys_a_minute(app: App, service: Service) -> None:
    unknown = new_secret("test")
    for key in (unknown, "psk_test_x", unknown + "x", "geheim") * 2 + (unknown, unknown):
        assert refused(await guesses(service, key, "203.0.113.9"), 401, "invalid_key")
    for key in (unknown, "psk_test_x", new_secret("live")):
        answer = await guesses(service, key, "203.0.113.9")
        assert refused(answer, 429, "too_many_bad_keys")
        assert answer.headers["Retry-After"] == "6"
    assert (await guesses(service, unknown, "203.0.113.10")).status == 401
    # One that was never seen before may be a guess; one that was good is none.
    assert (await guesses(service, app.api_key, "203.0.113.9")).status == 429
    assert (await app.asks("GET", "/v1/plans")).status == 200
    assert (await guesses(service, app.api_key, "203.0.113.9")).status == 200


async def test_payers_are_not_held_to_what_somebody_guesses_from_their_address(
    app: App, service: Service
) -> None:
    page = (await app.subscribes("tenant-1", "bulanan")).json["pay_url"]
    for _ in range(12):
        await guesses(service, "psk_test_x", "203.0.113.9")
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    assert (await service.ask("GET", page, headers=headers)).status == 200
    assert (await service.ask("GET", f"{page}/status", headers=headers)).status == 200


class Ran(NamedTuple):
    """A transaction that counts its statements."""

    tx: Any
    counts: Counter[str]

    def one(self, statement: Statement[Any], /, **params: Any) -> Any:
        self.counts["one"] += 1
        return self.tx.one(statement, **params)


class Counting(NamedTuple):
    """A database that counts what is read, and writes nothing."""

    db: Database
    counts: Counter[str]

    async def read(self, query: Any, /, *args: Any) -> Any:
        def counted(tx: Transaction) -> Any:
            return query(Ran(tx, self.counts), *args)

        return await self.db.read(counted)

    async def recall(self, query: Any, /, *args: Any) -> Any:
        return await self.read(query, *args)


@pytest.mark.usefixtures("moment")
async def test_a_string_that_cannot_be_a_key_costs_no_query(service: Service) -> None:
    runtime: Runtime = service.runtime
    counts: Counter[str] = Counter()
    service.web.state.runtime = msgspec.structs.replace(runtime, db=Counting(runtime.db, counts))
    secret = new_secret("test")
    for number, key in enumerate(
        (secret[:-1], secret + "0", secret[:-1] + "é", secret[:-6] + "000000", "", "x" * 5000)
    ):
        assert (await guesses(service, key, f"198.51.100.{number}")).status == 401
    assert counts == {}
    assert (await guesses(service, secret, "198.51.100.1")).status == 401
    assert counts == {"one": 1}
    for _ in range(10):
        await guesses(service, secret, "198.51.100.99")
    counts.clear()
    assert (await guesses(service, secret, "198.51.100.99")).status == 429
    assert counts == {}
    service.web.state.runtime = runtime


@pytest.mark.usefixtures("moment")
async def test_the_log_says_which_key_was_refused_and_why_and_never_the_key(
    service: Service,
) -> None:
    unknown = new_secret("test")
    with capture_logs() as logs:
        await guesses(service, unknown, "203.0.113.9")
        await guesses(service, "psk_test_x", "203.0.113.9")
        for _ in range(12):
            await guesses(service, unknown, "203.0.113.9")
    reasons = [(line["why"], line["key"]) for line in logs if line["event"] == "key_refused"]
    assert reasons[:2] == [("unknown", unknown[:12]), ("malformed", "")]
    assert len(reasons) == 10
    assert {line["address"] for line in logs} == {"203.0.113.9"}
    limited = [line for line in logs if line["event"] == "too_many_bad_keys"]
    assert len(limited) == 1  # a flood must not fill the disk
    assert unknown not in str(logs)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_of_ipv6_is_its_network(host: str, shown: str) -> None:
    class Asked(NamedTuple):
        client: Any

    class Client(NamedTuple):
        host: str

    request: Any = Asked(Client(host))
    assert address_of(request) == shown


async def test_every_answer_names_its_request(app: App, service: Service) -> None:
    paths = ("/v1/plans", "/v1/plans/x", "/v1/nothing", "/healthz/ready", "/pay/x", "/")
    answers = [await app.asks("GET", path) for path in paths]
    answers += [
        await service.ask("GET", "/v1/plans"),
        await service.ask("POST", app.notice_path, data=b"{"),
        await service.ask("POST", app.notice_path, data=b"x" * 9000),
    ]
    names = [answer.headers["Request-Id"] for answer in answers]
    assert len(set(names)) == len(names)
    assert all(name.startswith("req_") for name in names)
