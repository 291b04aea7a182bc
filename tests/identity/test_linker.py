"""What a run yields follows from the records alone: not from order, files, workers, or the way to write nothing."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cxm_sdk import Linker, MatchModel, Resolution, resolve
from cxm_sdk.errors import InputError
from cxm_sdk.identity import blocking, clustering, training
from cxm_sdk.testing import synthetic

Row = dict[str, str | None]

# ---------------------------------------------------------------------- small tables of every kind

SOME = {
    "id": ["1", "2", "3", "10", "é", "", None],
    "first_name": ["Ada", "ada", "Adah", "Bob", "Robert", "J", "", None, "李", "Zoë"],
    "last_name": ["Lovelace", "LOVELACE", "Lovelaec", "O'Neil", "王", "", None, "n/a"],
    "birth_date": ["1990-02-03", "1990-03-02", "1991-02-03", "1900-01-01", "", None, "soon"],
    "email": ["ada@example.org", "ADA@example.org", "bob@example.org", "test@test.com", "", None, "@"],
    "phone": ["07700 900123", "+44 7700 900123", "020 7946 0018", "", None, "0"],
    "city": ["Leeds", "leeds", "Łódź", "", None],
}
WEB = {"id": "id", "name": "last_name", "mail": "email", "mobile": "phone"}

crm_rows = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(some) for name, some in SOME.items()}), max_size=9
)
web_rows = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(SOME[kind]) for name, kind in WEB.items()}), max_size=5
)


def table(rows: Sequence[Row], names: Iterable[str]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def tables(crm: Sequence[Row], web: Sequence[Row]) -> dict[str, pa.Table]:
    return {"crm": table(crm, SOME), "web": table(web, WEB)}


def written(result: Resolution) -> bytes:
    """The assignments as a file."""
    file = io.BytesIO()
    pq.write_table(result.assignments, file)
    return file.getvalue()


def outcome(*inputs: Any, workers: int = 1) -> bytes | str:
    """The assignments as a file, or the code of the error that says why there are none."""
    try:
        # Row numbers would follow the order of rows; the ids are named, lest a few odd ones hide them.
        return written(resolve(*inputs, workers=workers, id_column="id"))
    except InputError as error:
        return error.code


def assigned(result: Resolution) -> dict[tuple[str, str], str]:
    columns = (result.assignments.column(name).to_pylist() for name in ("source", "record_id", "profile_id"))
    return {(source, record): profile for source, record, profile in zip(*columns, strict=True)}


def partition(result: Resolution) -> set[frozenset[tuple[str, str]]]:
    groups = defaultdict(set)
    for record, profile in assigned(result).items():
        groups[profile].add(record)
    return {frozenset(group) for group in groups.values()}


def delimited(rows: Sequence[Row], names: Iterable[str]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(list(names))
    writer.writerows([row[name] for name in names] for row in rows)
    return file.getvalue()


@settings(max_examples=25)
@given(crm_rows, web_rows, st.randoms(use_true_random=False), st.sampled_from([1, 2, 4]))
def test_order_of_rows_columns_sources_and_workers_does_not_matter(
    crm: list[Row], web: list[Row], draw: random.Random, workers: int
) -> None:
    expected = outcome(tables(crm, web))
    draw.shuffle(crm)
    draw.shuffle(web)
    shuffled = {}
    for name, held in sorted(tables(crm, web).items(), reverse=draw.random() < 0.5):
        shuffled[name] = held.select(draw.sample(held.column_names, held.num_columns))
    assert outcome(shuffled, workers=workers) == expected


@settings(max_examples=25)
@given(crm_rows, web_rows)
def test_every_row_is_assigned_or_rejected(crm: list[Row], web: list[Row]) -> None:
    assume(crm or web)
    try:
        result = resolve(tables(crm, web), workers=1, id_column="id")
    except InputError:
        assume(False)
    rows, summary = len(crm) + len(web), result.summary
    assert summary["rows"] == rows
    assert summary["records"] == result.assignments.num_rows == len(assigned(result))
    assert summary["rejected"] == len(result.rejected)
    assert rows == result.assignments.num_rows + len(result.rejected)
    assert sum(source["rows"] for source in summary["sources"]) == rows
    assert (
        result.profiles["profile_id"].to_pylist() == pc.unique(result.assignments["profile_id"]).to_pylist()
    )
    assert pc.sum(result.profiles["records"]).as_py() == result.assignments.num_rows


@settings(max_examples=25)
@given(crm_rows, web_rows)
def test_an_empty_string_and_a_null_are_the_same(crm: list[Row], web: list[Row]) -> None:
    emptied = [[{k: v or "" for k, v in row.items()} for row in rows] for rows in (crm, web)]
    nulled = [[{k: v or None for k, v in row.items()} for row in rows] for rows in (crm, web)]
    assert outcome(tables(*emptied)) == outcome(tables(*nulled))


@settings(max_examples=25)
@given(crm_rows, web_rows)
def test_a_csv_file_a_parquet_file_and_a_table_of_the_same_content_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, crm: list[Row], web: list[Row]
) -> None:
    # A file of texts has no rows of nothing but an empty line, which is no row.
    assume(crm and web)
    folder = tmp_path_factory.mktemp("files")
    paths: dict[str, list[str]] = {"csv": [], "parquet": []}
    for name, rows, names in (("crm", crm, SOME), ("web", web, WEB)):
        (folder / f"{name}.csv").write_text(delimited(rows, names), encoding="utf-8", newline="")
        pq.write_table(table(rows, names), folder / f"{name}.parquet")
        for kind, listed in paths.items():
            listed.append(str(folder / f"{name}.{kind}"))
    expected = outcome(tables(crm, web))
    for listed in paths.values():
        assert outcome(*listed) == expected


# ---------------------------------------------------------------------- customers of a shop


def shuffled(held: pa.Table, seed: int) -> pa.Table:
    return held.take(np.random.default_rng(seed).permutation(held.num_rows)).select(held.column_names[::-1])


def test_generated_customers_come_out_equal_in_any_order_and_on_any_number_of_workers(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    for workers in (1, 2, 4):
        mixed = {name: shuffled(held, workers) for name, held in reversed(customers.sources.items())}
        again = resolve(mixed, workers=workers)
        assert written(again) == written(resolved)
        assert again.links.equals(resolved.links)
        assert again.model == resolved.model
        # Of several phones the profile shows the first column's: here the order of columns has a meaning.
        shown = [name for name in resolved.profiles.column_names if name != "phone"]
        assert again.profiles.select(shown).equals(resolved.profiles.select(shown))


def test_files_are_equal_byte_by_byte_whatever_they_were_read_from(
    customers: synthetic.SyntheticCustomers, tmp_path: Path
) -> None:
    customers.write(tmp_path / "as written")
    first = sorted(path for path in (tmp_path / "as written").iterdir() if path.is_file())
    resolve(*first, output=tmp_path / "one", workers=2)
    parquet = []
    for name, held in customers.sources.items():
        parquet.append(tmp_path / f"{name}.parquet")
        pq.write_table(shuffled(held, 5), parquet[-1])
    resolve(*parquet[::-1], output=tmp_path / "two", workers=1)
    one, two = ((tmp_path / name / "assignments.parquet").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_size_of_portions_of_work_does_not_matter(
    customers: synthetic.SyntheticCustomers, resolved: Resolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "CHUNK", 700)
    monkeypatch.setattr(clustering, "CHUNK", 50)
    monkeypatch.setattr(training, "PART", 1000)
    again = resolve(customers.sources, workers=2)
    assert again.assignments["profile_id"].to_pylist() == resolved.assignments["profile_id"].to_pylist()
    assert again.links["match_weight"].to_numpy() == pytest.approx(resolved.links["match_weight"].to_numpy())


def test_a_model_that_was_saved_and_loaded_gives_the_result_it_was_trained_with(
    customers: synthetic.SyntheticCustomers, resolved: Resolution, tmp_path: Path
) -> None:
    resolved.model.save(tmp_path / "model.json")
    model = MatchModel.load(tmp_path / "model.json")
    assert model == resolved.model
    again = Linker(model, workers=2).link(customers.sources)
    assert written(again) == written(resolved)
    assert again.links.equals(resolved.links)
    assert Linker().train(customers.sources) == model


# ---------------------------------------------------------------------- links, profiles, households


def test_a_link_is_kept_exactly_where_its_records_share_a_profile_and_it_is_strong_enough(
    resolved: Resolution,
) -> None:
    profile, threshold = assigned(resolved), resolved.model.threshold
    for link in resolved.links.to_pylist():
        together = (
            profile[link["source_l"], link["record_id_l"]] == profile[link["source_r"], link["record_id_r"]]
        )
        strong = link["match_probability"] >= threshold
        assert link["kept"] == (together and strong)
        assert (link["dropped_reason"] is None) == link["kept"]
        assert (link["dropped_reason"] == "below_threshold") == (not strong)
        assert 0 < link["match_probability"] <= 1


def test_every_pair_is_listed_once_and_no_record_is_linked_to_itself(resolved: Resolution) -> None:
    ends = [
        [(link[f"source_{side}"], link[f"record_id_{side}"]) for side in "lr"]
        for link in resolved.links.to_pylist()
    ]
    assert all(left < right for left, right in ends)
    assert len({tuple(pair) for pair in ends}) == len(ends)


def test_every_profile_of_several_records_is_held_together_by_kept_links(resolved: Resolution) -> None:
    kept = resolved.links.filter(resolved.links["kept"]).to_pylist()
    group = {record: record for record in assigned(resolved)}

    def root(record: tuple[str, str]) -> tuple[str, str]:
        while group[record] != record:
            record = group[record]
        return record

    for link in kept:
        group[root((link["source_l"], link["record_id_l"]))] = root((link["source_r"], link["record_id_r"]))
    joined = defaultdict(set)
    for record in group:
        joined[root(record)].add(record)
    assert {frozenset(members) for members in joined.values()} == partition(resolved)


def test_confidence_is_a_probability(resolved: Resolution) -> None:
    confidence = resolved.assignments["confidence"].to_numpy()
    assert confidence.min() >= 0
    assert confidence.max() <= 1
    assert not np.isnan(confidence).any()


def test_a_higher_threshold_keeps_fewer_links_and_never_a_weak_one(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    linker, before, seen = Linker(resolved.model), None, 0
    for threshold in (0.05, 0.3, 0.5, 0.9, 0.99, 0.9999):
        result = linker.link(customers.sources, threshold=threshold)
        kept = result.links.filter(result.links["kept"])
        assert pc.min(kept["match_probability"]).as_py() >= threshold
        ends = set(zip(*(kept[f"record_id_{side}"].to_pylist() for side in "lr"), strict=True))
        if before is not None:
            assert ends <= before
            assert result.summary["profiles"] >= seen
        before, seen = ends, result.summary["profiles"]
        assert result.summary["threshold"] == result.model.threshold == threshold


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(InputError, match="threshold"):
        resolve(tables([dict.fromkeys(SOME, "Ada")], []), threshold=threshold)


def test_households_are_made_of_whole_profiles(resolved: Resolution) -> None:
    homes: dict[str, set[str | None]] = defaultdict(set)
    for profile, home in zip(
        *(resolved.assignments[name].to_pylist() for name in ("profile_id", "household_id")), strict=True
    ):
        homes[profile].add(home)
    assert all(len(of_one) == 1 for of_one in homes.values())
    members = [home for of_one in homes.values() for home in of_one if home is not None]
    assert members
    assert all(members.count(home) >= 2 for home in set(members))
    assert dict(
        zip(*(resolved.profiles[n].to_pylist() for n in ("profile_id", "household_id")), strict=True)
    ) == {profile: of_one.pop() for profile, of_one in homes.items()}


# ---------------------------------------------------------------------- ids


def firsts(result: Resolution) -> dict[tuple[str, str], str]:
    """Profile id by the first record of the profile, in the order of the assignments."""
    found: dict[str, tuple[str, str]] = {}
    for record, profile in assigned(result).items():
        found.setdefault(profile, record)
    return {record: profile for profile, record in found.items()}


def test_a_profile_is_named_after_its_first_record(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    # Everything else changes: half of the rows, the model, the sources.
    half = {
        name: held.slice(0, held.num_rows // 2) for name, held in customers.sources.items() if name != "web"
    }
    whole, part = firsts(resolved), firsts(resolve(half))
    common = whole.keys() & part.keys()
    assert len(common) > 50
    assert all(whole[record] == part[record] for record in common)
    assert len(set(whole.values())) == len(whole)


def test_records_of_one_id_in_two_sources_have_profiles_of_their_own() -> None:
    row = {"id": "7", "first_name": "Ada", "email": "ada@example.org"}
    other = {"id": "7", "first_name": "Bob", "email": "bob@example.net"}
    result = resolve({"a": pa.Table.from_pylist([row]), "b": pa.Table.from_pylist([other])})
    assert len(set(assigned(result).values())) == 2


def test_unrelated_records_change_neither_profiles_nor_their_ids(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    # Another town, with ids and contacts that the first one does not have, under the same model.
    strangers = (
        synthetic.generate(200, seed=77)
        .sources["crm"]
        .select(["customer_id", "first_name", "last_name", "date_of_birth", "city"])
    )
    strangers = strangers.set_column(0, "customer_id", pc.binary_join_element_wise("Z", strangers[0], ""))
    sources = dict(customers.sources)
    sources["crm"] = pa.concat_tables([sources["crm"], strangers], promote_options="default")
    grown = assigned(Linker(resolved.model).link(sources))
    changed = [record for record, profile in assigned(resolved).items() if grown[record] != profile]
    # Names and birthdays of two towns may coincide; nothing else may move.
    assert len(changed) <= 2


def test_equal_records_have_equal_ids_in_every_run(resolved: Resolution, customers: Any) -> None:
    assert assigned(resolve(customers.sources)) == assigned(resolved)


def test_a_record_id_that_stands_twice_is_assigned_once_and_rejected_once() -> None:
    rows = [
        {"id": "1", "first_name": "Ada", "email": "ada@example.org"},
        {"id": "2", "first_name": "Bob", "email": "bob@example.org"},
        {"id": "1", "first_name": "Cyd", "email": "cyd@example.org"},
    ]
    results = [resolve({"crm": pa.Table.from_pylist(order)}, id_column="id") for order in (rows, rows[::-1])]
    assert written(results[0]) == written(results[1])
    for result in results:
        assert list(assigned(result)) == [("crm", "1"), ("crm", "2")]
        assert [row.reason for row in result.rejected] == ["duplicate_record_id"]
        assert result.profiles.num_rows == 2


# ---------------------------------------------------------------------- at size


@pytest.mark.slow
def test_a_hundred_thousand_rows_come_out_equal_in_any_order_and_on_any_number_of_workers() -> None:
    large = synthetic.generate(100_000, seed=2).sources
    expected = written(resolve(large, workers=1))
    for workers in (2, 4):
        mixed = {name: shuffled(held, workers) for name, held in reversed(large.items())}
        assert written(resolve(mixed, workers=workers)) == expected
