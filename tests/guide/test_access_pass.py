"""The guide's check of an access pass in PHP."""

import json
import subprocess
from pathlib import Path
from typing import Any

from payment_service.actions.register_app import Registration
from payment_service.kit.clock import ShiftedClock, SystemClock
from tests.guide.handlers import php_found
from tests.guide.pages import GUIDE
from tests.service import Service, running_service
from tests.story import App, register

ASKED = """
$asked = json_decode(file_get_contents('php://stdin'), true);
echo json_encode(array_map(fn (array $one) => pass_claims(...$one), $asked));
"""


def claims(folder: Path, *asked: tuple[str, dict[str, Any], str, str]) -> list[Any]:
    """What the function gives for each pass, key set, app and issuer."""
    program = folder / "pass.php"
    program.write_text(GUIDE.snippet("php", "function pass_claims") + ASKED)
    given = [dict(zip(("pass", "keys", "app", "issuer"), one, strict=True)) for one in asked]
    done = subprocess.run(
        [php_found(), "-d", "display_errors=stderr", program],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said: list[Any] = json.loads(done.stdout)
    return said


async def paid_tenant(service: Service) -> tuple[App, str]:
    """The app, and the pass of a tenant who has paid."""
    app = await register(service, Registration(name="BukuBengkel", mode="test"))
    made = (await app.subscribes("tenant-42", "bulanan")).json
    await app.asks("POST", f"/v1/test/invoices/{made['open_invoice']['id']}/pay")
    answer = (await app.asks("GET", f"/v1/subscriptions/{made['id']}/pass")).json
    return app, answer["pass"]


async def test_it_believes_what_the_service_signed_and_nothing_else(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with running_service(sqlite_url, SystemClock()) as service:
        app, token = await paid_tenant(service)
        keys = (await service.ask("GET", "/.well-known/payment-service/keys.json")).json
    head, body, signature = token.split(".")
    other = {"keys": [one | {"x": "A" * 43} for one in keys["keys"]]}
    renamed = {"keys": [one | {"kid": "another"} for one in keys["keys"]]}
    good, *bad = claims(
        tmp_path,
        (token, keys, app.id, service.origin),
        (token, keys, "app_other", service.origin),
        (token, keys, app.id, "https://elsewhere.example.com"),
        (token, other, app.id, service.origin),
        (token, renamed, app.id, service.origin),
        (token, {"keys": []}, app.id, service.origin),
        (f"{head}.{body[:-4]}AAAA.{signature}", keys, app.id, service.origin),
        (f"{head}.{body}.{'A' * 86}", keys, app.id, service.origin),
        (f"{head}.{body}.", keys, app.id, service.origin),
        (f"eyJhbGciOiJub25lIn0.{body}.", keys, app.id, service.origin),
        ("", keys, app.id, service.origin),
        ("a.b.c", keys, app.id, service.origin),
        ("MA.MA.MA", keys, app.id, service.origin),
    )
    assert (good["sub"], good["access"], good["seq"]) == ("tenant-42", True, 2)
    assert bad == [None] * len(bad)


async def test_an_old_pass_is_not_good_any_more(sqlite_url: str, tmp_path: Path) -> None:
    """Signed by a service whose clock was four days behind."""
    clock = ShiftedClock(SystemClock(), -4 * 86_400)
    async with running_service(sqlite_url, clock) as service:
        app, token = await paid_tenant(service)
        keys = (await service.ask("GET", "/.well-known/payment-service/keys.json")).json
    assert claims(tmp_path, (token, keys, app.id, service.origin)) == [None]
