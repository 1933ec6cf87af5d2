"""The file for PM2: read by Node, as PM2 reads it."""

import json
import shutil
import subprocess
from pathlib import Path

from payment_service.cli import COMMANDS
from payment_service.config import read_settings
from tests.missing import not_tested_here

FILE = Path(__file__).parents[2] / "deploy" / "ecosystem.config.cjs"
LONGEST_STOP_MS = 25_000


def test_pm2_runs_one_service_and_gives_it_time_to_stop() -> None:
    node = shutil.which("node")
    if node is None:
        not_tested_here("no node for the file of PM2", required_by="REQUIRE_NODE")
    script = f"console.log(JSON.stringify(require({json.dumps(str(FILE))})))"
    done = subprocess.run(
        [node, "-e", script], env={"HOME": "/home/budi"}, capture_output=True, text=True, check=True
    )
    [app] = json.loads(done.stdout)["apps"]
    assert app["script"] == "/home/budi/payment-service/bin/payment-service"
    assert app["args"] in COMMANDS
    assert (app["interpreter"], app["exec_mode"]) == ("none", "fork")
    assert app["kill_timeout"] > LONGEST_STOP_MS
    assert read_settings(app["env"]).origin == "https://bayar.example.com"
