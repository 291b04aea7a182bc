"""Plain text tables."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.tools import Run

RUN_HEAD = ("tool", "seconds", "cpu s", "peak GiB", "precision", "recall", "F1", "B3 P", "B3 R", "B3 F1")


def run_cells(run: Run) -> list[str]:
    """The figures of a run under `RUN_HEAD`.

    Args:
        run: one tool's run.

    Returns:
        One text for each column.
    """
    cluster, cubed = run.evaluation.cluster_pairwise, run.evaluation.b_cubed
    scores = (cluster.precision, cluster.recall, cluster.f1, cubed.precision, cubed.recall, cubed.f1)
    measured = run.measured
    return [
        run.tool,
        f"{measured.seconds:.1f}",
        f"{measured.cpu_seconds:.1f}",
        f"{measured.peak_gib:.2f}",
        *(f"{score:.4f}" for score in scores),
    ]


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in Markdown, first column left, the others right.

    Args:
        head: column titles.
        rows: cells; every row as long as the head.

    Returns:
        Lines joined by newlines.

    Example:
        >>> print(text_table(["set", "F1"], [["a", "0.9"]]))
        | set |  F1 |
        | --- | --: |
        | a   | 0.9 |
    """
    columns = list(zip(*([head, *rows]), strict=True))
    widths = [max(3, *(len(cell) for cell in column)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "| " + " | ".join([first, *rest]) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(head), line(rule), *map(line, rows)])
