"""Payloads a second that each adapter reads on one core."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.adapters.registry import find, names

PAYLOADS = Path(__file__).parents[1] / "tests" / "adapters" / "golden"


def adapters(chosen: argparse.Namespace) -> int:
    """Reads the payloads that have golden files, as bytes, again and again.

    Args:
        chosen: ``seconds`` for each payload, ``adapter`` for one only, ``json``.

    Returns:
        Exit code.
    """
    sys.path.insert(0, str(PAYLOADS.parent))
    import goldens  # type: ignore[import-not-found]  # beside the tests

    found: dict[str, dict[str, float]] = {}
    for system, name in goldens.goldens():
        golden = json.loads((PAYLOADS / system / f"{name}.json").read_text(encoding="utf-8"))
        path = goldens.payload_of(system, name)
        if path is None or chosen.adapter not in (None, golden["adapter"]):
            continue
        rate = per_second(goldens.adapter_of(golden), goldens.read(path), chosen.seconds)
        found.setdefault(golden["adapter"], {})[f"{system}/{name}"] = round(rate)
    missing = [name for name in names() if name not in found and chosen.adapter in (None, name)]
    if chosen.json:
        print(json.dumps({"payloads_per_second": found, "not_measured": missing}))
        return 0
    for adapter, rates in found.items():
        print(
            f"{adapter:16} {find(adapter).title}: {min(rates.values()):,.0f} to {max(rates.values()):,.0f} payloads/s"
        )
        for payload, rate in rates.items():
            print(f"{'':16} {payload:60} {rate:>10,.0f}")
    if missing:
        print(f"not measured, for want of payloads: {', '.join(missing)}")
    return 0


def per_second(adapter: Adapter, payload: object, seconds: float) -> float:
    """How often a payload is read in a second, from bytes; the best of five rounds.

    Args:
        adapter: What reads it.
        payload: As it comes.
        seconds: For all rounds.

    Returns:
        Payloads a second.

    Example:
        >>> from cxm_sdk.adapters.registry import get
        >>> per_second(get("segment"), b'{"type": "track"}', 0.01) > 100
        True
    """
    best, rounds, each = 0.0, 5, 1
    while rounds:
        start = time.perf_counter()
        for _ in range(each):
            adapter.parse(payload)
        taken = time.perf_counter() - start
        if taken < seconds / 5:
            each *= 2
            continue
        best, rounds = max(best, each / taken), rounds - 1
    return best
