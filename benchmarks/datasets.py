"""Published records with known truth, prepared so that no tool can see the truth.

Truth columns are left out, record ids that tell the truth (by their text or by their order) are replaced by
neutral ones, and the rows are shuffled with a seed. The truth goes into a file of its own in another folder.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str]


@dataclass(frozen=True)
class TruthSet:
    """Records without truth, and the truth.

    Attributes:
        name: name of the set.
        inputs: the record files, one per source; the source is the file's stem.
        truth: CSV with `source`, `record_id`, `entity_id`.
        rows: number of records.
        entities: number of different entities.
    """

    name: str
    inputs: tuple[Path, ...]
    truth: Path
    rows: int
    entities: int


def _read(path: Path) -> list[Row]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _renumber(rows: list[Row], column: str, prefix: str) -> None:
    """Give shuffled rows new ids in their new order."""
    for number, row in enumerate(rows, 1):
        row[column] = f"{prefix}{number}"


def _fake_1000(folder: Path, shuffle: random.Random) -> tuple[dict[str, list[Row]], list[Row]]:
    rows = _read(folder / "records.csv")
    shuffle.shuffle(rows)
    _renumber(rows, "unique_id", "")
    truth = [_truth("records", row["unique_id"], row.pop("cluster")) for row in rows]
    return {"records": rows}, truth


def _febrl(names: tuple[str, ...]) -> Prepare:
    def prepare(folder: Path, shuffle: random.Random) -> tuple[dict[str, list[Row]], list[Row]]:
        sources: dict[str, list[Row]] = {}
        truth: list[Row] = []
        for name in names:
            rows = _read(folder / f"{name}.csv")
            shuffle.shuffle(rows)
            # rec-N-org and rec-N-dup-K are copies of one person N.
            entities = [row["rec_id"].split("-")[1] for row in rows]
            _renumber(rows, "rec_id", f"{name[-1]}-")
            truth += [_truth(name, row["rec_id"], e) for row, e in zip(rows, entities, strict=True)]
            sources[name] = rows
        return sources, truth

    return prepare


def _pseudopeople(folder: Path, shuffle: random.Random) -> tuple[dict[str, list[Row]], list[Row]]:
    sources: dict[str, list[Row]] = {}
    for path in sorted(folder.glob("*.csv.gz")):
        name = path.name.removesuffix(".csv.gz")
        if name != "truth":
            sources[name] = _read(path)
            shuffle.shuffle(sources[name])
    truth = [_truth(r["source"], r["record_id"], r["entity_id"]) for r in _read(folder / "truth.csv.gz")]
    return sources, truth


def _earlychildhood(folder: Path, shuffle: random.Random) -> tuple[dict[str, list[Row]], list[Row]]:
    rows = _read(folder / "records.csv")
    shuffle.shuffle(rows)
    truth = [_truth("records", r["record_id"], r["entity_id"]) for r in _read(folder / "truth.csv")]
    return {"records": rows}, truth


def _truth(source: str, record_id: str, entity: str) -> Row:
    return {"source": source, "record_id": record_id, "entity_id": entity}


Prepare = Callable[[Path, random.Random], tuple[dict[str, list[Row]], list[Row]]]

SETS: dict[str, tuple[str, Prepare]] = {
    "fake_1000": ("fake_1000", _fake_1000),
    "febrl3": ("febrl", _febrl(("dataset3",))),
    "febrl4": ("febrl", _febrl(("dataset4a", "dataset4b"))),
    "pseudopeople_share": ("pseudopeople_share", _pseudopeople),
    "dedupe_earlychildhood": ("dedupe_earlychildhood", _earlychildhood),
}


def prepare(name: str, data: Path, target: Path, seed: int) -> TruthSet:
    """Write one set's records without truth, shuffled, and the truth apart from them.

    Args:
        name: a key of `SETS`.
        data: folder that holds the published sets.
        target: folder to write into: `records/` and `truth/truth.csv`.
        seed: seed of the row order.

    Returns:
        Where the files are.
    """
    folder, reader = SETS[name]
    sources, truth = reader(data / folder, random.Random(seed))
    inputs = []
    for source, rows in sources.items():
        inputs.append(target / "records" / f"{source}.csv")
        _write(inputs[-1], rows)
    truth_path = target / "truth" / "truth.csv"
    _write(truth_path, sorted(truth, key=lambda row: (row["source"], row["record_id"])))
    entities = len({row["entity_id"] for row in truth})
    return TruthSet(name, tuple(inputs), truth_path, sum(map(len, sources.values())), entities)
