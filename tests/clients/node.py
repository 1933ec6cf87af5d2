"""The TypeScript client, built as its developers build it, and asked through Node."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.missing import not_tested_here
from tests.service import Service

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "clients" / "typescript"
PACKAGES = ROOT / "tests" / "node" / "node_modules"
KEPT = PACKAGES / ".built"
SCENARIOS = Path(__file__).with_name("scenarios.mjs")
SUBJECT = "the TypeScript client"


def node() -> str:
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        not_tested_here(f"no Node with npm for {SUBJECT}", required_by="REQUIRE_NODE")
    if not (PACKAGES / "openapi-typescript").is_dir():
        not_tested_here(
            f"no npm packages for {SUBJECT}; `make setup` installs them where there is npm",
            required_by="REQUIRE_NODE",
        )
    return found


class Library:
    """`dist` of a package that was built for this version of the service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def dist(self) -> Path:
        return self.folder / "dist"

    async def does(self, scenario: str, **told: Any) -> Any:
        asked = json.dumps({"does": scenario, **told})
        return json.loads(await run(node(), SCENARIOS, self.dist, said=asked))

    async def calls(self, client: dict[str, Any], of: str, *args: Any) -> Any:
        """`subscriptions.create` and the like: `{"gave": …}`, or `{"threw": …}` and more."""
        return await self.does("call", client=client, of=of, args=args)


async def built(service: Service) -> Library:
    """Types are made from the OpenAPI document of this very service. Kept beside the packages, as
    a build takes as long as a hundred tests: one for each content of what it is made of."""
    node()
    document = (await service.ask("GET", "/v1/openapi.json")).body
    wanted = KEPT / _named_after(document.replace(service.origin.encode(), b""))
    if not wanted.is_dir():
        KEPT.mkdir(exist_ok=True)
        # Another process of tests may be at it, too: whoever comes second drops theirs.
        with tempfile.TemporaryDirectory(dir=KEPT) as place:
            await _build(document, Path(place) / "client")
            with suppress(OSError):
                (Path(place) / "client").rename(wanted)
    return Library(wanted)


def _named_after(document: bytes) -> str:
    parts = [ROOT / "tests" / "node" / "package-lock.json", *sorted(SOURCE.rglob("*"))]
    texts = [
        part.relative_to(ROOT).as_posix().encode() + part.read_bytes()
        for part in parts
        if part.is_file() and not {"node_modules", "dist"} & set(part.parts)
    ]
    return sha256(b"\0".join([document, *texts])).hexdigest()


async def _build(described: bytes, folder: Path) -> None:
    shutil.copytree(SOURCE / "src", folder / "src", ignore=shutil.ignore_patterns("schema.ts"))
    for name in ("package.json", "tsconfig.json", "README.md"):
        shutil.copyfile(SOURCE / name, folder / name)
    document = folder / "openapi.json"
    document.write_bytes(described)
    (folder / "node_modules").symlink_to(PACKAGES)
    await run("npm", "run", "--silent", "build", cwd=folder, settings={"OPENAPI": str(document)})


async def run(
    *command: str | Path,
    cwd: Path | None = None,
    settings: Mapping[str, str] | None = None,
    said: str = "",
) -> str:
    """What it prints; it must end well. `settings` are for its environment, `said` is its input."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, "NODE_NO_WARNINGS": "1", **(settings or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(said.encode()), 90)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, out.decode() + err.decode()
    return out.decode()
