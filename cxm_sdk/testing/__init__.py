"""For users' own tests: caught events, a sink in memory, the contract of adapters, customers with known truth."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxm_sdk.capture.sinks.memory import MemorySink
    from cxm_sdk.testing.adapters import AdapterContract
    from cxm_sdk.testing.captured import CapturedEvents
    from cxm_sdk.testing.plugin import capture_events

__all__ = ["AdapterContract", "CapturedEvents", "MemorySink", "capture_events"]

_HOME = {
    "AdapterContract": "cxm_sdk.testing.adapters",
    "CapturedEvents": "cxm_sdk.testing.captured",
    "MemorySink": "cxm_sdk.capture.sinks.memory",
    "capture_events": "cxm_sdk.testing.plugin",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
