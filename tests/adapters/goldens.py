"""What payloads become, as somebody checked it: ``golden/SYSTEM/NAME.json`` beside ``payloads/SYSTEM/NAME.json``.

``python tests/adapters/goldens.py SYSTEM`` writes those that are not there yet, to be checked line by line against what
the vendor documents before they are kept. Payloads of which no copy may be kept here are read from the folder that
``CXM_PAYLOADS`` names, and skipped without it.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.adapters.files import pieces
from cxm_sdk.adapters.parsed import Parsed
from cxm_sdk.adapters.registry import find

HERE = Path(__file__).resolve().parent
OWN = HERE / "payloads"
GOLDEN = HERE / "golden"
ELSEWHERE = Path(os.environ.get("CXM_PAYLOADS", HERE.parents[2] / "shared" / "payloads"))
KINDS = (".json", ".csv", ".xml")


def payload_of(system: str, name: str) -> Path | None:
    """The file of a payload: the copy here, else the one elsewhere, else None."""
    for folder in (OWN, ELSEWHERE):
        for kind in KINDS:
            if (path := folder / system / f"{name}{kind}").is_file():
                return path
    return None


def goldens() -> Iterator[tuple[str, str]]:
    """System and name of every golden file."""
    for path in sorted(GOLDEN.glob("*/*.json")):
        yield path.parent.name, path.stem


def read(path: Path) -> Any:
    """A payload as adapters take it."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as rows:
            return list(csv.DictReader(rows))
    if path.suffix == ".xml":
        return next(pieces(path)).payload
    content = path.read_bytes()
    held = json.loads(content)
    form = isinstance(held, dict) and held.get("content_type") == "application/x-www-form-urlencoded"
    return held["body"].encode() if form else content  # a form is kept with what is known of it


def adapter_of(golden: dict[str, Any]) -> Adapter:
    """The adapter, with the options that the golden file states."""
    options = dict(golden.get("options", {}))
    if "received" in options:
        options["received"] = datetime.fromisoformat(options["received"])
    return find(golden["adapter"])(**options)


def told(parsed: Parsed) -> dict[str, Any]:
    """What a golden file states of a payload."""
    return {**parsed.to_dict(), "unmapped": list(parsed.unmapped)}


def main(system: str, adapter: str | None = None) -> None:
    """Writes the golden files of a system that are not there yet."""
    for folder in (OWN, ELSEWHERE):
        for path in sorted((folder / system).glob("*")):
            file = GOLDEN / system / f"{path.stem}.json"
            if path.suffix not in KINDS or file.exists():
                continue
            golden = {
                "adapter": adapter or system,
                "options": {"tenant": "t-1", "received": "2026-01-01T00:00:00+00:00"},
            }
            file.parent.mkdir(parents=True, exist_ok=True)
            made = told(adapter_of(golden).parse(read(path)))
            file.write_text(
                json.dumps({**golden, **made}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
