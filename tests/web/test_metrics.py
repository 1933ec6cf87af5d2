"""`/metrics`: what happened is counted, the library of others reads it, nobody else sees it."""

import re
from datetime import timedelta
from typing import Any

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from payment_service.actions.register_app import Registration
from payment_service.kit.ids import new_id
from payment_service.kit.metrics import exposition, gauges
from payment_service.model.alert import raise_alert
from payment_service.model.billing_run import LATE_RUN, RUN_AT
from tests.clocks import HandClock
from tests.service import Answer, Service
from tests.story import App, register

TOKEN = "a token of the owner's choice"
FROM_AFAR = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
AN_ID = re.compile(r"_[0-9a-z]{20,}")


class Read(dict[tuple[str, tuple[tuple[str, str], ...]], float]):
    """Every sample by its name and labels; 0 where there is none."""

    def __missing__(self, _: object) -> float:
        return 0.0

    def of(self, name: str, **labels: str) -> float:
        return self["payment_service_" + name, tuple(sorted(labels.items()))]


async def reads(service: Service) -> Read:
    answer = await service.ask("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Read(
        {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.body.decode())
            for sample in family.samples
        }
    )


async def test_what_happened_is_counted(service: Service, app: App) -> None:
    before = await reads(service)
    for reference in ("tenant-1", "tenant-2"):
        assert (await app.subscribes(reference, "bulanan")).status == 201
    assert (await app.subscribes("tenant-3", "no such plan")).status == 422
    assert (await app.asks("GET", "/v1/plans")).status == 200
    after = await reads(service)

    def more(name: str, **labels: str) -> float:
        return after.of(name, **labels) - before.of(name, **labels)

    route = "POST /v1/subscriptions"
    assert more("requests_total", route=route, status="201") == 2
    assert more("requests_total", route=route, status="422") == 1
    assert more("requests_total", route="GET /v1/plans", status="200") == 1
    assert more("request_seconds_count", kind="api") == 4
    assert more("request_seconds_bucket", kind="api", le="+Inf") == 4
    assert more("write_seconds_count") >= 3
    assert after.of("database_up") == 1
    assert after.of("database_bytes") > 10_000
    assert after.of("deliveries_due") == 0


async def test_what_is_open_late_or_missing_is_told(
    service: Service, app: App, clock: HandClock
) -> None:
    def unit(tx: Any) -> None:
        raise_alert(
            tx, app_id=None, kind="wrong_secret", subject_id="x", message="", now=clock.now()
        )

    await service.runtime.db.write(unit)
    made = (await app.subscribes("tenant-1", "bulanan")).json
    await app.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
    clock.advance(timedelta(days=1) + RUN_AT + LATE_RUN)
    found = await reads(service)
    assert found.of("alerts_open", kind="wrong_secret") == 1
    assert found.of("verifications_due") == 1
    assert found.of("oldest_verification_seconds") > 3600
    assert found.of("billing_runs_missing") == 1
    await service.bill()
    assert (await reads(service)).of("billing_runs_missing") == 0


async def test_an_app_has_an_hour_until_its_first_run_is_missing(
    service: Service, clock: HandClock
) -> None:
    clock.advance(clock.now().replace(hour=4, minute=6) - clock.now())  # 11:06 in Jakarta
    await register(service, Registration(name="BukuBengkel", mode="test"))
    assert (await reads(service)).of("billing_runs_missing") == 0
    clock.advance(LATE_RUN)
    assert (await reads(service)).of("billing_runs_missing") == 1


async def test_addresses_and_methods_that_people_make_up_become_no_series(
    service: Service, app: App
) -> None:
    await reads(service)
    first = set(await reads(service))
    for number in range(3):
        made_up = new_id("inv", service.runtime.clock.now())
        for method, path in (
            ("GET", f"/v1/invoices/{made_up}"),
            ("GET", f"/no/such/{made_up}"),
            ("GET", f"/pay/{made_up}"),
            ("POST", f"/gateway/pakasir/{made_up}"),
            (f"PURGE{number}", f"/v1/{made_up}"),
            ("GET", f"/{made_up}"),
        ):
            await app.asks(method, path)
    new = [name for name in set(await reads(service)) - first if "bucket" not in name[0]]
    assert len(new) <= 20, new
    for name, labels in new:
        assert not AN_ID.search(str(labels)), name


async def test_only_this_machine_and_who_has_the_token_see_it(service: Service) -> None:
    async def asks(**headers: str) -> Answer:
        return await service.ask("GET", "/metrics", headers={**FROM_AFAR, **headers})

    assert (await asks()).status == 404
    assert (await asks(Authorization="Bearer None")).status == 404
    by_a_proxy = {"X-Forwarded-For": "127.0.0.1"}
    assert (await service.ask("GET", "/metrics", headers=by_a_proxy)).status == 404
    service.web.state.runtime = msgspec.structs.replace(service.runtime, metrics_token=TOKEN)
    assert (await asks()).status == 404
    assert (await asks(Authorization=f"Bearer {TOKEN}x")).status == 404
    assert (await asks(Authorization=f"Basic {TOKEN}")).status == 404
    seen = await asks(Authorization=f"Bearer {TOKEN}")
    assert seen.status == 200
    assert TOKEN not in seen.body.decode()
    nowhere = await service.ask("GET", "/no/such", headers=FROM_AFAR)
    assert nowhere.body == (await asks()).body


def test_labels_are_escaped() -> None:
    told = exposition([gauges("x", "A test.", "of", {'"\\\n': 1})])
    (family,) = text_string_to_metric_families(told)
    assert family.samples[0].labels == {"of": '"\\\n'}
