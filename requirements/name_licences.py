"""Give each part of a bill of materials its licence: `make sbom` does so.

Standard input is the bill of the installed packages, which holds what they declare; the argument is
the file of the bill of the pins, which is completed in place.
"""

import json
import sys
from pathlib import Path
from typing import Any

READ = {
    "aiohappyeyeballs": ("PSF-2.0", "declares it, and a classifier that fits several"),
    "aiosignal": ("Apache-2.0", "declares Apache 2.0; its LICENSE is that text"),
    "babel": ("BSD-3-Clause", "declares it, and a classifier that fits several"),
    "colorama": ("BSD-3-Clause", "its LICENSE.txt is that text; installed on Windows alone"),
    "jinja2": ("BSD-3-Clause", "declares BSD; its LICENSE.txt is that text"),
    "pyasn1-modules": ("BSD-2-Clause", "declares BSD; its LICENSE.txt is that text"),
    "pyopenssl": ("Apache-2.0", "declares Apache License, Version 2.0; its LICENSE is that text"),
    "pysqlite3": ("Zlib", "declares none; its LICENSE is that text"),
    "reportlab": ("BSD-3-Clause", "declares BSD; its LICENSE is that text"),
    "segno": ("BSD-3-Clause", "declares BSD; its LICENSE is that text"),
    "uharfbuzz": ("Apache-2.0", "declares Apache License 2.0; its LICENSE is that text"),
    "uvloop": ("MIT OR Apache-2.0", "declares both; it has the text of each"),
}
"""Of packages that declare none by its name in SPDX: what we have read in them, and where."""


def declared(part: dict[str, Any] | None, version: str) -> str | None:
    """By its name in SPDX, where it declares one; None else."""
    if part is None or part["version"] != version or len(part.get("licenses", ())) != 1:
        return None
    (one,) = part["licenses"]
    found: str | None = one.get("expression") or one["license"].get("id")
    return found


def licensed(name: str, acknowledgement: str) -> list[dict[str, Any]]:
    if " " in name:
        return [{"expression": name, "acknowledgement": acknowledgement}]
    return [{"license": {"id": name, "acknowledgement": acknowledgement}}]


def complete(bill: dict[str, Any], installed: dict[str, Any]) -> list[str]:
    """The names of parts whose licence nobody knows."""
    here = {one["name"].lower().replace("_", "-"): one for one in installed["components"]}
    unknown = []
    for part in bill["components"]:
        name = part["name"]
        if name in READ:
            licence, where = READ[name]
            part["licenses"] = licensed(licence, "concluded")
            part["properties"] = [{"name": "licence read", "value": where}]
        elif (found := declared(here.get(name), part["version"])) is not None:
            part["licenses"] = licensed(found, "declared")
        else:
            unknown.append(name)
        # From whichever index it comes, the hashes are the same.
        for reference in part["externalReferences"]:
            reference["url"] = part["purl"]
            reference.pop("comment", None)
    for tool in bill["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    return unknown


if __name__ == "__main__":
    file = Path(sys.argv[1])
    bill = json.loads(file.read_text())
    if unknown := complete(bill, json.load(sys.stdin)):
        file.unlink()
        sys.exit(f"no licence is known of {', '.join(unknown)}: name it in {sys.argv[0]}")
    file.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")
