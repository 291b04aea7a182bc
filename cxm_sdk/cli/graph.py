"""The commands on a live graph: put evidence in, look at people, take them out, and see that all is well."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cxm_sdk.cli import adapters
from cxm_sdk.cli.adapters import DONE_WITH_REJECTED
from cxm_sdk.errors import SourceError

if TYPE_CHECKING:
    from cxm_sdk.adapters.parsed import Parsed
    from cxm_sdk.graph import ProfileGraph
    from cxm_sdk.identity.explain import Explanation
    from cxm_sdk.profiles.evidence import Report
    from cxm_sdk.profiles.profile import Profile

__all__ = ["COMMANDS", "explain_in_graph"]

#: Items taken in at a time.
BATCH = 500
#: Rejected items that are listed.
LISTED = 20

Graph = Annotated[
    Path, typer.Option("--graph", metavar="FILE", help="The file of the graph.", show_default=False)
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="NAMESPACE:VALUE, such as email:ada@example.com, SOURCE:RECORD_ID, or a profile id.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def ingest(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="JSON lines (also .gz): one event or record a line; with --adapter JSON, JSON lines, CSV or XML.",
        ),
    ],
    graph: Graph,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="CONFIG", help="Configuration of a new graph, a JSON file."),
    ] = None,
    adapter: Annotated[
        str | None,
        typer.Option(
            "--adapter", metavar="NAME", help="The files are what this source system sends; or auto."
        ),
    ] = None,
    tenant: adapters.Tenant = None,
    timezone: adapters.Timezone = None,
    received: adapters.Received = None,
    mapping: adapters.Mapping_ = None,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Put events and records into a graph, made when it is not there. Sending something again is harmless."""
    from cxm_sdk.graph import ProfileGraph
    from cxm_sdk.profiles.config import GraphConfig

    for file in inputs:
        if not file.exists():  # before a graph is made
            raise SourceError(f"{file} is not there.")
    counts = dict.fromkeys(("accepted", "duplicates", "rejected", "changes"), 0)
    if adapter is not None:
        counts |= dict.fromkeys(("linked", "retracted", "erased"), 0)
    first: list[dict[str, Any]] = []
    with ProfileGraph(graph, None if config is None else GraphConfig.load(config)) as opened:
        for file in inputs:
            if adapter is None:
                taken = _items(opened, file)
            else:
                options = adapters.made_of(tenant, timezone, received, mapping)
                taken = _payloads(opened, adapters.translated(adapter, file, options))
            for report, refused in taken:
                for name in counts:
                    counts[name] += len(refused) if name == "rejected" else getattr(report, name)
                first += [
                    {"file": file.name, "line": line, "reason": reason, "detail": detail}
                    for line, reason, detail in refused[: LISTED - len(first)]
                ]
    if as_json:
        _print({**counts, "first_rejected": first})
    elif not quiet:
        typer.echo("  ".join(f"{name} {number:,}" for name, number in counts.items()))
        for one in first:
            typer.echo(f"{one['file']}:{one['line']}: {one['reason']}: {one['detail']}", err=True)
    if counts["rejected"]:
        raise typer.Exit(DONE_WITH_REJECTED)


def profile(
    name: Name,
    graph: Graph,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIME", help="Show what the evidence up to then makes; ISO 8601."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show one person: identifiers, fields with their sources, devices, consent, and what happened last."""
    with ExitStack() as stack:
        opened = stack.enter_context(_opened(graph))
        if as_of is not None:
            opened = stack.enter_context(opened.as_of(as_of))
        found = _found(opened, name)
        household, timeline = found.household, found.timeline(limit=10)
        devices, consent = found.devices, found.consent
        shown = {
            "profile_id": found.id,
            "confidence": round(found.confidence, 6),
            "household_id": household[0] if household else None,
            "records": [f"{source}:{record_id}" for source, record_id in found.records],
            "identifiers": [asdict(held) for held in found.identifiers],
            "golden": {field: asdict(value) for field, value in found.golden.items()},
            "devices": [asdict(owned) for owned in devices],
            "consent": consent,
            "timeline": [asdict(entry) for entry in timeline],
        }
    if as_json:
        _print(shown)
        return
    for title in ("profile_id", "confidence", "household_id"):
        if shown[title] is not None:
            typer.echo(f"{title:13} {shown[title]}")
    typer.echo(f"{'records':13} {', '.join(':'.join(record) for record in found.records)}")
    for held in found.identifiers:
        typer.echo(f"{held.namespace:13} {held.value}{'  (shared)' if held.shared else ''}")
    for field, value in found.golden.items():
        typer.echo(f"{field:13} {value.value}  ({value.source})")
    for owned in devices:
        typer.echo(f"{owned.namespace:13} {owned.value}  {owned.since or '...'} to {owned.until or '...'}")
    for purpose, allowed in consent.items():
        typer.echo(f"{'consent':13} {purpose}: {'yes' if allowed else 'no'}")
    for entry in timeline:
        called = entry.item.get("event") or entry.item.get("name")
        what = f"{entry.kind}  {called or entry.id}"
        typer.echo(f"{entry.at}  {what}{'  (anonymous then)' if entry.attributed else ''}")


def changes(
    graph: Graph,
    since: Annotated[
        int, typer.Option("--since", min=0, metavar="N", help="Number of the last entry seen.")
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Most entries.")] = 1000,
) -> None:
    """Print what became of profiles, oldest first, one JSON object a line."""
    with _opened(graph) as opened:
        for change in opened.changes(since, limit=limit):
            typer.echo(json.dumps(change._asdict(), ensure_ascii=False))


def export(name: Name, graph: Graph) -> None:
    """Print everything held on a person as JSON."""
    with _opened(graph) as opened:
        _print(opened.export(_found(opened, name).id))


def erase(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="NAMESPACE:VALUE, SOURCE:RECORD_ID, or a profile id.")
    ],
    graph: Graph,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take everything of a person away for good, and print the certificate as JSON."""
    from cxm_sdk.graph import ProfileGraph

    with ProfileGraph(_there(graph)) as opened:
        people = sorted({_found(opened, name).id for name in names})
        if not yes:
            everything = f"Everything of {len(people)} {'person' if len(people) == 1 else 'people'}"
            typer.confirm(f"{everything} goes and cannot be brought back. Go on?", abort=True)
        _print(asdict(opened.erase(*people)))


def health(graph: Graph, as_json: Json = False) -> None:
    """Check the file of a graph and count what is in it; exit with 1 where something is wrong."""
    with _opened(graph) as opened:
        found = asdict(opened.health())
    if as_json:
        _print(found)
    else:
        for title in ("items", "records", "profiles", "links", "largest", "too_large", "bridged", "kiosks"):
            typer.echo(f"{title:13} {found[title]:,}")
        typer.echo(f"{'contradicted':13} {found['contradicted']:.6f}")
        for one in found["shared"]:
            typer.echo(f"{'shared':13} {one['namespace']} {one['digest']} by {one['records']:,} records")
        for one in found["conflicts"]:
            ends = " and ".join(":".join(end) for end in (one["a"], one["b"]))
            typer.echo(f"{'conflict':13} {ends}: {one['weight']:.1f} bits, {one['reason']}")
        for one in found["bridges"]:
            ends = " and ".join(":".join(end) for end in (one["a"], one["b"]))
            typer.echo(f"{'bridge':13} {ends}: {one['weight']:.1f} bits")
        if found["model_changed"]:
            typer.echo(f"{'model':13} changed with the release; cxm configure CONFIG --apply weighs all anew")
        typer.echo(f"{'faults':13} {'; '.join(found['faults']) or 'none'}")
    if found["faults"]:
        raise typer.Exit(DONE_WITH_REJECTED)


def configure(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The configuration, a JSON file.", show_default=False)
    ],
    graph: Graph,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it, instead of saying what would happen.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the profiles that would merge or split under another configuration or model, or apply it."""
    from cxm_sdk.graph import ProfileGraph
    from cxm_sdk.profiles.config import GraphConfig

    wanted = GraphConfig.load(config)
    with ProfileGraph(_there(graph), read_only=not apply) as opened:
        moves = opened.apply(wanted) if apply else opened.dry_run(wanted)
    if as_json:
        _print({"applied": apply, "moves": [asdict(move) for move in moves]})
        return
    for move in moves:
        sides = " -> ".join(" ".join(side) for side in (move.before, move.after))
        typer.echo(f"{move.kind:13} {sides}  ({move.items:,} items)")
    typer.echo(f"{'applied' if apply else 'dry run':13} {len(moves):,} groups of profiles come out otherwise")


def explain_in_graph(a: str, b: str, graph: Path) -> Explanation:
    """Explains two records or people of a graph.

    Args:
        a: ``NAMESPACE:VALUE``, ``SOURCE:RECORD_ID``, or a profile id.
        b: The other.
        graph: The file of the graph.

    Returns:
        The explanation.
    """
    with _opened(graph) as opened:
        return opened.explain(_named(opened, a), _named(opened, b))


COMMANDS = (ingest, profile, changes, export, erase, health, configure)


def _there(graph: Path) -> Path:
    if not graph.exists():
        raise SourceError(f"graph {graph.name} is not there.", hint="make it with `cxm ingest`")
    return graph


def _opened(graph: Path) -> ProfileGraph:
    from cxm_sdk.graph import ProfileGraph

    return ProfileGraph(_there(graph), read_only=True)


def _found(opened: ProfileGraph, name: str) -> Profile:
    """The person of a name."""
    named = _named(opened, name)
    return opened.profile(named) if isinstance(named, str) else opened.profile(*named)


def _named(opened: ProfileGraph, name: str) -> tuple[str, str] | str:
    """A namespace and a value where the text begins with a namespace and is no record, else the text."""
    from cxm_sdk.profiles.evidence import evidence_key

    source, colon, value = name.partition(":")
    if not colon or opened.config.known.find(source):
        return (source, value) if colon else name
    stored = opened.store.existing([evidence_key(source, value)])
    return name if stored else _of_a_source(opened, name)


def _of_a_source(opened: ProfileGraph, name: str) -> tuple[str, str] | str:
    """A namespace of a source system and a value, such as ``hubspot.7.contact:17``, else the text."""
    namespace, _, value = name.partition(":")
    return (namespace, value) if opened.config.known.placed(namespace, value)[0] != namespace else name


_Refused = list[tuple[int, str, str]]
"""Line, reason and detail of what was refused."""

_NO_JSON: Final = object()
"""Stands for a line that is no JSON; it is refused as an item."""
_OTHER: Final = "expected a JSON object on each line; other files need --adapter, see cxm adapters"


def _items(opened: ProfileGraph, file: Path) -> Iterator[tuple[Report, _Refused]]:
    """Takes in a file of events and records."""
    for batch in _batches(file):
        report = opened.ingest([item for _, item in batch])
        yield (
            report,
            [
                (line, one.reason, _OTHER if item is _NO_JSON or isinstance(item, list) else one.detail)
                for one in report.rejected
                for line, item in (batch[one.index],)
            ],
        )


def _payloads(
    opened: ProfileGraph, payloads: Iterable[tuple[int, Parsed | str]]
) -> Iterator[tuple[Report, _Refused]]:
    """Takes in what adapters made of payloads."""
    for where, parsed in payloads:
        if isinstance(parsed, str):
            yield opened.ingest([]), [(where, "unreadable", parsed)]
            continue
        report = opened.ingest(parsed)
        refused = [
            (where, one.reason, f"{one.path}: {one.detail}" if one.path else one.detail)
            for one in parsed.rejected
            if one.whole
        ]
        yield report, refused + [(where, one.reason, one.detail) for one in report.rejected]


def _batches(file: Path) -> Iterator[list[tuple[int, object]]]:
    """Items of a file with their line numbers; a line that is no JSON is an item that will be refused."""
    opening = gzip.open if file.suffix == ".gz" else open
    batch: list[tuple[int, object]] = []
    try:
        with opening(file, "rt", encoding="utf-8-sig", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    batch.append((number, _loaded(line)))
                if len(batch) == BATCH:
                    yield batch
                    batch = []
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        kept = f"; what came before line {batch[0][0]:,} was taken in" if batch else ""
        raise SourceError(f"{file.name} is no whole gzip file ({type(error).__name__}){kept}.") from None
    if batch:
        yield batch


def _loaded(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return _NO_JSON


def _print(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
