"""Payloads a second that each adapter reads on one core."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.adapters.payloads import loaded
from cxm_sdk.adapters.registry import find, names

PAYLOADS = Path(__file__).parents[1] / "tests" / "adapters" / "golden"
#: Bytes of the largest delivery that counts as common.
COMMON = 2_048
#: Payloads a second that a common delivery is meant to be read at.
GOAL = 10_000


class Measured(NamedTuple):
    """A payload and how fast it is read.

    Attributes:
        adapter: Name of the adapter.
        payload: Name of the payload.
        size: Its bytes; 0 where it was rows already.
        things: Items that it holds.
        rate: Payloads a second.
    """

    adapter: str
    payload: str
    size: int
    things: int
    rate: float

    @property
    def common(self) -> bool:
        """Whether it is what webhooks commonly are: one delivery of one thing, of at most 2 KiB."""
        return self.things == 1 and 0 < self.size <= COMMON


def adapters(chosen: argparse.Namespace) -> int:
    """Reads the payloads that have golden files, as bytes, again and again.

    Args:
        chosen: ``seconds`` for each payload, ``adapter`` for one only, ``json``.

    Returns:
        Exit code.
    """
    sys.path.insert(0, str(PAYLOADS.parent))
    import goldens  # type: ignore[import-not-found]  # beside the tests

    before, found = yardstick(), list[Measured]()
    for system, name in goldens.goldens():
        golden = json.loads((PAYLOADS / system / f"{name}.json").read_text(encoding="utf-8"))
        path = goldens.payload_of(system, name)
        if path is None or chosen.adapter not in (None, golden["adapter"]):
            continue
        adapter, payload = goldens.adapter_of(golden), goldens.read(path)
        size = len(payload) if isinstance(payload, bytes) else 0
        rate = per_second(partial(adapter.parse, payload), chosen.seconds)
        found.append(Measured(golden["adapter"], f"{system}/{name}", size, things(adapter, payload), rate))
    known = {one.adapter for one in found}
    missing = [name for name in names() if name not in known and chosen.adapter in (None, name)]
    told = {
        "yardstick_us": [round(one, 2) for one in (before, yardstick())],
        "payloads": [{**one._asdict(), "rate": round(one.rate), "common": one.common} for one in found],
        "not_measured": missing,
    }
    if chosen.json:
        print(json.dumps(told))
    else:
        _show(found, told)
    return 0


def _show(found: list[Measured], told: dict[str, Any]) -> None:
    print(f"{'payload':60} {'bytes':>7} {'things':>6} {'a second':>9}")
    for adapter in dict.fromkeys(one.adapter for one in found):
        rates = [one.rate for one in found if one.adapter == adapter]
        print(f"{find(adapter).title}: {min(rates):,.0f} to {max(rates):,.0f}")
        for one in found:
            if one.adapter == adapter:
                mark = "*" if one.common else " "
                print(f" {mark}{one.payload:58} {one.size or '':>7} {one.things:>6} {one.rate:>9,.0f}")
    common = [one for one in found if one.common]
    for what, some in ((f"* one delivery of one thing, up to {COMMON:,} bytes", common), ("all", found)):
        reached = sum(one.rate >= GOAL for one in some)
        middle = sorted(one.rate for one in some)[len(some) // 2] if some else 0
        print(f"{what}: {reached} of {len(some)} at {GOAL:,} a second or more; the middle one {middle:,.0f}")
    print(f"json.dumps of an order of 12 lines, before and after: {told['yardstick_us']} us")
    if told["not_measured"]:
        print(f"not measured, for want of payloads: {', '.join(told['not_measured'])}")


def things(adapter: Adapter, payload: object) -> int:
    """Counts the items of a payload.

    Args:
        adapter: What reads it.
        payload: As it comes.

    Returns:
        How many there are.

    Example:
        >>> from cxm_sdk.adapters.registry import get
        >>> things(get("segment"), b'{"batch": [{"type": "track"}, {"type": "page"}]}')
        2
    """
    held = loaded(payload)
    tops = held if isinstance(held, list) else [held]
    return sum(len(adapter.unwrap(adapter.items(one))) for one in tops)


def yardstick() -> float:
    """Microseconds that ``json.dumps`` takes for an order of 12 lines: how fast the machine is at that time."""
    lines = [{"sku": f"T-{n}", "name": "Tea", "price": "9.90", "quantity": 2} for n in range(12)]
    order = {"event": "Order Completed", "properties": {"total": "237.60", "products": lines}}
    return 1e6 / per_second(lambda: json.dumps(order), 0.5)


def per_second(read: Callable[[], object], seconds: float) -> float:
    """How often something is done in a second of this thread's processor time; the best of ten rounds.

    Args:
        read: What is done.
        seconds: For all rounds.

    Returns:
        Times a second.

    Example:
        >>> per_second(lambda: sum(range(10)), 0.01) > 1000
        True
    """
    best, rounds, each = 0.0, 10, 1
    while rounds:
        start = time.thread_time()
        for _ in range(each):
            read()
        taken = time.thread_time() - start
        if taken < seconds / 10:
            each *= 2
            continue
        best, rounds = max(best, each / taken), rounds - 1
    return best
