"""One capture client, measured in a process and if wanted an interpreter of its own.

    python -m benchmarks.peers.capture_clients --client segment --measure calls --shape nested --port P

Nothing of `cxm_sdk` is imported unless it is the client asked for. One JSON object is printed.

`calls`: what one call costs and how much memory 10,000 queued events take. The sender of the client is kept waiting
by a collector that does not answer, or by batches that never fill up. `delivery`: events a second and processor time
an event, from the first call until the client says that all is sent.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import logging
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NEVER = 10**9
BATCH = 100  # events a request, where a client takes a number; Mixpanel takes 50 at most


def nested_order(number: int) -> dict[str, Any]:
    """Gives an order with two products, about 430 bytes of JSON.

    Args:
        number: makes the order differ from others.

    Returns:
        Properties.

    Example:
        >>> 400 < len(json.dumps(nested_order(1), separators=(",", ":"))) < 460
        True
    """
    return {
        "order_id": f"o-{number:07d}",
        "total": "84.90",
        "revenue": "79.90",
        "shipping": "5.00",
        "tax": "12.10",
        "affiliation": "Web shop Austria",
        "checkout_id": "c-4711",
        "currency": "EUR",
        "coupon": "SPRING",
        "products": [
            {
                "product_id": f"sku-{number % 1000:04d}",
                "name": "Trail shoe, blue",
                "brand": "Northway",
                "price": "59.90",
                "quantity": 1,
                "category": "Shoes",
            },
            {
                "product_id": "sku-9001",
                "name": "Merino socks",
                "brand": "Northway",
                "price": "10.00",
                "quantity": 2,
                "category": "Socks",
            },
        ],
    }


def flat_view(number: int) -> dict[str, Any]:
    """Gives three properties.

    Args:
        number: makes the event differ from others.

    Returns:
        Properties.
    """
    return {"sku": f"sku-{number % 1000:04d}", "price": 59.9, "in_stock": True}


@dataclass(frozen=True)
class Subject:
    """A client ready to be measured.

    Attributes:
        track: sends one event: user id, properties.
        finish: returns when all is sent.
    """

    track: Callable[[str, dict[str, Any]], Any]
    finish: Callable[[], Any]


def _segment(port: int, event: str, *, quiet: bool) -> Subject:
    client = importlib.import_module("segment.analytics.client").Client(
        "key", host=f"http://127.0.0.1:{port}", max_queue_size=NEVER, upload_size=BATCH
    )

    def finish() -> None:
        client.flush()
        client.join()

    return Subject(lambda user, properties: client.track(user, event, properties), finish)


def _rudder(port: int, event: str, *, quiet: bool) -> Subject:
    client = importlib.import_module("rudderstack.analytics.client").Client(
        "key", host=f"http://127.0.0.1:{port}", max_queue_size=NEVER, upload_size=BATCH
    )

    def finish() -> None:
        client.flush()
        client.join()

    return Subject(lambda user, properties: client.track(user, event, properties), finish)


def _posthog(port: int, event: str, *, quiet: bool) -> Subject:
    client = importlib.import_module("posthog").Posthog(
        "key", host=f"http://127.0.0.1:{port}", max_queue_size=NEVER, flush_at=BATCH
    )
    return Subject(
        lambda user, properties: client.capture(event, distinct_id=user, properties=properties),
        client.shutdown,
    )


def _snowplow(port: int, event: str, *, quiet: bool) -> Subject:
    snowplow = importlib.import_module("snowplow_tracker")
    emitter = snowplow.Emitter(
        "127.0.0.1",
        protocol="http",
        port=port,
        batch_size=NEVER if quiet else BATCH,
        buffer_capacity=NEVER,
    )
    tracker = snowplow.Tracker("bench", emitter)
    schema = f"iglu:com.example/{event.lower().replace(' ', '_')}/jsonschema/1-0-0"

    def track(user: str, properties: dict[str, Any]) -> None:
        subject = snowplow.Subject().set_user_id(user)
        tracker.track(
            snowplow.SelfDescribing(snowplow.SelfDescribingJson(schema, properties), event_subject=subject)
        )

    return Subject(track, tracker.flush)


def _mixpanel(port: int, event: str, *, quiet: bool) -> Subject:
    mixpanel = importlib.import_module("mixpanel")

    class Listing:
        """Takes the place of the request, as nothing else here waits for one."""

        def __init__(self) -> None:
            self.kept: list[str] = []

        def send(self, endpoint: str, message: str, *_: Any) -> None:
            self.kept.append(message)

        def flush(self) -> None:
            self.kept.clear()

    consumer = Listing() if quiet else mixpanel.BufferedConsumer(events_url=f"http://127.0.0.1:{port}/track")
    client = mixpanel.Mixpanel("token", consumer=consumer)
    return Subject(lambda user, properties: client.track(user, event, properties), consumer.flush)


def _amplitude(port: int, event: str, *, quiet: bool) -> Subject:
    amplitude = importlib.import_module("amplitude")
    settings: dict[str, Any] = {"server_url": f"http://127.0.0.1:{port}/2/httpapi"}
    if quiet:
        settings |= {"flush_queue_size": NEVER, "flush_interval_millis": NEVER}
    client = amplitude.Amplitude("key", configuration=amplitude.Config("key", **settings))
    # it logs every event it sends; without this, that would be a third of what is measured
    client.configuration.event_log_level = amplitude.constants.EventLogLevel.NONE

    def track(user: str, properties: dict[str, Any]) -> None:
        client.track(amplitude.BaseEvent(event, user_id=user, event_properties=properties))

    def finish() -> None:
        for future in client.flush():
            if future is not None:
                future.result()
        client.shutdown()

    return Subject(track, finish)


def _cxm(port: int, event: str, *, quiet: bool, typed: bool = False) -> Subject:
    cxm_sdk = importlib.import_module("cxm_sdk")
    spool = tempfile.mkdtemp(prefix="capture-spool-")
    client = cxm_sdk.Client(f"http://127.0.0.1:{port}", write_key="key", spool=spool)
    if typed:
        order_completed = cxm_sdk.events.OrderCompleted
        return Subject(
            lambda user, properties: client.track(order_completed(**properties), user_id=user), client.close
        )
    return Subject(lambda user, properties: client.track(event, properties, user_id=user), client.close)


CLIENTS: dict[str, Callable[..., Subject]] = {
    "cxm": _cxm,
    "segment": _segment,
    "posthog": _posthog,
    "rudder": _rudder,
    "snowplow": _snowplow,
    "mixpanel": _mixpanel,
    "amplitude": _amplitude,
}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def calls(subject: Subject, properties: list[dict[str, Any]]) -> dict[str, float]:
    """Measures calls while nothing is sent.

    Args:
        subject: the client.
        properties: of the events to send; the first 500 are for warming up.

    Returns:
        `call`, seconds of one call, and `cpu`, processor seconds of the calling thread in it (medians of groups of
        500); `memory`, bytes gained for 10,000 events.
    """
    for number, values in enumerate(properties[:500]):
        subject.track(f"user-{number:06d}", values)
    time.sleep(0.8)  # by now its sender has asked the silent collector and waits
    gc.collect()
    before = _resident()
    walls, cpus = [], []
    measured = properties[500:]
    for start in range(0, len(measured), 500):
        group = measured[start : start + 500]
        began, used = time.perf_counter(), time.thread_time()
        for number, values in enumerate(group):
            subject.track(f"user-{number:06d}", values)
        walls.append((time.perf_counter() - began) / len(group))
        cpus.append((time.thread_time() - used) / len(group))
    gc.collect()
    gained = _resident() - before
    return {
        "call": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "memory": gained * 10_000 / len(measured),
    }


def delivery(subject: Subject, properties: list[dict[str, Any]]) -> dict[str, float]:
    """Measures everything from the first call until all is sent.

    Args:
        subject: the client.
        properties: of the events to send.

    Returns:
        `seconds` and `cpu`, processor seconds of all threads.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    for number, values in enumerate(properties):
        subject.track(f"user-{number:06d}", values)
    subject.finish()
    seconds = time.perf_counter() - began
    now = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "cpu": now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime,
    }


def main() -> None:
    """Measures what the command line names and prints it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", choices=list(CLIENTS), required=True)
    parser.add_argument("--measure", choices=["calls", "delivery"], required=True)
    parser.add_argument("--shape", choices=["nested", "flat"], default="nested")
    parser.add_argument("--typed", action="store_true")
    parser.add_argument("--events", type=int, default=8_500)
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args()

    logging.disable()  # some log every request; that is not what is measured
    make = nested_order if chosen.shape == "nested" else flat_view
    properties = [make(number) for number in range(chosen.events)]
    event = "Order Completed" if chosen.shape == "nested" else "Product Viewed"
    options = {"typed": True} if chosen.typed else {}
    subject = CLIENTS[chosen.client](chosen.port, event, quiet=chosen.measure == "calls", **options)
    measure = calls if chosen.measure == "calls" else delivery
    print(json.dumps(measure(subject, properties)), flush=True)
    if chosen.measure == "calls":
        sys.stdout.flush()
        os._exit(0)  # its sender still waits for the silent collector


if __name__ == "__main__":
    main()
