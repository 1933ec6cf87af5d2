"""The file for PM2: read by Node, as PM2 reads it."""

import json
import shutil
import subprocess
from pathlib import Path

from payment_service.cli import COMMANDS
from payment_service.config import read_settings
from tests.deploy.test_images import OWN
from tests.deploy.test_operator import as_a_shell_reads
from tests.missing import not_tested_here

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "ecosystem.config.cjs"
LONGEST_STOP_MS = 25_000


def read(folder: Path) -> "subprocess.CompletedProcess[str]":
    node = shutil.which("node")
    if node is None:
        not_tested_here("no node for the file of PM2", required_by="REQUIRE_NODE")
    shutil.copyfile(DEPLOY / NAME, folder / NAME)
    script = f"console.log(JSON.stringify(require({json.dumps(str(folder / NAME))})))"
    environment = {"HOME": "/home/budi"}
    return subprocess.run(
        [node, "-e", script], env=environment, capture_output=True, text=True, check=False
    )


def test_pm2_runs_one_service_and_gives_it_time_to_stop(tmp_path: Path) -> None:
    shutil.copyfile(DEPLOY / "payment-service.env", tmp_path / OWN.name)
    [app] = json.loads(read(tmp_path).stdout)["apps"]
    assert app["script"] == "/home/budi/payment-service/bin/payment-service"
    assert app["args"] in COMMANDS
    assert (app["interpreter"], app["exec_mode"]) == ("none", "fork")
    assert app["kill_timeout"] > LONGEST_STOP_MS
    assert read_settings(app["env"]).origin == "https://bayar.example.com"


def test_settings_are_in_a_file_of_ones_own_and_read_as_a_shell_reads_them(tmp_path: Path) -> None:
    text = """
# PAYMENT_SERVICE_PORT='1'
PAYMENT_SERVICE_BASE_URL='https://bayar.bengkel.id'
PAYMENT_SERVICE_SMTP_URL='smtp://a:b=c"d@mail.example.com:587'
PAYMENT_SERVICE_PRIVATE_TARGETS=127.0.0.1:3000
PGPASSWORD="rahasia"
"""
    (tmp_path / OWN.name).write_text(text)
    [app] = json.loads(read(tmp_path).stdout)["apps"]
    assert len(app["env"]) == 4
    assert app["env"].items() <= as_a_shell_reads(text).items()


def test_without_them_it_says_what_is_to_be_copied(tmp_path: Path) -> None:
    done = read(tmp_path)
    assert done.returncode != 0
    assert f"{OWN.name} is not there; copy payment-service.env" in done.stderr
