"""`python -m benchmarks graph`: live graphs of several sizes: records a second, latencies, bytes."""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.facts import facts_line, machine_facts
from benchmarks.plot import Line, plot
from benchmarks.tables import text_table
from cxm_sdk import InputError, ProfileGraph, UnknownProfileError
from cxm_sdk.testing import synthetic

BATCH = 500
#: Records that come to a store that has its size, in batches, while they are timed.
WINDOW = 10_000
#: Calls of each kind that are timed one by one.
SINGLES = 2000
EVENTS = 20_000
#: Rows of the made-up tables that are spelled as records at a time.
PORTION = 5000

Found = dict[str, float]

#: What columns of the made-up sources are called in a graph; the rest, such as dates of creation, is left out.
COLUMNS = {
    "crm": {
        "first_name": "first_name",
        "last_name": "last_name",
        "name_suffix": "suffix",
        "email": "email",
        "phone": "phone",
        "mobile": "phone",
        "address": "street",
        "city": "city",
        "postal_code": "postcode",
        "date_of_birth": "birth_date",
        "customer_id": "crm_id",
    },
    "loyalty": {
        "member_name": "full_name",
        "mobile_number": "phone",
        "home_phone": "phone",
        "mail": "email",
        "addr_street": "street",
        "addr_house_no": "house_number",
        "addr_city": "city",
        "addr_zip": "postcode",
        "card_no": "loyalty_id",
        "birth_date": "birth_date",
    },
    "store": {
        "Nachname": "last_name",
        "Vorname": "first_name",
        "Geburtsdatum": "birth_date",
        "Strasse": "street",
        "PLZ": "postcode",
        "Ort": "city",
        "Telefon": "phone",
        "Kundenkarte": "loyalty_id",
    },
    "support": {
        "caller_name": "full_name",
        "callback_number": "phone",
        "email_address": "email",
        "town": "city",
        "post_code": "postcode",
        "customer_no": "crm_id",
    },
    "web": {
        "name": "full_name",
        "birthday": "birth_date",
        "emailAddress": "email",
        "msisdn": "phone",
        "zip": "postcode",
        "loyaltyCard": "loyalty_id",
        "uid": "user_id",
    },
}
IDENTIFIERS = {"email", "phone", "crm_id", "loyalty_id", "user_id"}


def graph(arguments: argparse.Namespace) -> int:
    """Run the benchmark.

    Args:
        arguments: what the command line said.

    Returns:
        Exit code 0.
    """
    facts = machine_facts()
    if not arguments.json:
        print(facts_line(facts) + f"; seed {arguments.seed}\n", flush=True)
    found = []
    with tempfile.TemporaryDirectory(dir=arguments.keep) as folder:
        kept = Path(arguments.keep or folder)
        for size in sorted(arguments.sizes):
            customers = synthetic.generate(size + WINDOW + SINGLES, arguments.seed)
            stream = records(customers.sources, arguments.seed)
            window, singles = list(islice(stream, WINDOW)), list(islice(stream, SINGLES))
            path = kept / f"customers-{size}-{arguments.seed}.db"
            steps = fill(path, stream)
            copied = Path(folder) / "measured.db"
            shutil.copyfile(path, copied)
            found.append({"records": size, "steps": steps, **measure(copied, window, singles)})
            copied.unlink()
            if not arguments.json:
                print(tables(found[-1:]), flush=True)
    ratio = found[-1]["cpu_us"] / found[0]["cpu_us"]
    if arguments.plot:
        lines = [Line(f"{one['records']:,} records", [tuple(step) for step in one["steps"]]) for one in found]
        text = plot("Records taken in a second", "thousands of records in the store", lines)
        Path(arguments.plot).write_text(text, "utf-8")
    if arguments.json:
        print(json.dumps({"facts": facts, "sizes": found, "cost_ratio": round(ratio, 2)}))
    else:
        print(tables(found) + f"\n\nprocessor time a record, largest against smallest: {ratio:.2f}")
    return 0


def tables(found: list[dict[str, Any]]) -> str:
    """Lay figures out.

    Args:
        found: the figures of each size.

    Returns:
        Two tables.
    """
    laid = [
        ("records", "per_second", "cpu_us", "batch_p50_ms", "batch_p99_ms", "bytes_per_record", "peak_mib"),
        ("records", "one_p50_ms", "one_p99_ms", "profile_p50_ms", "profile_p99_ms", "events_per_second"),
    ]
    return "\n\n".join(
        text_table(list(names), [[f"{one[name]:,}" for name in names] for one in found]) for names in laid
    )


def fill(path: Path, stream: Iterator[dict[str, Any]]) -> list[tuple[float, float]]:
    """Make a store, unless it is there from an earlier run.

    Args:
        path: where it lies.
        stream: the records.

    Returns:
        Thousands of records in the store, and records a second over the last stretch.
    """
    notes = path.with_suffix(".json")
    if path.exists():
        return [tuple(step) for step in json.loads(notes.read_text("utf-8"))]
    making, steps, done = path.with_suffix(".part"), list[tuple[float, float]](), 0
    with ProfileGraph(making) as opened:
        began, since = time.perf_counter(), 0
        while batch := list(islice(stream, BATCH)):
            opened.ingest(batch)
            done += len(batch)
            if done - since >= 20 * BATCH:
                now = time.perf_counter()
                steps.append((done / 1000, round((done - since) / (now - began))))
                began, since = now, done
                if done % 50_000 == 0:
                    print(f"{done:,} records, {steps[-1][1]:,.0f}/s", file=sys.stderr, flush=True)
        if done > since:
            steps.append((done / 1000, round((done - since) / (time.perf_counter() - began))))
        opened.store.empty_journal()
    making.rename(path)
    notes.write_text(json.dumps(steps), "utf-8")
    return steps


def measure(path: Path, window: list[dict[str, Any]], singles: list[dict[str, Any]]) -> Found:
    """Take the figures of a store that has its size.

    Args:
        path: where it lies.
        window: records that come in batches.
        singles: records that come one by one.

    Returns:
        The figures by name.
    """
    held = ProfileGraph(path)
    size = path.stat().st_size / held.store.count("node")
    with held as opened:
        taken, cpu = [], time.process_time()
        for at in range(0, len(window), BATCH):
            taken += timed(opened, [window[at : at + BATCH]])
        spent = time.process_time() - cpu
        return {
            "per_second": round(len(window) / sum(taken)),
            "cpu_us": round(spent / len(window) * 1e6),
            **percentiles("batch", taken),
            **percentiles("one", timed(opened, singles)),
            **percentiles("profile", read(opened, window)),
            "events_per_second": round(EVENTS / sum(timed(opened, [list(anonymous(EVENTS))]))),
            "bytes_per_record": round(size),
            "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def records(sources: dict[str, pa.Table], seed: int) -> Iterator[dict[str, Any]]:
    """Spell the rows of made-up sources as records of a graph, all sources mixed.

    Args:
        sources: tables by name.
        seed: decides the order.

    Yields:
        Items that `ProfileGraph.ingest` takes.
    """
    dice = np.random.default_rng(seed)
    names = list(sources)
    orders = [dice.permutation(sources[name].num_rows) for name in names]
    turns = dice.permutation(np.repeat(np.arange(len(names)), [len(order) for order in orders]))
    at = [0] * len(names)
    for first in range(0, len(turns), PORTION):
        part, spelled = turns[first : first + PORTION], []
        for number, name in enumerate(names):
            rows = orders[number][at[number] : at[number] + int((part == number).sum())]
            at[number] += len(rows)
            spelled.append(
                iter(
                    [
                        record(name, row, n)
                        for row, n in zip(
                            sources[name].take(pa.array(rows)).to_pylist(), rows.tolist(), strict=True
                        )
                    ]
                )
            )
        for number in part.tolist():
            yield next(spelled[number])


def record(source: str, row: dict[str, str | None], number: int) -> dict[str, Any]:
    """Spell one row as a record.

    Args:
        source: its source.
        row: its values by column; the first names it.
        number: its place in the source.

    Returns:
        An item that `ProfileGraph.ingest` takes.
    """
    said: dict[str, dict[str, list[str]]] = {"identifiers": {}, "attributes": {}}
    for column, role in COLUMNS[source].items():
        value = row[column]
        if value is not None:
            part = "identifiers" if role in IDENTIFIERS else "attributes"
            said[part].setdefault(role, []).append(value)
    return {
        "source": source,
        "record_id": next(iter(row.values())),
        "observed_at": 1_600_000_000 + number,
        **said,
    }


def timed(opened: ProfileGraph, items: list[Any]) -> list[float]:
    """Time calls of `ingest`.

    Args:
        opened: the graph.
        items: what each call gets.

    Returns:
        Seconds of each.
    """
    taken = []
    for item in items:
        began = time.perf_counter()
        opened.ingest(item)
        taken.append(time.perf_counter() - began)
    return taken


def read(opened: ProfileGraph, items: list[dict[str, Any]]) -> list[float]:
    """Time looking people up by e-mail address, with their golden record.

    Args:
        opened: the graph.
        items: records that are in it.

    Returns:
        Seconds of each.
    """
    taken = []
    emails = [item["identifiers"]["email"][0] for item in items if "email" in item["identifiers"]]
    for email in emails[:SINGLES]:
        with suppress(UnknownProfileError, InputError):  # a family's mailbox, or one that says nothing
            began = time.perf_counter()
            _ = opened.profile("email", email).golden
            taken.append(time.perf_counter() - began)
    return taken


def percentiles(name: str, seconds: list[float]) -> Found:
    """Summarise times.

    Args:
        name: what was timed.
        seconds: the times.

    Returns:
        Milliseconds at the middle and near the end.
    """
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p99": 0.99}
    return {
        f"{name}_{place}_ms": round(ordered[int(len(ordered) * at)] * 1000, 3) for place, at in places.items()
    }


def anonymous(count: int) -> list[dict[str, Any]]:
    """Make page views up of browsers that nobody logged in on.

    Args:
        count: how many.

    Returns:
        Events.
    """
    return [
        {
            "type": "page",
            "anonymousId": f"browser-{number % 5000}",
            "messageId": f"page-{number}",
            "timestamp": 1_700_000_000 + number,
            "context": {"page": {"url": f"https://shop.example/{number % 97}"}},
        }
        for number in range(count)
    ]
