"""Getting it: the client that records events inside any Python host and delivers them.

Every name is loaded when it is first used, so that a host pays for nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxm_sdk.capture.batch import Batch, Delivered, Sink
    from cxm_sdk.capture.client import Client
    from cxm_sdk.capture.collector import Collector, ReadKey, WriteKey
    from cxm_sdk.capture.ledger import Report, Stats
    from cxm_sdk.capture.sinks.file import FileSink
    from cxm_sdk.capture.sinks.http import HttpSink
    from cxm_sdk.capture.sinks.memory import MemorySink
    from cxm_sdk.capture.sinks.quarantine import QuarantineSink

__all__ = [
    "Batch",
    "Client",
    "Collector",
    "Delivered",
    "FileSink",
    "HttpSink",
    "MemorySink",
    "QuarantineSink",
    "ReadKey",
    "Report",
    "Sink",
    "Stats",
    "WriteKey",
]

_HOME = {
    "Batch": "batch",
    "Client": "client",
    "Collector": "collector.app",
    "Delivered": "batch",
    "FileSink": "sinks.file",
    "HttpSink": "sinks.http",
    "MemorySink": "sinks.memory",
    "QuarantineSink": "sinks.quarantine",
    "ReadKey": "collector.keys",
    "Report": "ledger",
    "Sink": "batch",
    "Stats": "ledger",
    "WriteKey": "collector.keys",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
