"""The commands on adapters: which there are, and what a payload becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxm_sdk.errors import AdapterError, SourceError

if TYPE_CHECKING:
    from cxm_sdk.adapters.base import Adapter
    from cxm_sdk.adapters.parsed import Parsed
    from cxm_sdk.adapters.tabular import Tabular

__all__ = ["app", "made_of", "translated"]

app = typer.Typer(
    name="adapters",
    help="Source systems: which are understood, and what becomes of a payload.",
    no_args_is_help=False,
)

AUTO = "auto"
DONE_WITH_REJECTED = 1
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Tenant = Annotated[
    str | None,
    typer.Option(
        "--tenant", metavar="ID", help="Portal, organisation or shop, where payloads do not name it."
    ),
]
Timezone = Annotated[
    str | None, typer.Option("--timezone", metavar="NAME", help="Zone of times that name none.")
]
Received = Annotated[
    str | None,
    typer.Option(
        "--received", metavar="TIME", help="ISO 8601 time of items that name none: when they were fetched."
    ),
]
Mapping_ = Annotated[
    Path | None,
    typer.Option(
        "--mapping", metavar="FILE", help="JSON with further options of the adapter: columns and fields."
    ),
]


@app.callback(invoke_without_command=True)
def listed(context: typer.Context, as_json: Json = False) -> None:
    """List the adapters, with what each recognises and yields."""
    from cxm_sdk.adapters.registry import find, names

    if context.invoked_subcommand is not None:
        return
    found = [(name, find(name)) for name in names()]
    if as_json:
        shown = [
            {
                "name": name,
                "title": adapter.title,
                "about": adapter.about,
                "recognises": [kind.name for kind in adapter.kinds],
                "events": sorted({event for kind in adapter.kinds for event in kind.events}),
                "signature": adapter.signature,
            }
            for name, adapter in found
        ]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for name, adapter in found:
        typer.echo(f"{name:14} {adapter.title}")
        typer.echo(f"{'':14} {adapter.about}")
        if adapter.kinds:
            typer.echo(f"{'':14} recognises: {', '.join(kind.name for kind in adapter.kinds)}")
        events = sorted({event for kind in adapter.kinds for event in kind.events})
        if events:
            typer.echo(f"{'':14} events: {', '.join(events)}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the adapter, or auto.", show_default=False)],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON, JSON lines, CSV or XML.", show_default=False)
    ],
    tenant: Tenant = None,
    timezone: Timezone = None,
    received: Received = None,
    mapping: Mapping_ = None,
) -> None:
    """Print what the payloads of a file become, one JSON object for each."""
    refused = False
    for where, parsed in translated(name, file, made_of(tenant, timezone, received, mapping)):
        if isinstance(parsed, str):
            typer.echo(json.dumps({"where": where, "error": parsed}))
            refused = True
            continue
        refused = refused or any(one.whole for one in parsed.rejected)
        told = {"where": where, **parsed.to_dict(), "unmapped": parsed.unmapped, "ignored": parsed.ignored}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    if refused:
        raise typer.Exit(DONE_WITH_REJECTED)


def made_of(
    tenant: str | None, timezone: str | None, received: str | None, mapping: Path | None
) -> dict[str, Any]:
    """The options of an adapter, as the command line states them.

    Args:
        tenant: ``--tenant``.
        timezone: ``--timezone``.
        received: ``--received``.
        mapping: ``--mapping``.

    Returns:
        Keyword arguments of the adapter.

    Raises:
        AdapterError: One of them cannot be read.
    """
    options: dict[str, Any] = {}
    if mapping is not None:
        try:
            options = json.loads(mapping.read_text(encoding="utf-8"))
        except OSError as error:
            raise AdapterError(f"{mapping.name}: cannot be read ({type(error).__name__}).") from None
        except ValueError:
            options = {}
        if not isinstance(options, dict) or not options:
            raise AdapterError(
                f"{mapping.name}: expected options of an adapter as one JSON object, got something else."
            )
    try:
        at = None if received is None else datetime.fromisoformat(received)
    except ValueError:
        raise AdapterError("--received: expected an ISO 8601 time, got another text.") from None
    named = {"tenant": tenant, "timezone": timezone, "received": at}
    return {**options, **{key: value for key, value in named.items() if value is not None}}


def translated(name: str, file: Path, options: dict[str, Any]) -> Iterator[tuple[int, Parsed | str]]:
    """What the payloads of a file become, piece by piece.

    Args:
        name: Of the adapter; ``auto`` recognises each payload.
        file: The file.
        options: Of the adapter.

    Returns:
        Line, item or row, and what became of it; a text says why nothing did.
    """
    from cxm_sdk.adapters.files import pieces
    from cxm_sdk.adapters.registry import detect, find
    from cxm_sdk.adapters.tabular import Tabular

    def lists(payload: Any) -> set[str]:
        return find(detect(payload) if name == AUTO else name).lists(payload)

    if not file.exists():
        raise SourceError(f"{file.name} is not there.")
    known: dict[str, Adapter] = {} if name == AUTO else {name: _made(name, options)}
    for piece in pieces(file, lists):
        if (
            piece.where == 1
            and isinstance(adapter := known.get(name), Tabular)
            and isinstance(piece.payload, list)
        ):
            _require_columns(adapter, piece.payload, file)
        if piece.error is not None:
            yield piece.where, piece.error
            continue
        try:
            chosen = detect(piece.payload) if name == AUTO else name
            if chosen not in known:
                known[chosen] = _made(chosen, options)
            yield piece.where, known[chosen].parse(piece.payload)
        except AdapterError as error:
            yield piece.where, str(error)


def _require_columns(adapter: Tabular, rows: list[Any], file: Path) -> None:
    """Refuses a table that lacks what the mapping names, before anything of it is taken in."""
    if lacking := adapter.lacking(rows):
        held = dict.fromkeys(str(name) for row in rows[:1] for name in row)
        raise AdapterError(
            f"{file.name}: expected the columns of the mapping, got no {', '.join(lacking)}.",
            hint=f"the columns are {', '.join(held)}",
        )


def _made(name: str, options: dict[str, Any]) -> Adapter:
    from cxm_sdk.adapters.base import Adapter
    from cxm_sdk.adapters.registry import find

    adapter = find(name)
    taken = dict(signature(adapter).parameters)
    if any(one.kind is Parameter.VAR_KEYWORD for one in taken.values()):  # hands what it does not know on
        taken = {**signature(Adapter).parameters, **taken}
    taken = {option: one for option, one in taken.items() if one.kind is not Parameter.VAR_KEYWORD}
    missing = [
        option for option, one in taken.items() if one.default is Parameter.empty and option not in options
    ]
    if missing:
        raise AdapterError(
            f"adapter {name}: expected the option {', '.join(missing)}, got none.",
            hint="write options as a JSON object into a file and name it with --mapping",
        )
    if len(options.keys() - taken.keys()):
        raise AdapterError(f"adapter {name}: expected options among {', '.join(taken)}, got another one.")
    try:
        return adapter(**options)
    except (TypeError, AttributeError):
        raise AdapterError(
            f"adapter {name}: expected options in their form, got another.",
            hint=f"see reference/adapters/{name}.md in the documentation",
        ) from None
