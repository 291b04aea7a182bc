"""The result of a link: tables, model, summary, and the folder they are kept in."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cxm_sdk.errors import InputError, ModelError, ResultError
from cxm_sdk.identity.blocking import brings_in
from cxm_sdk.identity.distinct import places_in, texts_at
from cxm_sdk.identity.explain import Explanation, explain_pair, find_record
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.running import Mapper, Options, Stages, load_engine
from cxm_sdk.identity.scoring import Scorer
from cxm_sdk.identity.sources import Rejected

if TYPE_CHECKING:
    import networkx

__all__ = ["Resolution"]

#: Rows the writer gathers before it writes them.
ROW_GROUP = 1 << 17

TABLES = ("assignments", "links", "profiles")
FILES = (*(f"{table}.parquet" for table in TABLES), "model.json", "summary.json", "rejected.jsonl")

_LINK_FACTS = [
    *("source_l", "record_id_l", "source_r", "record_id_r"),
    *("match_weight", "match_probability", "rule", "kept", "dropped_reason"),
]
#: Columns of assignments and links with nulls, and columns of profiles without.
_GAPS, _WHOLE = ("household_id", "dropped_reason"), ("profile_id", "records", "sources")
#: What JSON leaves as it is and many readers take for the end of a line.
_LINE_ENDS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "\x85\u2028\u2029"}

Content = TypeVar("Content")


@dataclass
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

    assignments: pa.Table = field(repr=False)
    links: pa.Table = field(repr=False)
    profiles: pa.Table = field(repr=False)
    model: MatchModel = field(repr=False)
    summary: dict[str, Any] = field(repr=False)
    rejected: list[Rejected] = field(repr=False)
    prepared: Prepared | None = field(default=None, repr=False)

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

        target = Path(path)
        draft = target.with_name(target.name + ".part")
        draft.write_text(report_page(self), encoding="utf-8")
        draft.replace(target)

    def save(self, folder: str | os.PathLike[str], run: Mapper = map) -> None:
        """Writes the result, whole or not at all.

        Args:
            folder: Folder to make. One that holds an earlier result is replaced; any other that is not empty is
                refused.
            run: Parallel map for writing several files at once.

        Raises:
            InputError: When the folder holds something else.
        """
        target = Path(folder).resolve()
        if target.exists() and not (target.is_dir() and _replaceable(target)):
            raise InputError(
                f"expected {target.name} to be a new folder, an empty one or an earlier result.",
                hint="choose another --output",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            list(run(lambda write: write(), self._writers(draft)))
            draft.chmod(0o777 & ~_umask())
            _put_in_place(draft, target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _writers(self, draft: Path) -> list[Callable[[], None]]:
        def table(name: str) -> Callable[[], None]:
            return lambda: _write(getattr(self, name), name, draft / f"{name}.parquet")

        def rest() -> None:
            self.model.save(draft / "model.json")
            (draft / "summary.json").write_text(json.dumps(self.summary, indent=2) + "\n", encoding="utf-8")
            with (draft / "rejected.jsonl").open("w", encoding="utf-8") as file:
                for row in self.rejected:
                    file.write(json.dumps(asdict(row), ensure_ascii=False).translate(_LINE_ENDS) + "\n")

        # What takes longest comes first.
        largest = sorted(
            TABLES, key=lambda name: -getattr(self, name).num_rows * getattr(self, name).num_columns
        )
        return [*(table(name) for name in largest), rest]

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
        missing = [name for name in FILES if not (path / name).is_file()]
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


def _write(table: pa.Table, name: str, path: Path) -> None:
    """Writes a table, a group of rows at a time, so that what is made of them is still in the cache."""
    repeated = [title for title in table.column_names if _repeats(table[title])]
    first = _written_out(table.slice(0, ROW_GROUP), name, repeated)
    # Ids and addresses hardly compress; the time they take to try is better spent.
    with pq.ParquetWriter(
        *(path, first.schema), use_dictionary=repeated, compression="none", write_statistics=False
    ) as file:
        file.write_table(first, ROW_GROUP)
        for start in range(ROW_GROUP, table.num_rows, ROW_GROUP):
            file.write_table(_written_out(table.slice(start, ROW_GROUP), name, repeated), ROW_GROUP)


def _written_out(table: pa.Table, name: str, repeated: Collection[str]) -> pa.Table:
    """Rows as they are best written.

    Texts of a large dictionary are written out, which Arrow's own writer does too, at twice the price. Columns that
    hold a value in every row say so, and no row needs to.
    """
    columns, fields = list[pa.ChunkedArray](), list[pa.Field]()
    for title, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type) and title not in repeated:
            texts = [texts_at(part.dictionary, places_in(part.indices)) for part in column.chunks]
            column = pa.chunked_array(texts, pa.string())
        columns.append(column)
        whole = title in _WHOLE if name == "profiles" else title not in _GAPS
        fields.append(pa.field(title, column.type, nullable=not whole))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether a column has few different values, so that a dictionary of them saves time and room."""
    if pa.types.is_dictionary(column.type):
        return all(len(chunk.dictionary) < ROW_GROUP // 8 for chunk in column.chunks)
    return bool(pa.types.is_uint8(column.type) or pa.types.is_list(column.type))


def _replaceable(folder: Path) -> bool:
    # A folder that holds anything else too is somebody's work.
    held = {entry.name for entry in folder.iterdir()}
    return not held or ("summary.json" in held and held <= set(FILES))


def _put_in_place(draft: Path, target: Path) -> None:
    """Renames a whole folder into its place; what was there is kept until the new one stands."""
    if not target.exists():
        draft.rename(target)
        return
    earlier = draft.with_name(f"{draft.name}.earlier")
    try:
        target.rename(earlier)
        draft.rename(target)
    finally:
        if target.exists():
            shutil.rmtree(earlier, ignore_errors=True)
        elif earlier.exists():
            earlier.rename(target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
