"""What the collector counts, in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cxm_sdk.capture.collector.replies import Reply
from cxm_sdk.capture.ledger import Stats
from cxm_sdk.errors import MissingExtraError

try:
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
    from prometheus_client.core import GaugeMetricFamily, Metric
except ModuleNotFoundError:
    raise MissingExtraError.for_package("prometheus_client", "server") from None

__all__ = ["Metrics"]

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


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
        self._events = Counter(
            "cxm_collector_events",
            "Events by what became of them.",
            ("source", "status"),
            registry=self._registry,
        )
        self._requests = Counter(
            "cxm_collector_requests",
            "Requests by kind and HTTP status.",
            ("kind", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "cxm_collector_request_seconds",
            "Time from the first byte of a body to the answer.",
            ("kind",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._counted: dict[tuple[str, str], Counter] = {}
        self._answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
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
        known = self._counted.get((source, status))
        if known is None:
            known = self._counted[source, status] = self._events.labels(source, status)
        known.inc(count)

    def request(self, kind: str, status: int, seconds: float) -> None:
        """Counts a request.

        Args:
            kind: What was asked for.
            status: HTTP status of the answer.
            seconds: Time it took.
        """
        known = self._answered.get((kind, status))
        if known is None:
            known = self._requests.labels(kind, str(status)), self._seconds.labels(kind)
            self._answered[kind, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def collect(self) -> Iterator[Metric]:
        """Reads the ledger, when Prometheus asks.

        Yields:
            What waits, and what became of the rest.
        """
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
