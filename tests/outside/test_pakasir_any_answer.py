"""Whatever Pakasir answers: a checked result or a GatewayError, and the key is seen nowhere."""

import asyncio
import json
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from payment_service.outside.addresses import parse_targets
from payment_service.outside.gateway import CodeStatus, GatewayError, OpenedCode
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.pakasir_project import PakasirProject
from payment_service.outside.pakasir_v1 import PakasirV1Gateway
from payment_service.outside.session import GuardedSession
from tests.clocks import HandClock
from tests.outside.pakasir_says import CREATED, TOLD, V1_CREATED, V1_TOLD
from tests.outside.parties import Receiver

KEY = "kunci/ rahasia+dan=tanda&lain"
FORMS = (KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY), quote(KEY, safe="").lower())

words = st.one_of(
    st.text(max_size=20),
    st.sampled_from(FORMS),
    st.sampled_from(["chg_1", "completed", "99000", "2026-09-19T01:18:49Z", "NaN", "1e999999"]),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
shapes = st.sampled_from(
    [(None, CREATED), (None, TOLD), ("payment", V1_CREATED), ("transaction", V1_TOLD)]
)
statuses = st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 404, 408, 429, 500, 503, 599])


@st.composite
def bent(draw: st.DrawFn) -> object:
    """An answer as it should be, but for one field or two."""
    wrapper, right = draw(shapes)
    names = st.sampled_from([*sorted(right), "expires_at", "message"])
    answer = right | draw(st.dictionaries(names, anything, min_size=1, max_size=2))
    return answer if wrapper is None else {wrapper: answer}


refusals = st.builds(
    lambda before, key, after: {"message": before + key + after},
    st.text(max_size=250),
    st.sampled_from(FORMS),
    st.text(max_size=20),
)
bodies = st.one_of(bent(), bent(), refusals, anything).map(
    lambda answer: json.dumps(answer).encode()
)


async def ask_all(gateway: PakasirProject) -> list[object]:
    """What each call gave or raised."""
    assert isinstance(gateway, PakasirGateway | PakasirV1Gateway)
    calls = (
        gateway.open("chg_1", 99_000),
        gateway.status("chg_1", "vwiqpcriq", 99_000),
        gateway.cancel("chg_1", "vwiqpcriq", 99_000),
        gateway.fee(99_000),
        gateway.payment_link("chg_1", 99_000),
    )
    return [*await asyncio.gather(*calls, return_exceptions=True)]


def check(origin: str, outcome: object) -> None:
    if isinstance(outcome, OpenedCode):
        assert (outcome.order_id, outcome.amount) == ("chg_1", 99_000)
        assert outcome.total_payment >= 99_000
        assert outcome.reference
    elif isinstance(outcome, CodeStatus):
        assert outcome.order_id == "chg_1"
        assert outcome.amount > 0
        assert outcome.status in ("pending", "completed", "canceled")
    elif isinstance(outcome, str):
        assert outcome.startswith(origin)
    elif isinstance(outcome, int):
        assert 0 <= outcome <= 99_000
    elif outcome is not None:
        assert isinstance(outcome, GatewayError), repr(outcome)
        shown = "".join(traceback.format_exception(outcome)) + repr(outcome)
        assert not [form for form in FORMS if form.lower() in shown.lower()]


@pytest.mark.parametrize("version", [PakasirGateway, PakasirV1Gateway])
def test_any_answer_gives_a_checked_result_or_a_gateway_error(
    version: Callable[..., PakasirProject],
) -> None:
    with asyncio.Runner() as runner:
        receiver = Receiver()
        runner.run(receiver.__aenter__())
        origin = f"http://127.0.0.1:{receiver.port}"
        session = GuardedSession(parse_targets(f"localhost:{receiver.port}"))
        gateway = version(
            session,
            HandClock(),
            origin=origin,
            project="toko",
            api_key=KEY,
            total_seconds=0.9,  # less than the wait before a busy create is asked again
        )

        @given(
            body=bodies | st.binary(max_size=200), status=statuses, wait=st.text("1,a", max_size=3)
        )
        def holds(body: bytes, status: int, wait: str) -> None:
            receiver.answers = [
                web.Response(
                    body=None if status == 204 else body,
                    status=status,
                    headers={"Retry-After": wait},
                )
                for _ in range(5)
            ]
            with capture_logs() as lines:
                for outcome in runner.run(ask_all(gateway)):
                    check(origin, outcome)
            assert not [form for form in FORMS if form in repr((gateway, lines))]

        holds()
        runner.run(session.close())
        runner.run(receiver.__aexit__())
