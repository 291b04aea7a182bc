"""What the commands print for people to read."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from cxm_sdk.identity.evaluation import Evaluation
    from cxm_sdk.identity.explain import Explanation
    from cxm_sdk.identity.model import MatchModel

__all__ = ["show_evaluation", "show_explanation", "show_model", "show_summary", "waterfall_bar"]

BAR_WIDTH = 32


def show_summary(summary: dict[str, Any], folder: Path) -> None:
    """Prints what was read, what was inferred and what came out.

    Args:
        summary: ``Resolution.summary``.
        folder: Where the result was written.
    """
    console = _console()
    show_sources(console, summary["sources"])
    show_outcome(console, summary)
    console.print(f"\nResult in {folder}", highlight=False, soft_wrap=True)


def show_sources(console: Console, sources: list[dict[str, Any]]) -> None:
    """Prints every source with the role of each of its columns.

    Args:
        console: Where to print.
        sources: ``summary["sources"]``.
    """
    table = _table("source", "rows", "rejected", "column", "role", "known by")
    for source in sources:
        head = (source["name"], f"{source['rows']:,}", f"{source['rejected']:,}")
        for column in _columns(source):
            table.add_row(*map(Text, (*head, *column)))
            head = ("", "", "")
        table.add_section()
    console.print(table)


def _columns(source: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, role and reason of every column, the one with the record ids first."""
    own = source["record_id"]
    roles = [(role["column"], role["role"], role["reason"]) for role in source["roles"]]
    also = [role for role in roles if role[0] == own]
    first = (own or "-", "record id", "" if own else "row number")
    if also:
        first = (own, f"record id, {also[0][1]}", also[0][2])
    unused = [(column["column"], "-", column["reason"]) for column in source["unused"]]
    return [first, *(role for role in roles if role[0] != own), *unused]


def show_outcome(console: Console, summary: dict[str, Any]) -> None:
    """Prints the counts, the estimated quality and the warnings of a result.

    Args:
        console: Where to print.
        summary: ``Resolution.summary``.
    """
    estimate = summary["estimated"]
    lines = {
        "records": f"{summary['records']:,} ({summary['rejected']:,} rows rejected)",
        "profiles": f"{summary['profiles']:,}",
        "households": f"{summary['households']:,}",
        "links": f"{summary['links']['kept']:,} kept, {summary['links']['dropped']:,} dropped",
        "candidate pairs": f"{summary['pairs']:,}",
        "threshold": f"p >= {summary['threshold']:.4g}",
        "estimated precision": _share(estimate["precision"]),
        "estimated recall": _share(estimate["recall"]),
        "seconds": f"{sum(summary['seconds'].values()):.1f}",
        "peak memory": f"{summary['peak_memory_bytes'] / 2**20:,.0f} MiB",
    }
    table = Table.grid(padding=(0, 2))
    for name, line in lines.items():
        table.add_row(name, line)
    console.print(table)
    for warning in summary["warnings"]:
        console.print(Text(f"warning: {warning}", style="yellow"), soft_wrap=True)


def show_model(model: MatchModel, file: Path) -> None:
    """Prints the comparisons and levels of a fitted model.

    Args:
        model: The model.
        file: Where it was written.
    """
    console = _console()
    table = _table("comparison", "level", "m", "u", "bits")
    for comparison in model.comparisons:
        for i, level in enumerate(comparison.levels):
            numbers = (f"{level.m:.4g}", f"{level.u:.4g}", f"{level.bits:+.2f}")
            table.add_row(*map(Text, (comparison.name if i == 0 else "", level.name, *numbers)))
        table.add_section()
    console.print(table)
    console.print(f"blocking rules: {', '.join(rule.name for rule in model.rules)}", highlight=False)
    console.print(
        f"trained on {model.records:,} records; links from p = {model.threshold:.4g}", highlight=False
    )
    console.print(f"Model in {file}", highlight=False, soft_wrap=True)


def show_explanation(explanation: Explanation, *, values: bool = False) -> None:
    """Prints the evidence for and against a link as a waterfall in bits.

    Args:
        explanation: What to show.
        values: Whether to show the customer values that were compared.
    """
    console = _console()
    table = _table("evidence", "level", "bits", "so far", *(["compared"] if values else []))
    silent = [term for term in explanation.terms if not term.bits]
    terms = [term for term in explanation.terms if term.bits]
    sums = list(itertools.accumulate((term.bits for term in terms), initial=0.0))
    width = max(12, min(BAR_WIDTH, console.width - 60) // (2 if values else 1))
    table.columns[3].min_width = width
    for term, before, after in zip(terms, sums, sums[1:], strict=False):
        bar = waterfall_bar(
            before, after, min(sums), max(sums), width, "#" if console.options.ascii_only else "█"
        )
        step = Text(bar, style="green" if term.bits > 0 else "red", no_wrap=True)
        table.add_row(
            term.name,
            term.level,
            f"{term.bits:+.2f}",
            step,
            *([Text(term.detail.replace(" | ", "\n"))] if values else []),
        )
    table.add_section()
    table.add_row("together", "", f"{explanation.weight:+.2f}", f"p = {explanation.probability:.6g}")
    console.print(table)
    if silent:
        console.print("Nothing to compare: " + ", ".join(term.name for term in silent), highlight=False)
    verdict = "Linked" if explanation.linked else "Not linked"
    reason = explanation.reason.removeprefix("one profile: ")
    console.print(f"{verdict}: {reason}", highlight=False, markup=False, soft_wrap=True)


def waterfall_bar(
    before: float, after: float, low: float, high: float, width: int = BAR_WIDTH, block: str = "█"
) -> str:
    """Draws one step of a waterfall.

    Args:
        before: The sum before the step.
        after: The sum after it.
        low: The least sum of the whole waterfall.
        high: The greatest.
        width: Characters from ``low`` to ``high``.
        block: The character to draw with.

    Returns:
        The step from ``before`` to ``after``, at its place between ``low`` and ``high``; at least one block.

    Example:
        >>> waterfall_bar(0.0, 5.0, 0.0, 10.0, 8, "#"), waterfall_bar(10.0, 5.0, 0.0, 10.0, 8, "#")
        ('####', '    ####')
    """
    span = (high - low) or 1.0
    start, end = sorted(round((value - low) / span * width) for value in (before, after))
    start = min(start, width - 1)
    return " " * start + block * max(end - start, 1)


def show_evaluation(evaluation: Evaluation) -> None:
    """Prints the scores of a result against the truth.

    Args:
        evaluation: The scores.
    """
    console = _console()
    table = _table("view", "precision", "recall", "F1", "correct", "claimed", "expected")
    views = {
        "pairwise": evaluation.pairwise,
        "cluster-pairwise": evaluation.cluster_pairwise,
        "B-cubed": evaluation.b_cubed,
    }
    for name, score in views.items():
        if score is not None:
            shares = (f"{share:.4f}" for share in (score.precision, score.recall, score.f1))
            counts = ("" if n is None else f"{n:,}" for n in (score.correct, score.claimed, score.expected))
            table.add_row(name, *shares, *counts)
    console.print(table)
    console.print(
        f"{evaluation.records:,} records: {evaluation.profiles:,} profiles, {evaluation.entities:,} entities"
    )
    if evaluation.missing:
        console.print(
            f"{evaluation.missing:,} records of the truth are not in the result, counted as not found",
            style="yellow",
        )
    if evaluation.unlabelled:
        console.print(f"{evaluation.unlabelled:,} records of the result are not in the truth, left out")


def _console() -> Console:
    return Console()


def _share(value: float | None) -> str:
    return "not estimated" if value is None else f"{value:.4f}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for column in columns:
        number = column in ("rows", "rejected", "bits", "m", "u", "precision", "recall", "F1")
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    return table
