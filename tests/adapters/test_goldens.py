"""Payloads become what somebody checked that they should."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("goldens", Path(__file__).parent / "goldens.py")
assert _spec is not None
assert _spec.loader is not None
goldens = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(goldens)


@pytest.mark.parametrize(("system", "name"), list(goldens.goldens()))
def test_a_payload_becomes_what_was_checked(system: str, name: str) -> None:
    golden = json.loads((goldens.GOLDEN / system / f"{name}.json").read_text(encoding="utf-8"))
    path = goldens.payload_of(system, name)
    if path is None:
        pytest.skip("the payload may not be kept here, and is not elsewhere")
    made = json.loads(json.dumps(goldens.told(goldens.adapter_of(golden).parse(goldens.read(path)))))
    assert made == {key: value for key, value in golden.items() if key not in ("adapter", "options")}


def test_every_payload_here_has_a_golden_file() -> None:
    known = set(goldens.goldens())
    files = [path for path in goldens.OWN.glob("*/*") if path.suffix in goldens.KINDS]
    assert {(path.parent.name, path.stem) for path in files} - known == set()
