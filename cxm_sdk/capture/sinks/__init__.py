"""Where batches go: a Segment-compatible receiver, files, memory."""

from __future__ import annotations

from cxm_sdk.capture.sinks.file import FileSink
from cxm_sdk.capture.sinks.http import HttpSink
from cxm_sdk.capture.sinks.memory import MemorySink
from cxm_sdk.capture.sinks.quarantine import QuarantineSink

__all__ = ["FileSink", "HttpSink", "MemorySink", "QuarantineSink"]
