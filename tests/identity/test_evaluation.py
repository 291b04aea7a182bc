"""The scores are what their definitions say, and a truth that does not fit the result is told."""

from __future__ import annotations

import gzip
import itertools
import math
import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_sdk
from cxm_sdk.errors import ColumnError, InputError, ResultError, SourceError
from cxm_sdk.identity.evaluation import evaluate, evaluate_result
from cxm_sdk.identity.truth import read_truth

Key = tuple[str, str]

keys = st.tuples(st.sampled_from(["crm", "web", "a|b"]), st.sampled_from(["1", "2", "3", "4", "b|1", "ö"]))
groups = st.sampled_from(["p", "q", "r", "s"])
partitions = st.dictionaries(keys, groups, max_size=14)


def assignments_table(profile: Mapping[Key, str | None]) -> pa.Table:
    return pa.table(
        {
            "source": pa.array([source for source, _ in profile], pa.string()),
            "record_id": pa.array([record for _, record in profile], pa.string()),
            "profile_id": pa.array(list(profile.values()), pa.string()),
        }
    )


def truth_table(entity: Mapping[Key, str | None]) -> pa.Table:
    return assignments_table(entity).rename_columns(["source", "record_id", "entity_id"])


def links_table(links: list[tuple[Key, Key, bool]]) -> pa.Table:
    columns = ["source_l", "record_id_l", "source_r", "record_id_r"]
    rows = [[*left, *right] for left, right, _ in links]
    texts = [pa.array([row[i] for row in rows], pa.string()) for i in range(4)]
    return pa.table([*texts, pa.array([kept for *_, kept in links], pa.bool_())], names=[*columns, "kept"])


def pairs_within(group: dict[Key, str]) -> set[frozenset[Key]]:
    return {frozenset(pair) for pair in itertools.combinations(group, 2) if group[pair[0]] == group[pair[1]]}


def slow_ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


@given(partitions, partitions)
def test_cluster_pairs_are_the_pairs_inside_profiles_against_those_inside_entities(
    profile: dict[Key, str], entity: dict[Key, str]
) -> None:
    known = {key: name for key, name in profile.items() if key in entity}
    if not known:
        with pytest.raises(InputError, match="none of the"):
            evaluate(assignments_table(profile), truth_table(entity))
        return
    claimed, expected = pairs_within(known), pairs_within(entity)
    score = evaluate(assignments_table(profile), truth_table(entity)).cluster_pairwise
    assert (score.correct, score.claimed, score.expected) == (
        len(claimed & expected),
        len(claimed),
        len(expected),
    )
    assert score.precision == slow_ratio(len(claimed & expected), len(claimed))
    assert score.recall == slow_ratio(len(claimed & expected), len(expected))


@given(partitions, partitions)
def test_b_cubed_is_the_average_over_records(profile: dict[Key, str], entity: dict[Key, str]) -> None:
    known = {key: name for key, name in profile.items() if key in entity}
    if not known:
        return

    def shared(key: Key) -> int:
        return sum(known[other] == known[key] and entity[other] == entity[key] for other in known)

    purity = sum(Fraction(shared(key), list(known.values()).count(known[key])) for key in known)
    found = sum(Fraction(shared(key), list(entity.values()).count(entity[key])) for key in known)
    score = evaluate(assignments_table(profile), truth_table(entity)).b_cubed
    assert math.isclose(score.precision, purity / len(known))
    assert math.isclose(score.recall, found / len(entity))


@given(partitions, st.data())
def test_pairwise_is_the_distinct_kept_links_between_known_records(
    profile: dict[Key, str], data: st.DataObject
) -> None:
    if not profile:
        return
    record = st.sampled_from(sorted(profile))
    entity = data.draw(st.dictionaries(record, groups, min_size=1))
    links = data.draw(st.lists(st.tuples(record, record, st.booleans())))
    claimed = {
        frozenset((left, right))
        for left, right, kept in links
        if kept and left != right and left in entity and right in entity
    }
    expected = pairs_within(entity)
    score = evaluate(assignments_table(profile), truth_table(entity), links=links_table(links)).pairwise
    assert score is not None
    assert (score.correct, score.claimed, score.expected) == (
        len(claimed & expected),
        len(claimed),
        len(expected),
    )


@given(partitions.filter(bool), partitions.filter(bool), st.randoms())
def test_scores_do_not_depend_on_the_order_of_rows(
    profile: dict[Key, str], entity: dict[Key, str], random: Random
) -> None:
    if not profile.keys() & entity.keys():
        return
    assignments, truth = assignments_table(profile), truth_table(entity)
    order = list(range(len(assignments)))
    random.shuffle(order)
    assert evaluate(assignments.take(order), truth) == evaluate(assignments, truth)


@given(partitions.filter(bool))
def test_the_truth_itself_scores_one(entity: dict[Key, str]) -> None:
    evaluation = evaluate(assignments_table(entity), truth_table(entity))
    assert evaluation.cluster_pairwise.f1 == 1.0
    assert evaluation.b_cubed.f1 == pytest.approx(1.0)
    assert (evaluation.records, evaluation.missing, evaluation.unlabelled) == (len(entity), 0, 0)
    assert evaluation.profiles == evaluation.entities == len(set(entity.values()))


def test_a_record_missing_from_the_result_costs_recall_and_is_counted() -> None:
    profile = {("crm", "1"): "p"}
    entity = {("crm", "1"): "ada", ("crm", "2"): "ada"}
    evaluation = evaluate(assignments_table(profile), truth_table(entity))
    assert evaluation.missing == 1
    assert evaluation.cluster_pairwise.recall == 0.0
    assert (evaluation.b_cubed.precision, evaluation.b_cubed.recall) == (1.0, 0.25)


def test_records_the_truth_does_not_know_are_left_out_and_counted() -> None:
    profile = {("crm", "1"): "p", ("crm", "2"): "p", ("crm", "3"): "p"}
    entity = {("crm", "1"): "ada", ("crm", "2"): None}
    evaluation = evaluate(assignments_table(profile), truth_table(entity))
    assert (evaluation.records, evaluation.unlabelled) == (1, 2)
    assert evaluation.cluster_pairwise.precision == 1.0


def test_a_truth_without_sources_joins_on_unique_record_ids() -> None:
    profile = {("crm", "1"): "p", ("web", "2"): "p"}
    truth = truth_table({("", "1"): "ada", ("", "2"): "ada"}).drop_columns("source")
    links = links_table([(("web", "2"), ("crm", "1"), True)])
    evaluation = evaluate(assignments_table(profile), truth, links=links)
    assert evaluation.pairwise is not None
    assert evaluation.pairwise.f1 == evaluation.cluster_pairwise.f1 == 1.0


def test_a_truth_without_sources_is_refused_where_sources_share_record_ids() -> None:
    profile = {("crm", "1"): "p", ("web", "1"): "p"}
    truth = truth_table({("", "1"): "ada"}).drop_columns("source")
    with pytest.raises(ColumnError, match="1 record ids of the result occur in more than one source"):
        evaluate(assignments_table(profile), truth)


def test_integer_and_text_ids_are_one_id() -> None:
    truth = pa.table({"record_id": [1, 2], "entity_id": [7, 7]})
    assert evaluate(assignments_table({("crm", "1"): "p", ("crm", "2"): "p"}), truth).records == 2


def test_large_profiles_do_not_overflow() -> None:
    n = 200_000
    ids = [str(i) for i in range(n)]
    assignments = pa.table({"source": ["crm"] * n, "record_id": ids, "profile_id": ["p"] * n})
    score = evaluate(assignments, pa.table({"record_id": ids, "entity_id": ["x"] * n})).cluster_pairwise
    assert score.correct == n * (n - 1) // 2


@pytest.mark.parametrize("where", ["assignments", "truth"])
def test_a_record_given_twice_is_refused(where: str) -> None:
    once = {("crm", "1"): "p", ("crm", "2"): "p"}
    assignments, truth = assignments_table(once), truth_table(once)
    if where == "assignments":
        assignments = pa.concat_tables([assignments, assignments])
    else:
        truth = pa.concat_tables([truth, truth])
    for given_truth in (truth, truth.drop_columns("source")):
        with pytest.raises(InputError, match=f"one row a record in {where}; 2 of 4 rows"):
            evaluate(assignments, given_truth)


def test_a_link_of_another_result_is_refused() -> None:
    once = {("crm", "1"): "p"}
    links = links_table([(("crm", "1"), ("crm", "9"), True)])
    with pytest.raises(InputError, match="1 of 1 kept links"):
        evaluate(assignments_table(once), truth_table(once), links=links)


def test_missing_columns_and_nulls_are_told_by_name() -> None:
    assignments, truth = assignments_table({("crm", "1"): "p"}), truth_table({("crm", "1"): "ada"})
    with pytest.raises(ColumnError, match="'profile_id' in assignments"):
        evaluate(assignments.drop_columns("profile_id"), truth)
    with pytest.raises(ColumnError, match="'entity_id' in truth"):
        evaluate(assignments, truth.drop_columns("entity_id"))
    with pytest.raises(ColumnError, match="'record_id' of truth is null in 1 of 1 rows"):
        evaluate(assignments, truth.set_column(1, "record_id", pa.array([None], pa.string())))
    with pytest.raises(ColumnError, match="'kept' in links"):
        evaluate(assignments, truth, links=links_table([]).drop_columns("kept"))


@pytest.mark.parametrize(
    "make",
    [
        lambda table: table.to_pandas(),
        lambda table: pl.from_arrow(table),
        lambda table: duckdb.from_arrow(table),
        lambda table: table.to_pandas().assign(record_id=[17.0, 18.0]),
    ],
    ids=["pandas", "Polars", "DuckDB", "floats"],
)
def test_a_truth_is_taken_as_data_frames_and_relations_too(make: Any) -> None:
    profile = {("crm", "17"): "p", ("crm", "18"): "p"}
    known = truth_table({("crm", "17"): "ada", ("crm", "18"): "ada"})
    found, truth = assignments_table(profile), make(known)
    assert evaluate(found, truth).cluster_pairwise.f1 == 1.0
    assert evaluate(found.to_pandas(), truth) == evaluate(found, known)


def test_a_truth_is_taken_as_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("record_id,entity_id\n17,ada\n")
    assert evaluate(assignments_table({("crm", "17"): "p"}), tmp_path / "truth.csv").records == 1


@pytest.mark.parametrize("thing", [None, 17, {"record_id": ["1"]}, [("1", "ada")]], ids=repr)
def test_what_is_no_table_is_refused_in_words(thing: Any) -> None:
    found = assignments_table({("crm", "17"): "p"})
    with pytest.raises(SourceError, match="expected truth as a table"):
        evaluate(found, thing)
    with pytest.raises(SourceError, match="expected assignments as a table"):
        evaluate(thing or 0, found)


@pytest.mark.parametrize("mark", [";", "|", "\t"])
def test_the_header_of_a_truth_tells_the_mark_between_its_columns(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("record_id,entity_id\n17,ada\n".replace(",", mark))
    assert read_truth(path).to_pylist() == [{"record_id": "17", "entity_id": "ada"}]


@pytest.mark.parametrize("name", ["truth.jsonl", "truth.ndjson.gz"])
def test_a_truth_of_json_lines_is_read(tmp_path: Path, name: str) -> None:
    text = b'{"record_id": 17, "entity_id": "ada", "note": {"x": 1}}\n{"record_id": 18, "entity_id": null}\n'
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    expected = [{"record_id": "17", "entity_id": "ada"}, {"record_id": "18", "entity_id": None}]
    assert read_truth(path).to_pylist() == expected
    path.write_bytes(gzip.compress(b"secret") if name.endswith(".gz") else b"secret")
    with pytest.raises(SourceError, match="as JSON lines") as caught:
        read_truth(path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["truth.csv", "truth.csv.gz", "truth.tsv", "truth.tsv.gz", "truth.parquet"])
def test_truth_is_read_as_text_from_every_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = {"who": ["007", "008", "9"], "source": ["crm", "web", "web"], "cluster": ["1", "1", None]}
    text = "who,note,source,cluster\n007,1,crm,1\n008,x,web,1\n9,,web,\n"
    text = text.replace(",", "\t") if ".tsv" in name else text
    if name.endswith(".parquet"):
        pq.write_table(pa.table(rows), path)
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text("\ufeff" + text)  # as spreadsheets write it
    table = read_truth(path, entity_column="cluster", record_column="who")
    rows["record_id"], rows["entity_id"] = rows.pop("who"), rows.pop("cluster")
    assert table.select(list(rows)).to_pydict() == rows


def test_a_truth_file_that_cannot_be_read_is_told_without_its_content(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no truth file"):
        read_truth(tmp_path / "none.csv")
    broken = tmp_path / "broken.csv"
    broken.write_text("record_id,entity_id\n1,ada\n2,secret,surplus\n")
    with pytest.raises(SourceError, match="cannot be read as CSV") as caught:
        read_truth(broken)
    assert "secret" not in str(caught.value)
    (tmp_path / "fake.parquet").write_text("not parquet")
    with pytest.raises(SourceError, match="as Parquet"):
        read_truth(tmp_path / "fake.parquet")
    for empty in ("", "record_id,other\n1,2\n"):
        broken.write_text(empty)
        with pytest.raises(InputError):
            read_truth(broken)


def test_a_result_folder_is_scored_and_an_incomplete_one_refused(tmp_path: Path) -> None:
    profile = {("crm", "1"): "p", ("crm", "2"): "p"}
    truth = truth_table(dict.fromkeys(profile, "ada"))
    pq.write_table(assignments_table(profile), tmp_path / "assignments.parquet")
    with pytest.raises(ResultError, match=r"holds no links\.parquet"):
        evaluate_result(tmp_path, truth)
    pq.write_table(links_table([(("crm", "1"), ("crm", "2"), True)]), tmp_path / "links.parquet")
    evaluation = evaluate_result(tmp_path, truth)
    assert evaluation.to_dict()["pairwise"]["f1"] == 1.0
    (tmp_path / "links.parquet").write_text("broken")
    with pytest.raises(ResultError, match="cannot be read"):
        evaluate_result(tmp_path, truth)


def test_tables_are_read_from_files_of_a_result_and_of_truth(tmp_path: Path) -> None:
    people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
    cxm_sdk.resolve({"crm": people}, output=tmp_path / "stitched")
    truth = tmp_path / "truth.csv"
    truth.write_text("record_id,entity_id\n1,a\n2,b\n")
    assignments, links = (
        os.fspath(tmp_path / "stitched" / f"{name}.parquet") for name in ("assignments", "links")
    )
    assert cxm_sdk.evaluate(assignments, truth, links=links).records == 2
    with pytest.raises(SourceError, match="as Parquet"):
        cxm_sdk.evaluate(truth, truth)
