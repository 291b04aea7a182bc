"""`python -m benchmarks graph`: a live graph that grows, one figure a step."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.facts import facts_line, machine_facts
from benchmarks.tables import text_table
from cxm_sdk import InputError, ProfileGraph, UnknownProfileError
from cxm_sdk.testing import synthetic

BATCH = 500
#: Calls of each kind that are timed one by one.
SINGLES = 500
EVENTS = 20_000

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
    customers = synthetic.generate(arguments.rows + SINGLES, arguments.seed)
    items = list(records(customers.sources))
    items.sort(key=lambda item: hash_of(item["record_id"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.db"
        with ProfileGraph(path) as opened:
            steps = list(grow(opened, items[: arguments.rows], arguments.step))
            singles = one_by_one(opened, items[arguments.rows : arguments.rows + SINGLES])
            reads = read(opened, items[: arguments.rows])
            began = time.perf_counter()
            opened.ingest(anonymous(EVENTS))
            events = EVENTS / (time.perf_counter() - began)
        size = path.stat().st_size / max(arguments.rows, 1)
    report = {
        "steps": steps,
        "ingest_one_ms": singles,
        "profile_ms": reads,
        "anonymous_events_per_second": round(events),
        "bytes_per_record": round(size),
    }
    if arguments.json:
        print(json.dumps({"facts": facts, **report}))
        return 0
    rows = [[f"{step['records']:,}", f"{step['per_second']:,}", f"{step['cpu_us']:,}"] for step in steps]
    print(text_table(["records in the store", "records/s", "CPU us/record"], rows))
    print(f"\none item at a time: p50 {singles['p50']} ms, p99 {singles['p99']} ms")
    print(f"profile by e-mail with golden record: p50 {reads['p50']} ms, p99 {reads['p99']} ms")
    print(f"anonymous events: {events:,.0f}/s; on disk: {size:,.0f} bytes a record")
    return 0


def hash_of(name: str) -> int:
    """Mix records of all sources, in the same way each time.

    Args:
        name: a record id.

    Returns:
        A number.
    """
    return int.from_bytes(name.encode()[::-1][:6], "big")


def records(sources: dict[str, pa.Table]) -> Iterator[dict[str, Any]]:
    """Spell the rows of made-up sources as records of a graph.

    Args:
        sources: tables by name.

    Yields:
        Items that `ProfileGraph.ingest` takes.
    """
    for name, table in sources.items():
        own = table.column_names[0]
        for number, row in enumerate(table.to_pylist()):
            said: dict[str, dict[str, list[str]]] = {"identifiers": {}, "attributes": {}}
            for column, role in COLUMNS[name].items():
                if row[column] is not None:
                    part = "identifiers" if role in IDENTIFIERS else "attributes"
                    said[part].setdefault(role, []).append(row[column])
            yield {"source": name, "record_id": row[own], "observed_at": 1_600_000_000 + number, **said}


def grow(opened: ProfileGraph, items: list[dict[str, Any]], step: int) -> Iterator[dict[str, int]]:
    """Put records in, `BATCH` at a time.

    Args:
        opened: the graph.
        items: the records.
        step: records between two figures.

    Yields:
        Records so far, and records a second and CPU microseconds a record over the last step.
    """
    for start in range(0, len(items), step):
        part = items[start : start + step]
        began, cpu = time.perf_counter(), time.process_time()
        for at in range(0, len(part), BATCH):
            opened.ingest(part[at : at + BATCH])
        seconds, spent = time.perf_counter() - began, time.process_time() - cpu
        yield {
            "records": start + len(part),
            "per_second": round(len(part) / seconds),
            "cpu_us": round(spent / len(part) * 1e6),
        }


def one_by_one(opened: ProfileGraph, items: list[dict[str, Any]]) -> dict[str, float]:
    """Time items that come in alone.

    Args:
        opened: the graph.
        items: the records.

    Returns:
        Milliseconds.
    """
    taken = []
    for item in items:
        began = time.perf_counter()
        opened.ingest(item)
        taken.append(time.perf_counter() - began)
    return percentiles(taken)


def read(opened: ProfileGraph, items: list[dict[str, Any]]) -> dict[str, float]:
    """Time looking people up by e-mail address, with their golden record.

    Args:
        opened: the graph.
        items: records that are in it.

    Returns:
        Milliseconds.
    """
    taken = []
    emails = [item["identifiers"]["email"][0] for item in items if "email" in item["identifiers"]]
    for email in emails[:: max(1, len(emails) // SINGLES)]:
        with suppress(UnknownProfileError, InputError):  # a family's mailbox, or one that says nothing
            began = time.perf_counter()
            profile = opened.profile("email", email)
            _ = profile.golden
            taken.append(time.perf_counter() - began)
    return percentiles(taken)


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Summarise times.

    Args:
        seconds: the times.

    Returns:
        Milliseconds at the middle and near the end.
    """
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p99": 0.99}
    return {name: round(ordered[int(len(ordered) * at)] * 1000, 3) for name, at in places.items()}


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
