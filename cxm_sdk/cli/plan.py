"""``cxm plan``: check events against a tracking plan, and write its events as typed Python."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxm_sdk.errors import SourceError

if TYPE_CHECKING:
    from cxm_sdk.cli.progress import ProgressBar
    from cxm_sdk.events.plan import PlanReport

__all__ = ["app"]

FINE, VIOLATIONS = 0, 1

app = typer.Typer(name="plan", help="Check events against a tracking plan; write its events as typed Python.")

Plan = Annotated[
    Path,
    typer.Argument(
        metavar="PLAN",
        help="A tracking plan: YAML or JSON, own format, Segment Protocols or Avo.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def check(
    plan: Plan,
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS", help="Events as JSON lines; - is stdin.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Check events against a plan and print violations by rule and count, never a value."""
    from cxm_sdk.cli.progress import ProgressBar
    from cxm_sdk.events.plan import TrackingPlan

    tracking_plan = TrackingPlan.load(plan)
    unreadable = 0
    with ProgressBar(quiet=as_json) as progress:
        for event in _events(events, progress):
            if event is None:
                unreadable += 1
            else:
                tracking_plan.check(event)
    report = tracking_plan.report()
    if as_json:
        typer.echo(json.dumps({**report.to_dict(), "unreadable": unreadable}, indent=2, ensure_ascii=False))
    else:
        _show(report, unreadable)
    raise typer.Exit(VIOLATIONS if report.violating or unreadable else FINE)


@app.command()
def generate(
    plan: Plan,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The Python module to write.", show_default=False
        ),
    ],
    as_json: Json = False,
) -> None:
    """Write the events of a plan as typed Python classes, for Client.track and type checkers."""
    from cxm_sdk.events.plan import TrackingPlan
    from cxm_sdk.events.plan.generate import generated

    tracking_plan = TrackingPlan.load(plan)
    output.write_text(generated(tracking_plan), encoding="utf-8")
    if as_json:
        typer.echo(
            json.dumps({"plan": tracking_plan.name, "events": len(tracking_plan.events), "file": str(output)})
        )
    else:
        typer.echo(f"{len(tracking_plan.events)} events of {tracking_plan.name} written to {output}")


def _events(path: Path, progress: ProgressBar) -> Iterator[dict[str, Any] | None]:
    """Reads events from JSON lines; None for a line that holds none."""
    stdin = str(path) == "-"
    done = 0
    try:
        total = 0 if stdin else path.stat().st_size
        with nullcontext(sys.stdin.buffer) if stdin else path.open("rb") as lines:
            for number, line in enumerate(lines):
                done += len(line)
                if number % 1000 == 0:
                    progress("check", done, total)
                if line.strip():
                    try:
                        event = json.loads(line)
                    except (ValueError, RecursionError):
                        event = None
                    yield event if isinstance(event, dict) else None
    except OSError as error:
        raise SourceError(f"The events in {path} cannot be read: {error.strerror}.") from None


def _show(report: PlanReport, unreadable: int) -> None:
    """Prints a report for people."""
    typer.echo(f"{report.checked} events checked against {report.plan}, {report.violating} with violations")
    if unreadable:
        typer.echo(f"{unreadable} lines hold no event")
    for found in report.violations:
        place = f" at {found.path}" if found.path else ""
        typer.echo(f"{found.count:>8}  {found.event or found.type}{place}: {found.rule}")
