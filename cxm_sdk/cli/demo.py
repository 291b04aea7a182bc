"""``cxm demo``: made-up customers from files to profiles, told step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

import cxm_sdk
from cxm_sdk.cli.progress import ProgressBar
from cxm_sdk.cli.text import show_evaluation, show_explanation, show_outcome, show_sources
from cxm_sdk.identity.truth import read_truth
from cxm_sdk.testing import synthetic

__all__ = ["run_demo"]


def run_demo(rows: int, folder: Path, *, seed: int, workers: int | None, quiet: bool) -> dict[str, Any]:
    """Makes customers up, resolves them, scores the result and explains one link.

    Args:
        rows: Records to make up, over all sources.
        folder: Where everything goes: ``customers``, ``result`` and ``report.html``; made when it is not there.
        seed: Equal seeds give equal customers.
        workers: Threads; None for all CPUs.
        quiet: Whether to print nothing.

    Returns:
        ``summary`` of the result, ``evaluation`` against the truth, ``explained`` (one link), ``files`` and ``report``.
    """
    console = Console(quiet=quiet)
    _chapter(console, "1. Customers as five systems know them")
    with ProgressBar(quiet=quiet) as progress:
        progress("make customers up", 0, 0)
        inputs = synthetic.generate(rows, seed).write(folder / "customers")
    truth = folder / "customers" / synthetic.TRUTH_FILE
    for file in inputs:
        console.print(f"  {file}", highlight=False, soft_wrap=True)

    _chapter(console, "2. What the columns are, from headers and content")
    with ProgressBar(quiet=quiet) as progress:
        result = cxm_sdk.resolve(*inputs, output=folder / "result", workers=workers, progress=progress)
    if not quiet:
        show_sources(console, result.summary["sources"])
    _chapter(console, "3. Who is one customer")
    if not quiet:
        show_outcome(console, result.summary)

    _chapter(console, "4. How right that is; the truth was not part of the input")
    evaluation = cxm_sdk.evaluate(result.assignments, read_truth(truth), links=result.links)
    if not quiet:
        show_evaluation(evaluation)

    _chapter(console, "5. Why two records are one customer")
    pair = _telling_link(result.links)
    explanation = result.explain(*pair) if pair else None
    if explanation is not None and not quiet:
        console.print(Text("  and  ".join(pair or ())))
        show_explanation(explanation, values=True)  # the customers are made up: nobody's values

    _chapter(console, "6. Where to look next")
    stitched, report = folder / "result", folder / "report.html"
    result.report(report)
    for line in (
        f"{report}   open it in a browser",
        f"{stitched / 'assignments.parquet'}   one row a record, with its profile",
        f"{stitched / 'profiles.parquet'}      one row a customer",
        f"cxm evaluate --result {stitched} --truth {truth}",
        *([f"cxm explain --result {stitched} {pair[0]} {pair[1]}"] if pair else []),
    ):
        console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    return {
        "summary": result.summary,
        "evaluation": evaluation.to_dict(),
        "explained": explanation.to_dict() if explanation is not None else None,
        "files": [str(file) for file in (*inputs, truth)],
        "report": str(report),
    }


def _chapter(console: Console, title: str) -> None:
    console.print()
    console.print(Rule(Text(title, style="bold"), align="left"))


def _telling_link(links: pa.Table) -> tuple[str, str] | None:
    """Chooses the kept link of middling weight: neither a plain copy nor a near miss.

    Returns:
        The two records as ``source:record_id``, of two sources if there are such links; None without links.
    """
    kept = links.filter(links["kept"])
    across = kept.filter(pc.not_equal(kept["source_l"], kept["source_r"]))
    kept = across if len(across) else kept
    if not len(kept):
        return None
    order = np.argsort(kept["match_weight"].to_numpy(), kind="stable")
    link = kept.slice(int(order[len(kept) // 2]), 1).to_pylist()[0]
    return f"{link['source_l']}:{link['record_id_l']}", f"{link['source_r']}:{link['record_id_r']}"
