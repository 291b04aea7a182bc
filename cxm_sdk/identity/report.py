"""One HTML file about a result, to be looked at: counts, sources, links and what decides, and no customer's data.

It holds names of sources, columns, roles and rules, and counts; no value of a record, and no id. Nothing is loaded from
elsewhere, so it can be sent and kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk.identity.model import Comparison

if TYPE_CHECKING:
    from cxm_sdk.identity.resolution import Resolution

__all__ = ["report_page"]

#: Combinations of sources that are listed; the others are counted together.
LISTED = 12
#: Records of a profile from which on profiles are counted together.
LARGE = 10
#: Bits of one bar, and the most that are told apart.
STEP, MOST = 2, 40

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5d6877; --line: #dde2e9; --page: #fff; --soft: #f4f6f9;
  --yes: #2f6fb2; --no: #c2703d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf1; --dim: #9aa6b5; --line: #333c49; --page: #161b22;
  --soft: #1f2630; --yes: #6ea8e6; --no: #e09a68; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto;
  max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
p, figcaption { color: var(--dim); margin: .2rem 0 .8rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .8rem;
  margin: 1.2rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--soft); border-radius: .5rem; padding: .7rem 1rem; }
.tiles b { display: block; font-size: 1.5rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--dim); font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.bar { width: 40%; } figure { margin: 0; } svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; } .yes { fill: var(--yes); } .no { fill: var(--no); }
.key::before { content: "\\25A0  "; } .key.yes::before { color: var(--yes); } .key.no::before { color: var(--no); }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
""".strip()


def report_page(result: Resolution) -> str:
    """Writes a result as one HTML page.

    Args:
        result: The result.

    Returns:
        The page.

    Example:
        >>> from cxm_sdk import resolve
        >>> people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
        >>> page = report_page(resolve({"crm": people}))
        >>> "2</b>profiles" in page, "Ada" in page
        (True, False)
    """
    summary = result.summary
    parts = [
        _head(summary),
        _section("People", "How many records a customer has, and which systems know them.", _people(result)),
        _section(
            "Links",
            "Pairs of records by the weight of what they say, in bits: at 0 it is as likely that they are one person "
            "as that they are not.",
            _links(result),
        ),
        _section("Sources", "What each column was taken for, and why.", _sources(summary["sources"])),
        _section(
            "What decides",
            "What an agreement of each degree is worth, in bits, before common values are made to weigh less.",
            _comparisons(result.model.comparisons),
        ),
        _section(
            "How pairs were found", "Records that agree on the keys of a rule are compared.", _rules(summary)
        ),
        _section("What to look at", "", _doubts(result)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Who is one customer</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def _head(summary: Mapping[str, Any]) -> str:
    estimated = summary["estimated"]
    tiles = {
        "records": f"{summary['records']:,}",
        "profiles": f"{summary['profiles']:,}",
        "households": f"{summary['households']:,}",
        "rows rejected": f"{summary['rejected']:,}",
        "estimated precision": _share(estimated["precision"]),
        "estimated recall": _share(estimated["recall"]),
    }
    shown = "".join(f"<li><b>{escape(number)}</b>{escape(name)}</li>" for name, number in tiles.items())
    sources = len(summary["sources"])
    return (
        f"<h1>Who is one customer</h1>\n<p>{summary['records']:,} records of {sources:,} "
        f"source{'s' if sources != 1 else ''}; links from a probability of {summary['threshold']:.4g} on. "
        f'This page holds counts and names of columns, and nothing of any customer.</p>\n<ul class="tiles">{shown}</ul>'
    )


def _section(title: str, about: str, body: str) -> str:
    if not body:
        return ""
    return f"<h2>{escape(title)}</h2>\n" + (f"<p>{escape(about)}</p>\n" if about else "") + body


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> str:
    """A table; numbers stand to the right."""
    body, numbers = [], set[int]()
    for row in rows:
        numbers |= {place for place, cell in enumerate(row) if not isinstance(cell, str)}
        body.append([cell if isinstance(cell, str) else f"{cell:,}" for cell in row])
    if not body:
        return ""
    marks = [' class="n"' if place in numbers else "" for place in range(len(titles))]
    head = "".join(f"<th{mark}>{escape(title)}</th>" for mark, title in zip(marks, titles, strict=True))
    lines = (
        "".join(f"<td{mark}>{escape(cell)}</td>" for mark, cell in zip(marks, row, strict=True))
        for row in body
    )
    return (
        f'<div class="wide"><table><tr>{head}</tr>'
        + "".join(f"<tr>{line}</tr>" for line in lines)
        + "</table></div>"
    )


def _bars(labels: Sequence[str], counts: Sequence[tuple[int, int]], about: str) -> str:
    """Bars side by side, each of two parts on top of each other."""
    most = max((yes + no for yes, no in counts), default=0)
    if not most:
        return ""
    width, height = 720 / max(len(labels), 1), 150
    drawn = []
    for place, (label, (yes, no)) in enumerate(zip(labels, counts, strict=True)):
        left, inner, base = place * width + width * 0.1, width * 0.8, float(height)
        for part, kind in ((yes, "yes"), (no, "no")):
            tall = part / most * height
            base -= tall
            if part:
                drawn.append(
                    f'<rect class="{kind}" x="{left:.1f}" y="{base + 14:.1f}" width="{inner:.1f}" '
                    f'height="{max(tall, 0.8):.1f}"><title>{escape(label)}: {part:,}</title></rect>'
                )
        middle = left + inner / 2
        if width > 30:
            drawn.append(
                f'<text x="{middle:.1f}" y="{base + 10:.1f}" text-anchor="middle">{yes + no:,}</text>'
            )
        if width > 30 or place % 2 == 0:
            drawn.append(
                f'<text x="{middle:.1f}" y="{height + 28}" text-anchor="middle">{escape(label)}</text>'
            )
    return (
        f'<svg viewBox="0 0 720 {height + 34}" role="img" aria-label="{escape(about)}">{"".join(drawn)}</svg>'
    )


def _people(result: Resolution) -> str:
    sizes = result.profiles["records"].to_numpy()
    often = np.bincount(np.minimum(sizes, LARGE), minlength=LARGE + 1)
    labels = [*map(str, range(1, LARGE)), f"{LARGE} or more"]
    bars = _bars(labels, [(int(count), 0) for count in often[1:]], "Profiles by number of records")
    lists = result.profiles["sources"].combine_chunks()
    joined = pc.binary_join(lists.cast(pa.list_(pa.string())), " + ")
    known = Counter({one["values"].as_py(): one["counts"].as_py() for one in joined.value_counts()})
    listed = known.most_common(LISTED)
    rows: list[tuple[str, int]] = [(names, count) for names, count in listed]
    if rest := known.total() - sum(count for _, count in listed):
        rows.append(("other combinations", rest))
    caption = "<figcaption>Profiles by number of records</figcaption>"
    return f"<figure>{bars}{caption}</figure>{_table(('known to', 'profiles'), rows)}" if bars else ""


def _links(result: Resolution) -> str:
    weights = np.clip(result.links["match_weight"].to_numpy(), -MOST, MOST - 1)
    if not len(weights):
        return ""
    kept = result.links["kept"].to_numpy(zero_copy_only=False)
    bins = np.floor(weights / STEP).astype(np.int64)
    first, last = int(bins.min()), int(bins.max())
    yes, no = (np.bincount(bins[side] - first, minlength=last - first + 1) for side in (kept, ~kept))
    labels = [str((first + place) * STEP) for place in range(last - first + 1)]
    counts = [(int(a), int(b)) for a, b in zip(yes, no, strict=True)]
    reasons = result.links["dropped_reason"].cast(pa.string()).drop_null().value_counts()
    rows = sorted((one["values"].as_py().replace("_", " "), one["counts"].as_py()) for one in reasons)
    bars = _bars(labels, counts, "Links by weight in bits")
    caption = '<span class="key yes">kept</span> &nbsp; <span class="key no">dropped</span>'
    return f"<figure>{bars}<figcaption>{caption}</figcaption></figure>{_table(('dropped because', 'pairs'), rows)}"


def _sources(sources: Iterable[Mapping[str, Any]]) -> str:
    found = []
    for source in sources:
        rows = [(one["column"], one["role"], one["reason"]) for one in source["roles"]]
        rows += [(one["column"], "not used", one["reason"]) for one in source["unused"]]
        record_id = source["record_id"] or "the number of the row"
        found.append(
            f"<details><summary><b>{escape(source['name'])}</b> {source['rows']:,} rows, "
            f"record id: {escape(record_id)}</summary>{_table(('column', 'taken for', 'because'), rows)}</details>"
        )
    return "\n".join(found)


def _comparisons(comparisons: Iterable[Comparison]) -> str:
    rows = [
        (comparison.name if place == 0 else "", level.name.replace("_", " "), level.bits)
        for comparison in comparisons
        for place, level in enumerate(level for level in comparison.levels if level.name != "missing")
    ]
    scale = max((abs(bits) for *_, bits in rows), default=1.0) or 1.0
    lines = "".join(
        f'<tr><td>{escape(name)}</td><td>{escape(level)}</td><td class="n">{bits:+.1f}</td>'
        f'<td class="bar">{_diverging(bits / scale)}</td></tr>'
        for name, level, bits in rows
    )
    head = '<tr><th>comparison</th><th>degree</th><th class="n">bits</th><th></th></tr>'
    return f'<div class="wide"><table>{head}{lines}</table></div>' if rows else ""


def _diverging(share: float) -> str:
    left, kind = (100 + min(share, 0) * 100), "yes" if share >= 0 else "no"
    return (
        f'<svg viewBox="0 0 200 10" aria-hidden="true"><rect class="{kind}" x="{left:.1f}" y="1" '
        f'width="{abs(share) * 100:.1f}" height="8"/></svg>'
    )


def _rules(summary: Mapping[str, Any]) -> str:
    rows = [
        (one["rule"], one["pairs"], one["largest_block"], one["dropped_records"]) for one in summary["rules"]
    ]
    return _table(("rule", "pairs", "largest block", "records in blocks that were too large"), rows)


def _doubts(result: Resolution) -> str:
    """Warnings, what was rejected, and the values that too many people share, by role."""
    warnings = "".join(f"<li>{escape(warning)}</li>" for warning in result.summary["warnings"])
    rejected = Counter((row.source, row.reason.replace("_", " ")) for row in result.rejected)
    shared = Counter(value["role"] for value in result.summary["shared_values"])
    parts = [
        f"<ul>{warnings}</ul>" if warnings else "",
        _table(
            ("source", "rejected because", "rows"), [(*key, count) for key, count in sorted(rejected.items())]
        ),
        _table(("role", "values that too many people share"), sorted(shared.items())),
    ]
    return "\n".join(part for part in parts if part)
