"""strace: what a process asks of the machine is recorded, or made to fail."""

import shutil
import subprocess

from tests.missing import not_tested_here


def needs_strace(what: str) -> None:
    """Skip where there is none, or none that may trace; `what` is told."""
    if shutil.which("strace") is None:
        not_tested_here(f"{what}: there is no strace", required_by="REQUIRE_STRACE")
    # Without the kernel's filter every call of the process would stop twice.
    tried = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"],
        capture_output=True,
        check=False,
    )
    if tried.returncode != 0:
        not_tested_here(f"{what}: strace may not trace", required_by="REQUIRE_STRACE")
