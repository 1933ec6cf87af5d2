"""What the app does when something is wrong: with the service, with a form, with its settings."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hearing import free_port

from .conftest import COMMAND, environment
from .fake_service import API_KEY, WEBHOOK_SECRET, FakeService
from .visitor import Visitor, hidden_field

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.usefixtures("service")
TRY_AGAIN = "Pembayaran belum bisa dibuat, coba lagi sebentar"


async def test_a_service_that_is_down_is_a_calm_page_with_a_retry(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    form = {"plan": "bulanan", "attempt": hidden_field(await jaya.open("/plans"), "attempt")}
    service.down = True
    problem = await jaya.send("/subscribe", form)
    assert problem.status == 503
    assert TRY_AGAIN in problem.text
    assert (await jaya.open("/plans")).status == 503

    service.down = False
    again = {name: hidden_field(problem, name) for name in ("plan", "attempt")}
    assert again == form
    assert (await jaya.send("/subscribe", again)).path == "/pay"


async def test_a_service_that_is_gone_is_the_same_calm_page(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    await service.stop()
    problem = await jaya.open("/plans")
    assert problem.status == 503
    assert TRY_AGAIN in problem.text
    await service.start()


async def test_a_refusal_of_the_service_is_a_calm_page_without_its_words(visit: Visit) -> None:
    jaya = visit()
    await jaya.sign_up()
    problem = await jaya.choose("harian")
    assert problem.status == 409
    assert "belum bisa dipenuhi" in problem.text
    assert "plan_unknown" not in problem.text


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "Bengkel\x00Jaya"])
async def test_a_name_that_cannot_be_used_is_asked_for_again(visit: Visit, name: str) -> None:
    answer = await visit().sign_up(workshop=name)
    assert answer.status == 422
    assert "1 sampai 100 huruf" in answer.text


async def test_names_are_shown_as_text_never_as_markup(visit: Visit) -> None:
    jaya = visit()
    name = '"><script>alert(1)</script>'
    await jaya.sign_up(workshop=name)
    await jaya.choose()
    async with jaya.http.get(f"{jaya.url}/pay") as answer:
        raw = await answer.text()
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert" in raw


async def test_a_form_of_another_site_is_refused(visit: Visit) -> None:
    form = {"workshop": "Bengkel Palsu", "owner": "Entah"}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://example.com"},
        {"Origin": "null"},
    ):
        assert (await visit().send("/sign-up", form, headers)).status == 403
    jaya = visit()
    assert (await jaya.send("/sign-up", form, {"Origin": jaya.url})).path == "/plans"


async def test_a_form_beyond_the_limit_is_not_read(visit: Visit) -> None:
    assert (await visit().sign_up(workshop="a" * 10_000)).status == 413


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visit: Visit) -> None:
    jaya = visit()
    async with jaya.http.post(
        f"{jaya.url}/sign-up", data={"workshop": "Jaya", "owner": "Jaya"}, allow_redirects=False
    ) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_pages_allow_no_inline_script_and_no_foreign_host(visit: Visit) -> None:
    landing = await visit().open("/")
    assert "default-src 'none'" in landing.headers["Content-Security-Policy"]
    assert "unsafe" not in landing.headers["Content-Security-Policy"]
    assert landing.headers["Cache-Control"] == "no-store"


def exit_of(**settings: str) -> tuple[int, str]:
    ended = subprocess.run(
        COMMAND,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return ended.returncode, ended.stderr


def test_a_missing_setting_is_one_line_and_exit_code_2() -> None:
    code, said = exit_of(PAYMENT_SERVICE_API_KEY=API_KEY)
    assert code == 2
    assert said.count("\n") == 1
    assert "PAYMENT_SERVICE_WEBHOOK_SECRET" in said


def test_a_port_in_use_is_one_line_and_exit_code_2(url: str, tmp_path: Path) -> None:
    port = url.rpartition(":")[2]
    code, said = exit_of(
        BUKUBENGKEL_PORT=port,
        BUKUBENGKEL_DATABASE=str(tmp_path / "other.db"),
        PAYMENT_SERVICE_API_KEY=API_KEY,
        PAYMENT_SERVICE_WEBHOOK_SECRET=WEBHOOK_SECRET,
    )
    assert code == 2
    assert said.count("\n") == 1
    assert port in said


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{API_KEY}\n")
    code, said = exit_of(
        BUKUBENGKEL_PORT=str(free_port()),
        PAYMENT_SERVICE_API_KEY_FILE=str(tmp_path / "key"),
        PAYMENT_SERVICE_WEBHOOK_SECRET_FILE=str(tmp_path / "absent"),
    )
    assert code == 2
    assert "PAYMENT_SERVICE_WEBHOOK_SECRET_FILE cannot be read" in said
