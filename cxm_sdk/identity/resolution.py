"""The result of a link: tables, model, summary, and the folder they are kept in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cxm_sdk.errors import InputError, ModelError, ResultError
from cxm_sdk.identity.blocking import brings_in
from cxm_sdk.identity.explain import Explanation, explain_pair, find_record
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.result_folder import TABLES, Draft
from cxm_sdk.identity.running import Mapper, Options, Stages, load_engine
from cxm_sdk.identity.scoring import Scorer
from cxm_sdk.identity.sources import Rejected
from cxm_sdk.identity.whole import RESULT_FILES, write_whole

if TYPE_CHECKING:
    import networkx

__all__ = ["Resolution"]

_LINK_FACTS = [
    *("source_l", "record_id_l", "source_r", "record_id_r"),
    *("match_weight", "match_probability", "rule", "kept", "dropped_reason"),
]

Content = TypeVar("Content")


@dataclass(repr=False)
class Resolution:
    """Which records are one person.

    Attributes:
        assignments: One row a record: ``source``, ``record_id``, ``profile_id``, ``household_id`` (null for none),
            ``confidence`` (0 to 1).
        links: One row a scored pair worth keeping: both records, ``match_weight`` in bits, ``match_probability``,
            ``rule``, ``kept``, ``dropped_reason`` and one level column for each comparison.
        profiles: One row a profile: the value it keeps of each role, and its sources.
        model: The model that was used.
        summary: Counts, roles, rules, seconds, memory, estimates and warnings.
        rejected: Input rows that did not become records.
        prepared: The records it was made from; None for a result that was loaded.

    >>> from cxm_sdk import resolve
    >>> people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
    >>> resolve({"crm": people}).profiles.num_rows
    2
    """

    assignments: pa.Table
    links: pa.Table
    profiles: pa.Table
    model: MatchModel
    summary: dict[str, Any]
    rejected: list[Rejected]
    prepared: Prepared | None = None

    def __repr__(self) -> str:
        counts = (self.assignments.num_rows, self.profiles.num_rows, self.links.num_rows)
        return "Resolution(records={}, profiles={}, links={})".format(*counts)

    def explain(self, a: str, b: str) -> Explanation:
        """Says why two records are one person, or why not.

        For a result that was loaded from a folder the inputs are read again, since a result keeps no copy of them.

        Args:
            a: ``source:record_id``, or a record id that only one source has.
            b: The same for the other record.

        Returns:
            The explanation; its terms sum to the match weight.

        Raises:
            ResultError: When a record is not in the result, or its inputs are gone or have changed.
        """
        if self.prepared is None:
            self.prepared = self._read_again()
        features = self.prepared.features
        one, other = find_record(features.records, a), find_record(features.records, b)
        if one == other:
            raise ResultError("expected two records, got one record twice.")
        ids = self.assignments.column("profile_id")
        compared = self.prepared.copies.holds(one, other) or any(
            brings_in(features, rule, one, other) for rule in self.model.rules
        )
        return explain_pair(
            Scorer(self.model, features, self.prepared.sharing.people),
            one,
            other,
            linked=ids[one].as_py() == ids[other].as_py(),
            threshold=self.summary["threshold"],
            compared=compared,
        )

    def _read_again(self) -> Prepared:
        inputs, options = self.summary.get("inputs"), self.summary["options"]
        if inputs is None:
            raise ResultError(
                "this result was made from tables in memory, which are gone.",
                hint="explain on the Resolution that resolve returned, or resolve from files",
            )
        again = Options(
            tuple((r, c) for r, c in options["map"]), tuple(options["ignore"]), options["id_column"]
        )
        try:
            prepared = prepare(load_engine("local", None), inputs, again, Stages(None), self.model.frozen)
        except InputError as error:
            raise ResultError(f"the inputs of this result cannot be read again: {error}") from error
        if prepared.records.fingerprint() != self.summary.get("fingerprint"):
            raise ResultError(
                "the inputs of this result have changed since: they hold other records or other values.",
                hint="resolve them again",
            )
        return prepared

    def to_networkx(self, profile_id: str) -> networkx.Graph:
        """Gives one profile as a graph, to look for bridges, weak spots and paths in it.

        Args:
            profile_id: A profile of ``assignments``.

        Returns:
            A graph named after the profile. Its nodes are the records, ``(source, record_id)``, with their
            ``confidence``; its edges the links between them, with ``match_weight`` in bits, ``match_probability``,
            ``rule``, ``kept`` and ``dropped_reason``. Records that only others hold together have no edge.

        Raises:
            ResultError: When the result has no such profile.

        >>> from cxm_sdk import resolve
        >>> people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
        >>> result = resolve({"crm": people})
        >>> list(result.to_networkx(result.profiles["profile_id"][0].as_py()).nodes)
        [('crm', '1')]
        """
        import networkx

        own = self.assignments.filter(pc.equal(self.assignments["profile_id"].cast(pa.string()), profile_id))
        if not own.num_rows:
            raise ResultError(
                f"expected the id of a profile of this result, got {profile_id!r}.",
                hint="take one from the column profile_id of assignments or profiles",
            )
        graph = networkx.Graph(name=profile_id)
        for row in own.select(["source", "record_id", "confidence"]).to_pylist():
            graph.add_node((row["source"], row["record_id"]), confidence=row["confidence"])
        ids = own["record_id"].combine_chunks()
        near = self.links.filter(
            pc.and_(*(pc.is_in(self.links[f"record_id_{side}"], value_set=ids) for side in "lr"))
        )
        for link in near.select(_LINK_FACTS).to_pylist():
            left, right = ((link.pop(f"source_{side}"), link.pop(f"record_id_{side}")) for side in "lr")
            if left in graph and right in graph:
                graph.add_edge(left, right, **link)
        return graph

    def report(self, path: str | os.PathLike[str]) -> None:
        """Writes one HTML file to look at: counts, sources, links and what decides, and no customer's data.

        Args:
            path: File to write, whole or not at all; an existing one is replaced.

        Example:
            >>> from cxm_sdk import resolve
            >>> people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
            >>> resolve({"crm": people}).report("report.html")
        """
        from cxm_sdk.identity.report import report_page  # most results are not looked at

        write_whole(path, report_page(self))

    def save(self, folder: str | os.PathLike[str], run: Mapper = map) -> None:
        """Writes the result, whole or not at all.

        Args:
            folder: Folder to make. One that holds an earlier result is replaced; any other that is not empty is
                refused.
            run: Parallel map for writing several files at once.

        Raises:
            InputError: When the folder holds something else.
        """
        with Draft(folder) as draft:
            # What takes longest comes first.
            size = {
                name: table.num_rows * table.num_columns for name in TABLES for table in [getattr(self, name)]
            }
            names = sorted(TABLES, key=lambda name: -size[name])
            list(run(lambda write: write(), self.writers(draft, names)))
            draft.put_in_place()

    def writers(self, draft: Draft, names: Sequence[str]) -> list[Callable[[], None]]:
        """What writes some tables, and the rest of the result.

        Args:
            draft: Where to.
            names: The tables; those that are left out have been written.

        Returns:
            Functions to call in any order, also at the same time.
        """
        tables = [partial(draft.write_table, name, getattr(self, name)) for name in names]
        return [*tables, partial(draft.write_rest, self.model, self.summary, self.rejected)]

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Resolution:
        """Reads a result folder.

        Args:
            folder: A folder that ``save`` or ``cxm resolve`` wrote.

        Returns:
            The result.

        Raises:
            ResultError: When the folder is missing or is not a whole result.
        """
        path = Path(folder).absolute()
        missing = [name for name in RESULT_FILES if not (path / name).is_file()]
        if missing:
            raise ResultError(
                f"expected {path.name} to be a result folder; it has no {', '.join(missing)}.",
                hint="give the folder that cxm resolve --output wrote",
            )
        assignments, links, profiles = (_opened(path / f"{name}.parquet", pq.read_table) for name in TABLES)
        model = _opened(path / "model.json", MatchModel.load)
        summary = _opened(path / "summary.json", _read_summary)
        rejected = _opened(path / "rejected.jsonl", _read_rejected)
        return cls(assignments, links, profiles, model, summary, rejected)


def _opened(file: Path, read: Callable[[Path], Content]) -> Content:
    try:
        return read(file)
    except (OSError, ValueError, TypeError, KeyError, ModelError) as error:
        raise ResultError(
            f"expected a result folder, but {file.name} in {file.parent.name} cannot be read "
            f"({type(error).__name__}).",
            hint="resolve the inputs again",
        ) from error


def _read_summary(file: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for key in ("threshold", "options"):
        summary[key]
    return summary


def _read_rejected(file: Path) -> list[Rejected]:
    with file.open(encoding="utf-8") as lines:
        return [Rejected(**json.loads(line)) for line in lines]


def inputs_of(inputs: Sequence[object]) -> list[str] | None:
    """Names of the inputs when all are files, so that they can be read again; None otherwise."""
    named = []
    for item in inputs:
        if not isinstance(item, (str, os.PathLike)):
            return None
        name, equals, path = str(item).partition("=")
        whole = Path(path if equals and not Path(str(item)).exists() else str(item)).absolute()
        named.append(f"{name}={whole}" if equals and not Path(str(item)).exists() else str(whole))
    return named
