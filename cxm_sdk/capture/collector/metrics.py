"""What the collector counts, in the words of Prometheus."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from cxm_sdk.capture.collector.replies import Reply
from cxm_sdk.capture.ledger import Stats
from cxm_sdk.errors import MissingExtraError

try:
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
    from prometheus_client.utils import floatToGoString
except ModuleNotFoundError:
    raise MissingExtraError.for_package("prometheus_client", "server") from None

__all__ = ["Metrics"]

_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass
class _Seconds:
    """Times that requests of a kind took: how many up to each bound and no shorter one, and their sum."""

    counts: list[int]
    total: float = 0.0


class Metrics:
    """Counts of one collector.

    Args:
        stats: Gives the ledger of the delivery.
        beyond: Gives how many ids could not be noted.

    Example:
        >>> metrics = Metrics(lambda: Stats(0, 0, 0, {}, {}, 0, 0, {}, 0, 0.0), lambda: 0)
        >>> metrics.events("shop", "accepted", 3)
        >>> b'cxm_collector_events_total{source="shop",status="accepted"} 3.0' in metrics.reply().body
        True
    """

    def __init__(self, stats: Callable[[], Stats], beyond: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        # plain numbers, as those of the client library take a lock each
        self._lock = threading.Lock()
        self._events: dict[tuple[str, str], int] = {}
        self._requests: dict[tuple[str, int], int] = {}
        self._seconds: dict[str, _Seconds] = {}
        self._stats = stats
        self._beyond = beyond
        self._registry.register(self)

    def events(self, source: str, status: str, count: int) -> None:
        """Counts events.

        Args:
            source: Where they are from.
            status: What became of them.
            count: How many.
        """
        with self._lock:  # the threads of delivery and consent count, too
            self._events[source, status] = self._events.get((source, status), 0) + count

    def request(self, kind: str, status: int, seconds: float) -> None:
        """Counts a request.

        Args:
            kind: What was asked for.
            status: HTTP status of the answer.
            seconds: Time it took.
        """
        self._requests[kind, status] = self._requests.get((kind, status), 0) + 1
        known = self._seconds.get(kind)
        if known is None:
            known = self._seconds[kind] = _Seconds([0] * (len(_BOUNDS) + 1))
        known.counts[bisect_left(_BOUNDS, seconds)] += 1
        known.total += seconds

    def collect(self) -> Iterator[Metric]:
        """Reads the ledger, when Prometheus asks.

        Yields:
            What came, what waits, and what became of the rest.
        """
        events = CounterMetricFamily(
            "cxm_collector_events", "Events by what became of them.", labels=("source", "status")
        )
        for labels, count in list(self._events.items()):
            events.add_metric(labels, count)
        requests = CounterMetricFamily(
            "cxm_collector_requests", "Requests by kind and HTTP status.", labels=("kind", "status")
        )
        for (kind, status), count in self._requests.items():
            requests.add_metric((kind, str(status)), count)
        took = HistogramMetricFamily(
            "cxm_collector_request_seconds",
            "Time from the end of the headers to the answer.",
            labels=("kind",),
        )
        for kind, known in self._seconds.items():
            bounds = [*map(floatToGoString, _BOUNDS), "+Inf"]
            took.add_metric((kind,), list(zip(bounds, accumulate(known.counts), strict=True)), known.total)
        yield from (events, requests, took)
        stats = self._stats()
        for name, text, value in (
            ("waiting", "Events that wait to be delivered.", stats.queued + stats.spooled),
            ("delivered", "Events that the sink has taken since the start.", stats.delivered),
            ("refused", "Events that the sink has refused since the start.", sum(stats.rejected.values())),
            ("retries", "Attempts that failed since the start.", stats.retries),
            ("unnoted_ids", "Message ids that could not be noted since the start.", self._beyond()),
        ):
            yield GaugeMetricFamily(f"cxm_collector_{name}", text, value)

    def reply(self) -> Reply:
        """Writes everything down.

        Returns:
            The answer to Prometheus.
        """
        return Reply(200, generate_latest(self._registry), ((b"content-type", CONTENT_TYPE_LATEST.encode()),))
