"""A server with nothing on it but Debian: this machine's, in namespaces of its own.

What is written to `/etc`, `/opt`, `/usr/local` and `/var` is seen in there alone and gone at the
end; its ports are its own, and nothing outside is reached. What cannot be there, packages of
Debian, git and systemd, is played by scripts that do the one thing that the guide wants of them.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.missing import not_tested_here

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
END = "the block has ended"
CHANGED = ("etc", "opt", "usr/local", "var/backups", "var/lib")
APART = ("unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")
PLAYED = {
    "sudo": 'exec "$@"',
    "apt": "exit 0",
    "git": 'mkdir -p "$3" && cd "$CHECKOUT" && cp -r deploy examples requirements src '
    'LICENSE Makefile README.md pyproject.toml "$3"',
    "journalctl": "cat /etc/said",
    # As the unit says it: its user, its folder, its settings, and the socket of the other unit.
    "systemctl": r"""
of() { sed -n "s/^$2=-\{0,1\}//p" /etc/systemd/system/$1; }
case "$*" in
"enable --now payment-service.socket payment-service.service")
    user=$(of payment-service.service User) folder=$(of payment-service.service WorkingDirectory)
    install -d -m 700 -o $user $folder && cd $folder
    set -a && . $(of payment-service.service EnvironmentFile) && set +a && umask 077
    setsid runuser -u $user -- $(of payment-service.service ExecStart) >/etc/said 2>&1 &
    until curl -s $(of payment-service.socket ListenStream)/healthz/live; do sleep 0.1; done ;;
"reload caddy")
    export XDG_DATA_HOME=/var/lib
    setsid caddy run --config /etc/caddy/Caddyfile >/etc/caddy/said 2>&1 &
    root=/var/lib/caddy/pki/authorities/local/root.crt
    until [ -s $root ]; do sleep 0.1; done
    cat $root >>/etc/ssl/certs/ca-certificates.crt
    until curl -sf https://$SITE/healthz/live; do sleep 0.1; done ;;
esac""",
}


class BareServer:
    """A terminal on it, in which somebody types."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def types(self, block: str) -> str:
        """What it prints, errors too. Every command must succeed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # In braces and not apart: the next block is typed in the same folder.
        self._process.stdin.write(f"{{\n{block}\n}} </dev/null\necho {END}\n")
        self._process.stdin.flush()
        printed = ""
        for line in self._process.stdout:
            if line.rstrip("\n").endswith(END):
                return printed + line.rstrip("\n").removesuffix(END)
            printed += line
        raise AssertionError(f"{block}\n{printed}")


@contextmanager
def bare_server(folder: Path) -> Iterator[BareServer]:
    """Everything that runs on it is killed at the end. Skips where there can be none."""
    if os.geteuid() != 0 or subprocess.run([*APART, "true"], check=False).returncode != 0:
        not_tested_here("no root that may have namespaces, for a server of its own")
    version = "import sys; print(sys.version_info[:2])"
    found = subprocess.run(
        ["/usr/bin/python3", "-c", version], capture_output=True, text=True, check=False
    )
    if found.stdout.strip() != str(sys.version_info[:2]):
        not_tested_here("no Python of Debian's for which the packages are at hand")
    if shutil.which("caddy") is None:
        not_tested_here("no caddy to stand in front", required_by="REQUIRE_CADDY")
    played = folder / "played"
    played.mkdir()
    for name, words in PLAYED.items():
        (played / name).write_text(f"#!/bin/sh\n{words}\n")
        (played / name).chmod(0o755)
    with subprocess.Popen(
        [*APART, "bash", "-e"],
        cwd=folder,
        env={
            **{name: text for name, text in os.environ.items() if name.startswith("UV_")},
            "PATH": f"{played}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": os.environ.get("HOME", "/root"),
            "CHECKOUT": str(ROOT),
            "MAKEFLAGS": f"-- UV={UV}",
            "UV_OFFLINE": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            server = BareServer(process)
            server.types(_own_folders(folder))
            yield server
        finally:
            process.kill()


def _own_folders(folder: Path) -> str:
    """Layers that are this server's, over the machine's; in memory, for a layer wants another kind
    of file system than the one below."""
    own = folder / "own"
    own.mkdir()
    lines = [f"mount -t tmpfs own {own}"]
    for name in CHANGED:
        upper, work = f"{own}/{name}/upper", f"{own}/{name}/work"
        lines.append(f"mkdir -p {upper} {work}")
        layers = f"lowerdir=/{name},upperdir={upper},workdir={work}"
        lines.append(f"mount -t overlay own -o {layers} /{name}")
    return "\n".join([*lines, "ip link set lo up", "echo 127.0.0.1 bayar.localhost >>/etc/hosts"])
