"""The collector: real browsers and real SDKs as our clients.

It needs the extra ``server``.
"""

from __future__ import annotations

from cxm_sdk.capture.collector.app import Collector
from cxm_sdk.capture.collector.asked import Profiles, Webhook
from cxm_sdk.capture.collector.keys import ReadKey, WriteKey, hashed

__all__ = ["Collector", "Profiles", "ReadKey", "Webhook", "WriteKey", "hashed"]
