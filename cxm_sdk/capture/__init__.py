"""Getting it: the client that records events inside any Python host and delivers them."""

from __future__ import annotations

from cxm_sdk.capture.batch import Batch, Delivered, Sink
from cxm_sdk.capture.client import Client
from cxm_sdk.capture.context import context, current
from cxm_sdk.capture.ledger import Report, SinkStats, Stats
from cxm_sdk.capture.sinks import FileSink, HttpSink, MemorySink, QuarantineSink

__all__ = [
    "Batch",
    "Client",
    "Delivered",
    "FileSink",
    "HttpSink",
    "MemorySink",
    "QuarantineSink",
    "Report",
    "Sink",
    "SinkStats",
    "Stats",
    "context",
    "current",
]
