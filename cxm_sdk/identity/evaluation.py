"""How right a result is, measured against a known truth.

Three views of the same question, because each hides what another shows:

* *pairwise*: the links that were kept, against all pairs of records of one entity. What the scoring did.
* *cluster-pairwise*: all pairs inside profiles, against all pairs inside entities. What the user gets; one
  wrong link between two large profiles costs all the pairs it makes.
* *B-cubed*: the average over records of how pure and how complete the record's own profile is. Large entities
  do not drown small ones.

A record the truth knows and the result lacks is a failure of the result: its pairs are expected and missed,
and its B-cubed recall is nought. A record the truth does not know says nothing and is left out of all counts.
Where there is nothing to divide by, nothing was claimed (precision 1) or nothing was to be found (recall 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cxm_sdk.errors import ColumnError, InputError, ResultError
from cxm_sdk.identity.truth import as_table, id_texts

__all__ = ["Evaluation", "Score", "evaluate", "evaluate_result"]

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Precision and recall of one view.

    Attributes:
        precision: Share of what was claimed that is true, 0 to 1.
        recall: Share of what is true that was claimed, 0 to 1.
        correct: Pairs claimed and true; None for B-cubed, which counts no pairs.
        claimed: Pairs claimed; None for B-cubed.
        expected: Pairs that are true; None for B-cubed.

    Example:
        >>> Score(precision=1.0, recall=0.5).f1
        0.6666666666666666
    """

    precision: float
    recall: float
    correct: int | None = None
    claimed: int | None = None
    expected: int | None = None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when both are 0."""
        total = self.precision + self.recall
        return 2.0 * self.precision * self.recall / total if total else 0.0

    @classmethod
    def of_pairs(cls, correct: int, claimed: int, expected: int) -> Score:
        """Makes the score of a set of pairs.

        Args:
            correct: Pairs claimed and true.
            claimed: Pairs claimed.
            expected: Pairs that are true.

        Returns:
            The score, with the counts in it.

        Example:
            >>> Score.of_pairs(correct=3, claimed=4, expected=6).precision
            0.75
        """
        return cls(
            precision=correct / claimed if claimed else 1.0,
            recall=correct / expected if expected else 1.0,
            correct=correct,
            claimed=claimed,
            expected=expected,
        )

    def to_dict(self) -> dict[str, float | int]:
        """Gives the score as plain numbers, for JSON.

        Returns:
            ``precision``, ``recall`` and ``f1``, and the three pair counts where there are pairs.

        Example:
            >>> Score(precision=1.0, recall=1.0).to_dict()
            {'precision': 1.0, 'recall': 1.0, 'f1': 1.0}
        """
        numbers: dict[str, float | int] = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }
        for name in ("correct", "claimed", "expected"):
            count = getattr(self, name)
            if count is not None:
                numbers[name] = count
        return numbers


@dataclass(frozen=True)
class Evaluation:
    """The three scores of a result, and how many records they speak for.

    Attributes:
        pairwise: Score of the kept links; None when no links were given.
        cluster_pairwise: Score of the pairs inside profiles.
        b_cubed: Average score of a record's own profile.
        records: Records both in the truth and in the result.
        missing: Records in the truth and not in the result; counted as not found.
        unlabelled: Records in the result and not in the truth; left out.
        profiles: Distinct profiles among ``records``.
        entities: Distinct entities in the truth.

    Example:
        >>> import pyarrow as pa
        >>> result = pa.table({"source": ["a", "a"], "record_id": ["1", "2"], "profile_id": ["p", "p"]})
        >>> truth = pa.table({"record_id": ["1", "2"], "entity_id": ["x", "y"]})
        >>> evaluate(result, truth).cluster_pairwise.precision
        0.0
    """

    pairwise: Score | None
    cluster_pairwise: Score
    b_cubed: Score
    records: int
    missing: int
    unlabelled: int
    profiles: int
    entities: int

    def to_dict(self) -> dict[str, Any]:
        """Gives the evaluation as plain values, for JSON.

        Returns:
            One key per attribute; scores are dictionaries, an absent score is None.

        Example:
            >>> import pyarrow as pa
            >>> result = pa.table({"source": ["a"], "record_id": ["1"], "profile_id": ["p"]})
            >>> evaluate(result, pa.table({"record_id": ["1"], "entity_id": ["x"]})).to_dict()["records"]
            1
        """
        return {
            "pairwise": self.pairwise.to_dict() if self.pairwise else None,
            "cluster_pairwise": self.cluster_pairwise.to_dict(),
            "b_cubed": self.b_cubed.to_dict(),
            "records": self.records,
            "missing": self.missing,
            "unlabelled": self.unlabelled,
            "profiles": self.profiles,
            "entities": self.entities,
        }


def evaluate(assignments: object, truth: object, *, links: object = None) -> Evaluation:
    """Scores a result against the truth.

    Each table is an Arrow table, a pandas or Polars frame, a DuckDB relation, or the path of a file: a Parquet file of
    a result folder, and truth as ``read_truth`` reads it.

    Args:
        assignments: One row a record: ``source``, ``record_id``, ``profile_id``, all strings without nulls;
            more columns are ignored.
        truth: One row a known record: ``record_id``, ``entity_id``, and ``source`` unless record ids are
            unique over all sources. A row whose ``entity_id`` is null is not known. More columns are ignored.
        links: ``source_l``, ``record_id_l``, ``source_r``, ``record_id_r`` and the boolean ``kept``; links
            not kept are ignored, a pair given twice counts once. None leaves the pairwise score out.

    Returns:
        The scores and the counts of records behind them.

    Raises:
        SourceError: One of them is no table, or cannot be read.
        ColumnError: A column is missing, has nulls where none may be, or ``source`` is needed and absent.
        InputError: A record stands twice in ``assignments`` or in ``truth``, a link names a record that is
            not in ``assignments``, or not one record of the truth is in the result.

    Example:
        >>> import pyarrow as pa
        >>> result = pa.table(
        ...     {"source": ["crm", "crm", "web"], "record_id": ["1", "2", "3"], "profile_id": ["p", "q", "p"]}
        ... )
        >>> truth = pa.table({"record_id": ["1", "2", "3"], "entity_id": ["ada", "ada", "ada"]})
        >>> score = evaluate(result, truth).cluster_pairwise
        >>> score.correct, score.claimed, score.expected
        (1, 1, 3)
    """
    linked = None if links is None else as_table(links, "links")
    return _evaluate(as_table(assignments, "assignments"), as_table(truth, "truth"), linked)


def _evaluate(assignments: pa.Table, truth: pa.Table, links: pa.Table | None) -> Evaluation:
    _require(assignments, ("source", "record_id", "profile_id"), "assignments")
    _require(truth, ("record_id",), "truth")
    if "entity_id" not in truth.column_names:
        raise _missing_column("entity_id", truth, "truth")
    truth = truth.filter(pc.is_valid(truth["entity_id"]))

    by_source = "source" in truth.column_names
    if by_source:
        _require(truth, ("source",), "truth")
    ends = [] if links is None else _kept_ends(links)
    record, known, *linked = _record_codes(assignments, truth, ends, by_source=by_source)
    n_keys = 1 + max((int(codes.max()) for codes in (record, known, *linked) if len(codes)), default=-1)

    entity_of = np.full(n_keys, -1, dtype=np.int64)
    entity = _codes(truth["entity_id"])
    entity_of[known] = entity
    profile_of = np.full(n_keys, -1, dtype=np.int64)
    profile_of[record] = _codes(assignments["profile_id"])

    scored = record[entity_of[record] >= 0]
    if not len(scored):
        raise InputError(
            f"none of the {len(truth)} records of the truth is among the {len(record)} records of the result"
            f" (joined on {'source and record_id' if by_source else 'record_id'}).",
            hint="give the truth the record ids, and the source names, that assignments has.",
        )
    entity_size = np.bincount(entity)
    return Evaluation(
        pairwise=None if links is None else _link_score(linked, entity_of, profile_of, entity_size),
        cluster_pairwise=_cluster_score(profile_of[scored], entity_of[scored], entity_size),
        b_cubed=_b_cubed(profile_of[scored], entity_of[scored], entity_size),
        records=len(scored),
        missing=int(np.count_nonzero(profile_of[known] < 0)),
        unlabelled=len(record) - len(scored),
        profiles=int(np.count_nonzero(np.bincount(profile_of[scored]))),
        entities=len(entity_size),
    )


def evaluate_result(folder: str | Path, truth: object) -> Evaluation:
    """Scores a result folder, as ``cxm resolve`` writes it, against the truth.

    Args:
        folder: The folder that holds ``assignments.parquet`` and ``links.parquet``.
        truth: As for :func:`evaluate`.

    Returns:
        The scores and the counts of records behind them.

    Raises:
        ResultError: A file of the folder is missing or cannot be read.
        InputError: As for :func:`evaluate`.

    Example:
        >>> import pyarrow as pa
        >>> evaluate_result("nowhere", pa.table({"record_id": ["1"], "entity_id": ["x"]}))
        Traceback (most recent call last):
        cxm_sdk.errors.ResultError: nowhere holds no assignments.parquet. Hint: give the folder ...
    """
    columns = ["source", "record_id", "profile_id"]
    ends = ["source_l", "record_id_l", "source_r", "record_id_r", "kept"]
    return evaluate(
        _read_result(Path(folder), "assignments.parquet", columns),
        truth,
        links=_read_result(Path(folder), "links.parquet", ends),
    )


def _read_result(folder: Path, name: str, columns: list[str]) -> pa.Table:
    try:
        return pq.read_table(folder / name, columns=columns)
    except FileNotFoundError:
        raise ResultError(
            f"{folder} holds no {name}.", hint="give the folder that cxm resolve --output wrote."
        ) from None
    except (pa.ArrowException, OSError) as error:
        raise ResultError(f"{folder / name} cannot be read ({type(error).__name__}).") from None


def _missing_column(name: str, table: pa.Table, where: str) -> ColumnError:
    return ColumnError(f"expected a column {name!r} in {where}, which has {', '.join(table.column_names)}.")


def _require(table: pa.Table, columns: tuple[str, ...], where: str) -> None:
    """Refuses a table without one of the columns, or with nulls in one."""
    for name in columns:
        if name not in table.column_names:
            raise _missing_column(name, table, where)
        nulls = table[name].null_count
        if nulls:
            raise ColumnError(f"column {name!r} of {where} is null in {nulls} of {len(table)} rows.")


def _kept_ends(links: pa.Table) -> list[pa.Table]:
    """The left and the right ends of the kept links, as two tables of source and record_id."""
    _require(links, ("source_l", "record_id_l", "source_r", "record_id_r"), "links")
    if "kept" not in links.column_names:
        raise _missing_column("kept", links, "links")
    kept = links.filter(pc.fill_null(links["kept"], False))
    names = ["source", "record_id"]
    return [pa.table([kept[f"source_{side}"], kept[f"record_id_{side}"]], names=names) for side in "lr"]


def _codes(values: pa.ChunkedArray) -> Codes:
    """Numbers the distinct values from 0; equal values get equal numbers."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    if pa.types.is_dictionary(values.type):  # whose own codes need not be one to one with values
        values = values.cast(values.type.value_type)
    encoded = values.dictionary_encode().unify_dictionaries()
    indices = [np.asarray(chunk.indices).astype(np.int64) for chunk in encoded.chunks]
    return np.concatenate(indices)


def _joint_codes(columns: list[pa.ChunkedArray]) -> list[Codes]:
    """Numbers the distinct values over several columns at once."""
    texts = [id_texts(column) for column in columns]
    codes = _codes(pa.chunked_array([chunk for text in texts for chunk in text.chunks], pa.large_string()))
    return np.split(codes, np.cumsum([len(column) for column in columns])[:-1])


def _record_codes(
    assignments: pa.Table, truth: pa.Table, ends: list[pa.Table], *, by_source: bool
) -> list[Codes]:
    """Gives every record one number over the result, the truth and the ends of the links.

    Args:
        assignments: The result.
        truth: The truth, without unknown records.
        ends: No table, or the left and right ends of the kept links.
        by_source: Whether the truth names the source of a record.

    Returns:
        One int64 array a table, in the order of the arguments. A record of the truth that is not in the
        result has a number of its own.
    """
    within = [assignments, *ends]  # tables that surely name the source
    ids = _joint_codes([table["record_id"] for table in (truth, *within)])
    n_ids = 1 + max((int(codes.max()) for codes in ids if len(codes)), default=-1)
    if by_source:
        sources = _joint_codes([table["source"] for table in (truth, *within)])
        keys = [source * n_ids + code for source, code in zip(sources, ids, strict=True)]
    else:
        sources = _joint_codes([table["source"] for table in within])
        full = [source * n_ids + code for source, code in zip(sources, ids[1:], strict=True)]
        _refuse_repeats(_dense([full[0]])[0], "assignments")
        repeated = len(ids[1]) - np.count_nonzero(np.bincount(ids[1]))
        if repeated:
            raise ColumnError(
                f"the truth has no column 'source', and {repeated} record ids of the result occur in more"
                " than one source.",
                hint="add the column 'source' to the truth.",
            )
        keys = ids
    known, record, *linked = _dense(keys)
    _refuse_repeats(record, "assignments")
    _refuse_repeats(known, "truth")
    return [record, known, *linked]


def _dense(keys: list[Codes]) -> list[Codes]:
    """Renumbers the keys of several arrays from 0 without gaps, in the order of the keys."""
    key = np.concatenate(keys)
    order = np.argsort(key)
    number = np.empty(len(key), dtype=np.int64)
    number[order] = np.cumsum(_starts(key[order])) - 1
    return np.split(number, np.cumsum([len(part) for part in keys])[:-1])


def _starts(ordered: Codes) -> npt.NDArray[np.bool_]:
    """Marks the first element of every run of equal values."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _refuse_repeats(record: Codes, where: str) -> None:
    repeated = len(record) - np.count_nonzero(np.bincount(record))
    if repeated:
        raise InputError(
            f"expected one row a record in {where}; {repeated} of {len(record)} rows repeat one."
        )


def _pairs(size: Codes) -> int:
    """Counts the pairs inside groups of these sizes."""
    return int((size * (size - 1) // 2).sum())


def _overlaps(profile: Codes, entity: Codes) -> tuple[Codes, Codes, Codes]:
    """Counts the records each profile shares with each entity.

    Returns:
        Profile, entity and count, int64, one element per pair that shares a record.
    """
    width = 1 + int(entity.max(initial=0))
    cell = np.sort(profile * width + entity)
    start = np.flatnonzero(_starts(cell))
    count = np.diff(start, append=len(cell))
    return cell[start] // width, cell[start] % width, count


def _cluster_score(profile: Codes, entity: Codes, entity_size: Codes) -> Score:
    _, _, shared = _overlaps(profile, entity)
    return Score.of_pairs(_pairs(shared), _pairs(np.bincount(profile)), _pairs(entity_size))


def _b_cubed(profile: Codes, entity: Codes, entity_size: Codes) -> Score:
    """Averages purity over the records of the result and completeness over the records of the truth."""
    if not len(profile):
        return Score(precision=1.0, recall=1.0)
    profile_size = np.bincount(profile)
    in_profile, in_entity, shared = _overlaps(profile, entity)
    square = shared.astype(np.float64) ** 2
    # Sorted, so that the sum rounds equally whatever the order of the rows was.
    purity = np.sort(square / profile_size[in_profile]).sum()
    found = np.sort(square / entity_size[in_entity]).sum()
    return Score(precision=float(purity / len(profile)), recall=float(found / entity_size.sum()))


def _link_score(ends: list[Codes], entity_of: Codes, profile_of: Codes, entity_size: Codes) -> Score:
    left, right = ends
    strangers = int(np.count_nonzero((profile_of[left] < 0) | (profile_of[right] < 0)))
    if strangers:
        raise InputError(
            f"{strangers} of {len(left)} kept links name a record that is not in assignments.",
            hint="give links and assignments of one result.",
        )
    known = (entity_of[left] >= 0) & (entity_of[right] >= 0) & (left != right)
    low, high = np.minimum(left, right)[known], np.maximum(left, right)[known]
    pair = np.sort(low * len(entity_of) + high)
    pair = pair[_starts(pair)]
    low, high = pair // len(entity_of), pair % len(entity_of)
    correct = int(np.count_nonzero(entity_of[low] == entity_of[high]))
    return Score.of_pairs(correct, len(pair), _pairs(entity_size))
