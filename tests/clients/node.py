"""The TypeScript client, built as its developers build it, and asked through Node."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.missing import not_tested_here
from tests.service import Service

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "clients" / "typescript"
PACKAGES = ROOT / "tests" / "node" / "node_modules"
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


async def build(service: Service, folder: Path) -> Library:
    """Types are made from the OpenAPI document of this very service."""
    node()
    document = folder / "openapi.json"
    document.write_bytes((await service.ask("GET", "/v1/openapi.json")).body)
    for name in ("package.json", "tsconfig.json", "README.md"):
        shutil.copyfile(SOURCE / name, folder / name)
    written = shutil.ignore_patterns("schema.ts")
    shutil.copytree(SOURCE / "src", folder / "src", ignore=written)
    (folder / "node_modules").symlink_to(PACKAGES)
    await run("npm", "run", "--silent", "build", cwd=folder, settings={"OPENAPI": str(document)})
    return Library(folder)


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
