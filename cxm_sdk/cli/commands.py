"""The commands of ``cxm``. Each one reads its options, makes one call of the library, and prints the outcome.

What only some commands need is imported inside them, so that ``cxm --help`` answers at once.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

import cxm_sdk
from cxm_sdk.cli import adapters, plan
from cxm_sdk.cli.graph import COMMANDS, explain_in_graph
from cxm_sdk.cli.serve import serve
from cxm_sdk.engines.interrupts import noticed_interrupts
from cxm_sdk.errors import CxmError

if TYPE_CHECKING:
    from cxm_sdk.identity.resolution import Resolution

__all__ = ["app", "app_for"]

DONE, DONE_WITH_REJECTED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class ErrorsAsLines(TyperGroup):
    """Turns what a command raises into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # typer has moved the type between releases
        """Runs the command.

        Args:
            ctx: The parsed command line.

        Returns:
            What the command returns.

        Raises:
            typer.Exit: With the exit code, where the command raised an expected error.
        """
        with noticed_interrupts() as pressed:
            try:
                return super().invoke(ctx)
            except (Exception, KeyboardInterrupt) as error:
                if pressed.is_set() or isinstance(error, KeyboardInterrupt):
                    raise typer.Exit(INTERRUPTED) from None
                line = _line(error)
                if line is None:
                    raise
                _say(line)
                raise typer.Exit(UNUSABLE) from None


def _line(error: BaseException) -> str | None:
    """The one line that tells an expected error; None for any other."""
    if isinstance(error, CxmError):
        return f"error[{error.code}]: {error}"
    if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        # The disk is full, a folder is read-only: nothing of ours, but no reason for a traceback either.
        where = f": {error.filename}" if error.filename else ""
        return f"error[system]: {error.strerror or type(error).__name__}{where}"
    return None


app = typer.Typer(
    name="cxm",
    cls=ErrorsAsLines,
    help="Customer identity resolution: records from many systems become one profile each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, which hold customer values
    context_settings={"help_option_names": ["-h", "--help"]},
)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Gives the app with the one command that is called: to build all of them takes as long as to import Arrow.

    Args:
        arguments: What stands behind ``cxm``.

    Returns:
        The app with that command alone; with all of them where none, or none that stands by itself, is called.

    Example:
        >>> len(app_for(["resolve", "crm.csv"]).registered_commands)
        1
    """
    called = [
        info
        for info in app.registered_commands
        if info.callback is not None and (info.name or info.callback.__name__) in arguments[:1]
    ]
    if not called:
        return app
    small = copy.copy(app)
    small.registered_commands, small.registered_groups = called, []
    return small


app.add_typer(plan.app)
app.add_typer(adapters.app)

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="CSV, TSV, JSON lines (each also .gz) or Parquet files, folders or globs of them; NAME=PATH"
        " names the source.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="ROLE=COLUMN", help="Give a column its role. Repeatable."),
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="Leave a column out. Repeatable.")
]
IdColumn = Annotated[
    str | None, typer.Option("--id-column", metavar="NAME", help="The column with the record ids.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, metavar="N", help="Threads; all CPUs by default.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Result = Annotated[
    Path,
    typer.Option("--result", metavar="DIR", help="The folder that cxm resolve wrote.", show_default=False),
]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Equal seeds give equal data.")]


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Answers ``--version``."""
    if version:
        typer.echo(f"cxm {cxm_sdk.__version__}")
        raise typer.Exit(DONE)


@app.command()
def resolve(
    inputs: Inputs,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to write.", show_default=False)
    ],
    map_: Map = None,
    ignore: Ignore = None,
    id_column: IdColumn = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FILE", help="A model of cxm train; else one is fitted.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold", metavar="P", help="Match probability that links, above 0 and below 1; else .5."
        ),
    ] = None,
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find out which records are one customer, and write every customer's profile."""
    from cxm_sdk.cli.progress import ProgressBar

    mapping = _pairs(map_)
    fitted = cxm_sdk.MatchModel.load(model) if model else None
    with ProgressBar(quiet=quiet or as_json) as progress:
        result = cxm_sdk.resolve(
            *inputs,
            output=output,
            map=mapping,
            ignore=ignore or (),
            id_column=id_column,
            model=fitted,
            threshold=threshold,
            workers=workers,
            progress=progress,
        )
    if as_json:
        _print_json(result.summary)
    elif not quiet:
        from cxm_sdk.cli.text import show_summary

        show_summary(result.summary, output)
    raise typer.Exit(_code(result))


@app.command()
def train(
    inputs: Inputs,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The model file to write.", show_default=False),
    ],
    map_: Map = None,
    ignore: Ignore = None,
    id_column: IdColumn = None,
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a model to the inputs, without labels, and write it to a file that resolve --model reads."""
    from cxm_sdk.cli.progress import ProgressBar

    mapping = _pairs(map_)
    with ProgressBar(quiet=quiet or as_json) as progress:
        model = cxm_sdk.Linker(workers=workers).train(
            *inputs, map=mapping, ignore=ignore or (), id_column=id_column, progress=progress
        )
    model.save(output)
    if as_json:
        _print_json(model.model_dump(mode="json"))
    elif not quiet:
        from cxm_sdk.cli.text import show_model

        show_model(model, output)


@app.command()
def explain(
    a: Annotated[str, typer.Argument(metavar="A", help="A record: SOURCE:RECORD_ID, or a unique RECORD_ID.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another record.")],
    result: Annotated[
        Path | None, typer.Option("--result", metavar="DIR", help="The folder that cxm resolve wrote.")
    ] = None,
    graph: Annotated[
        Path | None,
        typer.Option(
            "--graph", metavar="FILE", help="Or a graph; A and B may be NAMESPACE:VALUE or profile ids."
        ),
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show the customer values that were compared.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show why two records are linked, or why not: every piece of evidence in bits."""
    from cxm_sdk.cli.text import show_explanation

    if (result is None) == (graph is None):
        raise typer.BadParameter("expected one of --result and --graph")
    if graph is not None:
        explanation = explain_in_graph(a, b, graph)
    else:
        explanation = cxm_sdk.Resolution.load(str(result)).explain(a, b)
    if as_json:
        _print_json(explanation.to_dict(values=show_values))
    else:
        show_explanation(explanation, values=show_values)


@app.command()
def report(
    result: Result,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")] = Path(
        "report.html"
    ),
    as_json: Json = False,
) -> None:
    """Write one HTML file about a result, to look at in a browser; it holds no customer's data."""
    cxm_sdk.Resolution.load(result).report(output)
    if as_json:
        _print_json({"report": str(output)})
    else:
        typer.echo(output)


@app.command()
def evaluate(
    result: Result,
    truth: Annotated[
        Path,
        typer.Option(
            "--truth",
            metavar="FILE",
            help="CSV, TSV, JSON lines or Parquet: record_id, entity_id, and source unless record ids are unique.",
            show_default=False,
        ),
    ],
    entity_column: Annotated[
        str, typer.Option("--entity-column", metavar="NAME", help="Equal for records of one entity.")
    ] = "entity_id",
    record_column: Annotated[
        str, typer.Option("--record-column", metavar="NAME", help="The record ids.")
    ] = "record_id",
    as_json: Json = False,
) -> None:
    """Score a result against a known truth: pairwise, cluster-pairwise and B-cubed."""
    from cxm_sdk.cli.text import show_evaluation
    from cxm_sdk.identity.evaluation import evaluate_result
    from cxm_sdk.identity.truth import read_truth

    known = read_truth(truth, entity_column=entity_column, record_column=record_column)
    evaluation = evaluate_result(result, known)
    if as_json:
        _print_json(evaluation.to_dict())
    else:
        show_evaluation(evaluation)


@app.command()
def generate(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to write.", show_default=False)
    ],
    rows: Annotated[
        int, typer.Option("--rows", min=1, metavar="N", help="Records over all sources.")
    ] = 100_000,
    seed: Seed = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write made-up customers as several systems would hold them, and the truth about them."""
    from cxm_sdk.testing import synthetic

    files = [str(file) for file in synthetic.generate(rows, seed).write(output)]
    truth = str(output / synthetic.TRUTH_FILE)
    if as_json:
        _print_json({"rows": rows, "seed": seed, "files": files, "truth": truth})
    elif not quiet:
        for file in (*files, truth):
            typer.echo(file)


@app.command()
def demo(
    rows: Annotated[int, typer.Option("--rows", min=100, metavar="N", help="Records to make up.")] = 20_000,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to write.")
    ] = Path("cxm-demo"),
    seed: Seed = 1,
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell the whole story on made-up customers: sources, profiles, quality, one link explained."""
    from cxm_sdk.cli.demo import run_demo

    story = run_demo(rows, output, seed=seed, workers=workers, quiet=quiet or as_json)
    if as_json:
        _print_json(story)


for _command in (*COMMANDS, serve):
    app.command()(_command)


def _code(result: Resolution) -> int:
    return DONE_WITH_REJECTED if result.rejected else DONE


def _pairs(texts: list[str] | None) -> list[tuple[str, str]]:
    """Reads ROLE=COLUMN; a column may hold an equals sign, a role may not."""
    pairs = []
    for text in texts or ():
        role, equals, column = text.partition("=")
        if not (role and equals and column):
            raise typer.BadParameter(f"expected ROLE=COLUMN, got {text!r}", param_hint="--map")
        pairs.append((role, column))
    return pairs


def _print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _say(line: str) -> None:
    typer.echo(line, err=True)
