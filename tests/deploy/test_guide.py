"""The guide of docs/operations.md, typed on a bare server from its first line to the payment."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.commands import Operator
from tests.deploy.bare_server import BareServer, bare_server
from tests.guide.pages import FENCED, Page
from tests.guide.typist import commands_of
from tests.test_docs import section

MADE = re.compile(r"\b(app|sub)_[0-9a-z]{26}\b|\b(psk_live)_\w+")
OMITTED = re.compile(r"\b(app|sub|psk_live)_…")
PAKASIR = "http://127.0.0.1:5006"
READERS_OWN = {
    "SITE=bayar.example.com": "SITE=bayar.localhost",
    "sudo systemctl daemon-reload": (
        "echo PAYMENT_SERVICE_PRIVATE_TARGETS=127.0.0.1:5006 >>/etc/payment-service.env"
    ),
    "/dev/stdin": "/etc/pakasir",
    "--gateway pakasir": f"--gateway pakasir --pakasir-base-url {PAKASIR}",
}
STARTS_PAKASIR = f"""
echo kunci >/etc/pakasir
PAYMENT_SERVICE_DATABASE_URL=sqlite:////var/lib/pakasir.sqlite3 setsid \\
    /opt/payment-service/bin/payment-service simulate-pakasir --project bukubengkel --live \\
    --api-key @/etc/pakasir --webhook-secret @/etc/pakasir --webhook-url {PAKASIR}/ \\
    >/etc/pakasir.log 2>&1 &
until curl -s {PAKASIR}; do sleep 0.1; done
"""
PAYS = f"""
asked() {{ curl -sf -X POST -H 'Sec-Fetch-Site: same-origin' "$@"; }}
asked $PAY_URL/code
order=$(curl -sf $PAY_URL | grep -o 'chg_[0-9a-z]*' | head -n 1)
scanned=$(curl -sf "{PAKASIR}/pay/bukubengkel/500?order_id=$order")
asked {PAKASIR}/pay-v2/$(echo "$scanned" | grep -o '[^/]*/paid')
until curl -sf $PAY_URL/status | grep '"state":"paid"'; do sleep 0.5; asked $PAY_URL/check; done
curl -sf $PAY_URL | grep -o LUNAS
"""


class Reader:
    """Types what stands there, with their own name and keys and the ids that they were told."""

    def __init__(self, server: BareServer, own: Mapping[str, str] = READERS_OWN) -> None:
        self._server = server
        self._own = own
        self._known: dict[str, str] = {}

    def types(self, command: str) -> str:
        for theirs, own in self._own.items():
            command = command.replace(theirs, own)
        printed = self._server.types(OMITTED.sub(lambda found: self._known[found[1]], command))
        for found in MADE.finditer(printed):
            self._known.setdefault(found[1] or found[2], found[0])
        return printed


@pytest.mark.timeout(300)
def test_typed_from_a_bare_server_on_a_payment_comes_in(tmp_path: Path) -> None:
    guide = section(Page("operations.md").text, "## From a bare server to the first live payment")
    commands = [one for found in FENCED.finditer(guide) for one in commands_of(found["text"])]
    paid = ""
    with bare_server(tmp_path) as server:
        reader = Reader(server)
        for command in commands:
            if "/dev/stdin /var/lib/payment-service/live-key.txt" in command:
                server.types(STARTS_PAKASIR)
            printed = reader.types(command)
            if "/v1/subscriptions" in command:
                [link] = re.findall(r'"seq":1,"pay_url":"([^"]+)"', printed)
                paid = server.types(f"PAY_URL={link}{PAYS}")
    assert "LUNAS" in paid


@pytest.mark.timeout(300)
def test_typed_on_a_new_machine_the_backup_runs_there_with_its_key(tmp_path: Path) -> None:
    old = Operator(tmp_path / "old")
    old.folder.mkdir()
    made = old.runs("app", "create", "--name", "BukuBengkel", "--mode", "test", "--json")
    assert old.runs("backup", "--to", "b.sqlite3").code == 0, made.err
    own = {
        "SITE=bayar.example.com": "SITE=bayar.localhost",
        "/dev/stdin": f"{old.folder}/data/secret.key",
        "~/payment-service-2026-11-29T193000Z.sqlite3": f"{old.folder}/b.sqlite3",
    }
    page = Page("operations.md").text
    sections = ("### 1. The name", "### 2. Install", "### On a new machine")
    blocks = [found["text"] for one in sections for found in FENCED.finditer(section(page, one))]
    assert len(blocks) == 4
    with bare_server(tmp_path) as server:
        reader = Reader(server, own)
        printed = "".join(reader.types(one) for block in blocks for one in commands_of(block))
        assert '"status":"ready"' in printed
        assert made.json["id"] in reader.types("sudo payment-service app list --json")
