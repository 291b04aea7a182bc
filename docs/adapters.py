"""Writes the reference of the adapters from their declarations.

Run it after an adapter has changed: ``python docs/adapters.py``. A test compares the files with what it would write.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cxm_sdk.adapters.base import Adapter, Kind  # noqa: E402
from cxm_sdk.adapters.reading import Many, OptIn  # noqa: E402
from cxm_sdk.adapters.registry import find, names  # noqa: E402

FOLDER = ROOT / "docs" / "reference" / "adapters"
FORMS = {
    "iso": "ISO 8601", "s": "seconds since 1970", "ms": "milliseconds since 1970", "us": "microseconds since 1970",
    "odata": "`/Date(ms)/`", "us_date": "month/day/year with AM or PM", "day": "a date alone",
}  # fmt: skip


def own() -> list[type[Adapter]]:
    """The adapters of this package, by name."""
    found = [find(name) for name in names()]
    return [adapter for adapter in found if adapter.__module__.startswith("cxm_sdk.")]


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table, where there is a row."""
    written = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    if written:
        yield from ("", f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |", *written)


def code(texts: Iterable[object]) -> str:
    """Names one after the other."""
    return ", ".join(f"`{text}`" for text in texts)


def recognised(kind: Kind) -> str:
    """What an object of a kind has."""
    told = [f"`{path}` is {' or '.join(f'`{v}`' for v in values)}" for path, values in kind.equal.items()]
    if kind.has:
        told.append(f"has {code(kind.has)}")
    if kind.lacks:
        told.append(f"has no {code(kind.lacks)}")
    if kind.around:
        told.append(f"is part of what has {code(kind.around)}")
    return "; ".join(told) or "its form alone"


def section(kind: Kind) -> Iterator[str]:
    """What is read of one kind."""
    yield from ("", f"### {kind.name}", "", f"Recognised by: {recognised(kind)}.")
    times = (
        f"Time: {code(kind.times)}, as {FORMS[kind.form]}."
        if kind.times
        else "It names no time: give `received`."
    )
    if kind.zone:
        times += f" The zone is named by `{kind.zone}`."
    tenant = f" Tenant: {code(kind.tenants)}." if kind.tenants else ""
    yield from ("", f"Source: `{kind.source}`.{tenant} {times}")
    fields = [
        (f"`{path}`", "identifier", f"`{of.namespace if isinstance(of, Many) else of}`"
         + (f", parted by `{of.separator}`" if isinstance(of, Many) and of.separator else "")
         + (f"; none where {code(of.none)}" if isinstance(of, Many) and of.none else ""))
        for path, of in kind.identifiers.items()
    ]  # fmt: skip
    fields += [(f"`{path}`", "attribute", f"`{role}`") for path, role in kind.attributes.items()]
    fields += [
        (f"`{path}`", "consent", f"{'yes or no' if isinstance(one, OptIn) else 'no'} to `{one.channel}.{one.purpose}`")
        for path, one in kind.consents.items()
    ]  # fmt: skip
    yield from table(("field", "is", "of"), fields)
    if kind.events:
        yield from ("", f"Events: {', '.join(kind.events)}.")
    if kind.ignored:
        yield from ("", f"Left out on purpose: {code(kind.ignored)}.")


def options(adapter: type[Adapter]) -> Iterator[str]:
    """What an adapter with options of its own takes, as its docstring has it."""
    if adapter.__init__ is Adapter.__init__:
        return
    told = (inspect.getdoc(adapter) or "").replace("``", "`").partition("Args:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^ {4}(\w+): ((?:.|\n {8})*)", told, re.MULTILINE)
    needed = {name for name, one in inspect.signature(adapter).parameters.items() if one.default is one.empty}
    rows = [
        (f"`{name}`{' (needed)' if name in needed else ''}", " ".join(text.split())) for name, text in found
    ]
    yield from table(("option", "meaning"), rows)


def page(adapter: type[Adapter]) -> str:
    """The page of an adapter."""
    lines = [f"# {adapter.title} (`{adapter.name}`)", "", adapter.about, ""]
    lines.append(
        f"Signature: scheme `{adapter.signature}`, checked by `verify`."
        if adapter.signature
        else "Signature: none; check a secret header or address of your own, or client certificates."
    )
    if adapter.envelopes:
        lines += ["", f"Items are taken out of {code(adapter.envelopes)} where those are there."]
    if adapter.needs_tenant:
        lines += ["", "Ids are of use with the tenant only: what does not name it needs the option `tenant`."]
    lines += ["", "## What to know", "", *(f"- {text}" for text in adapter.pitfalls)]
    if told := list(options(adapter)):
        given = "On the command line they are one JSON object, in the file that `--mapping` names."
        lines += ["", "## Options", "", given, *told]
    if adapter.kinds:
        lines += ["", "## What is read", *(line for kind in adapter.kinds for line in section(kind))]
    return "\n".join(lines) + "\n"


def index() -> str:
    """The page that lists the adapters."""
    rows = [(f"[`{a.name}`]({a.name}.md)", a.title, f"`{a.signature}`" if a.signature else "") for a in own()]
    lines = [
        "# Adapters",
        "",
        "What each source system sends, and what becomes of it. `cxm adapters` lists the same.",
    ]
    return "\n".join([*lines, *table(("name", "system", "signature"), rows)]) + "\n"


def files() -> dict[Path, str]:
    """Every file that is written, with its text; the index of the documentation among them."""
    home = ROOT / "docs" / "index.md"
    links = ", ".join(f"[{a.name}](reference/adapters/{a.name}.md)" for a in own())
    start = "- [Adapters](reference/adapters/index.md): "
    lines = [
        f"{start}what each source system sends, and what becomes of it: {links}"
        if line.startswith(start)
        else line
        for line in home.read_text(encoding="utf-8").splitlines()
    ]
    pages = {FOLDER / f"{adapter.name}.md": page(adapter) for adapter in own()}
    return {**pages, FOLDER / "index.md": index(), home: "\n".join(lines) + "\n"}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
