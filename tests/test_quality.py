"""What zero configuration reaches on records with known truth, held against regressions.

The floors are what Splink 5 reaches at its best of p >= .5, .95 and .99, with models written by hand for each set; see
docs/explanation/figures.md.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pytest

import cxm_sdk

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the records with truth are not beside the checkout"
)


def read(path: str) -> pa.Table:
    table = csv.read_csv(DATA / path, csv.ReadOptions(), csv.ParseOptions())
    names = [name.strip() for name in table.column_names]
    kinds = {name: pa.string() for name in table.column_names}
    text = csv.read_csv(DATA / path, convert_options=csv.ConvertOptions(column_types=kinds))
    return pa.table([pc.utf8_trim_whitespace(column) for column in text.columns], names=names)


def f1(result: cxm_sdk.Resolution, truth: pa.Table) -> float:
    return cxm_sdk.evaluate(result.assignments, truth).cluster_pairwise.f1


def numbered(table: pa.Table, key: str, start: int = 0) -> tuple[pa.Table, pa.Array, list[str]]:
    """Puts neutral ids in the place of ids that tell the truth, in an order that tells nothing."""
    table = table.take(pc.sort_indices(pc.utf8_reverse(table[key])))
    ids = pa.array([f"r{start + i}" for i in range(len(table))])
    return table.drop_columns([key]).add_column(0, "record_id", ids), ids, table[key].to_pylist()


def febrl_entities(ids: list[str]) -> list[str]:
    return [name.split("-")[1] for name in ids]


# fake_1000 and the two Febrl sets are at their best at .5, pseudopeople at .99, early childhood at .95.


def test_a_small_file_of_people_is_resolved_better_than_by_hand() -> None:
    table = read("fake_1000/records.csv")
    truth = pa.table({"record_id": table["unique_id"], "entity_id": table["cluster"]})
    assert f1(cxm_sdk.resolve({"people": table.drop_columns(["cluster"])}), truth) >= 0.9169


def test_one_source_with_many_copies_of_each_person_is_resolved_better_than_by_hand() -> None:
    table, ids, names = numbered(read("febrl/dataset3.csv"), "rec_id")
    truth = pa.table({"record_id": ids, "entity_id": febrl_entities(names)})
    assert f1(cxm_sdk.resolve({"febrl": table}), truth) >= 0.9972


def test_two_sources_with_one_record_a_person_are_linked_better_than_by_hand() -> None:
    a, a_ids, a_names = numbered(read("febrl/dataset4a.csv"), "rec_id")
    b, b_ids, b_names = numbered(read("febrl/dataset4b.csv"), "rec_id", start=len(a))
    truth = pa.table(
        {"record_id": pa.concat_arrays([a_ids, b_ids]), "entity_id": febrl_entities(a_names + b_names)}
    )
    assert f1(cxm_sdk.resolve({"a": a, "b": b}), truth) >= 0.9991


def test_people_in_households_are_kept_apart_better_than_by_hand() -> None:
    folder = DATA / "pseudopeople_share"
    files = [path for path in sorted(folder.glob("*.csv.gz")) if not path.name.startswith("truth")]
    truth = read("pseudopeople_share/truth.csv.gz").drop_columns(["household_id"])
    assert f1(cxm_sdk.resolve(*files), truth) >= 0.9218


def test_organisations_are_resolved_better_than_by_hand() -> None:
    truth = read("dedupe_earlychildhood/truth.csv")
    assert f1(cxm_sdk.resolve(DATA / "dedupe_earlychildhood" / "records.csv"), truth) >= 0.8934
