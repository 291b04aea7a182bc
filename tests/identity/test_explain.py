"""Every explanation adds up to the weight that decided, says what became of the pair, and names no value unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import Resolution, resolve
from cxm_sdk.errors import ResultError
from cxm_sdk.testing import synthetic


@pytest.fixture(scope="module")
def names(resolved: Resolution) -> list[str]:
    """SOURCE:RECORD_ID of every record."""
    columns = (resolved.assignments[name].to_pylist() for name in ("source", "record_id"))
    return [f"{source}:{record}" for source, record in zip(*columns, strict=True)]


@settings(max_examples=60)
@given(st.data())
def test_terms_sum_to_the_weight_of_any_pair(resolved: Resolution, names: list[str], data: Any) -> None:
    a, b = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
    why = resolved.explain(a, b)
    assert sum(term.bits for term in why.terms) == pytest.approx(why.weight, abs=1e-9)
    assert why.probability == pytest.approx(1 / (1 + 2**-why.weight))
    assert (":".join(why.a), ":".join(why.b)) == (a, b)
    assert why.terms[0].name == "prior"
    assert why.reason
    back = resolved.explain(b, a)
    assert (back.weight, back.linked, back.reason) == (why.weight, why.linked, why.reason)


def test_terms_sum_to_the_weight_of_every_tenth_link_as_it_was_written(resolved: Resolution) -> None:
    profile = dict(
        zip(
            zip(*(resolved.assignments[n].to_pylist() for n in ("source", "record_id")), strict=True),
            resolved.assignments["profile_id"].to_pylist(),
            strict=True,
        )
    )
    levels = [name for name in resolved.links.column_names if name.startswith("level_")]
    for link in resolved.links.to_pylist()[::10]:
        ends = [(link[f"source_{side}"], link[f"record_id_{side}"]) for side in "lr"]
        why = resolved.explain(*(":".join(end) for end in ends))
        assert why.weight == link["match_weight"]
        assert sum(term.bits for term in why.terms) == pytest.approx(link["match_weight"], abs=1e-9)
        assert why.linked == (profile[ends[0]] == profile[ends[1]])
        said = {term.name: term.level for term in why.terms}
        for comparison, column in zip(resolved.model.comparisons, levels, strict=True):
            assert said[comparison.name] == comparison.levels[link[column]].name


def test_the_reason_follows_from_what_became_of_the_pair(resolved: Resolution, names: list[str]) -> None:
    compared = {
        frozenset(f"{link[f'source_{side}']}:{link[f'record_id_{side}']}" for side in "lr")
        for link in resolved.links.to_pylist()
    }
    draw = np.random.default_rng(1)
    for a, b in draw.choice(names, (150, 2)):
        if a == b:
            continue
        why = resolved.explain(str(a), str(b))
        strong = why.probability >= resolved.summary["threshold"]
        begins = {
            (True, True): "one profile: ",
            (True, False): "one profile through other records",
            (False, False): "below the threshold",
        }.get((why.linked, strong))
        if begins:
            assert why.reason.startswith(begins)
        if frozenset((str(a), str(b))) in compared:
            assert "No blocking rule" not in why.reason


def test_no_value_is_shown_unless_asked_for(resolved: Resolution) -> None:
    link = resolved.links.filter(resolved.links["kept"]).slice(3, 1).to_pylist()[0]
    why = resolved.explain(*(f"{link[f'source_{side}']}:{link[f'record_id_{side}']}" for side in "lr"))
    bare, shown = json.dumps(why.to_dict()), json.dumps(why.to_dict(values=True))
    details = [term.detail for term in why.terms if len(term.detail) > 6]
    assert details
    assert all(json.dumps(detail) in shown and json.dumps(detail) not in bare for detail in details)
    assert not any("detail" in term for term in why.to_dict()["terms"])
    assert not any(part in why.reason for detail in details for part in detail.split(" | ") if len(part) > 3)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("crm:1", "crm:1", "one record twice"),
        ("crm:1", "crm:none", "0 records"),
        ("crm:1", "shop:1", "0 records"),
        ("1", "crm:1", "2 records"),
    ],
)
def test_records_that_cannot_be_told_are_refused(a: str, b: str, said: str) -> None:
    some = pa.table({"id": ["1", "2:3"], "email": ["ada@example.org", "bob@example.org"]})
    result = resolve({"crm": some, "web": some}, id_column="id")
    with pytest.raises(ResultError, match=said):
        result.explain(a, b)
    assert result.explain("crm:2:3", "web:2:3").terms


def test_a_record_id_that_looks_like_another_name_is_found() -> None:
    some = pa.table({"id": ["web:1", "7"], "email": ["ada@example.org", "bob@example.org"]})
    result = resolve({"crm": some}, id_column="id")
    assert result.explain("web:1", "7").a == ("crm", "web:1")


# ---------------------------------------------------------------------- from a folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    synthetic.generate(300, 2).write(tmp_path / "in")
    resolve(tmp_path / "in", output=tmp_path / "out")
    return tmp_path


def test_a_result_of_files_is_explained_from_its_folder(folder: Path) -> None:
    loaded = Resolution.load(folder / "out")
    link = loaded.links.slice(0, 1).to_pylist()[0]
    ends = [f"{link[f'source_{side}']}:{link[f'record_id_{side}']}" for side in "lr"]
    assert loaded.explain(*ends).weight == link["match_weight"]


def test_inputs_that_are_gone_are_told(folder: Path) -> None:
    for file in (folder / "in").glob("*.*"):
        file.unlink()
    with pytest.raises(ResultError, match="cannot be read again"):
        Resolution.load(folder / "out").explain("a", "b")


def test_inputs_that_have_changed_are_told(folder: Path) -> None:
    source = folder / "in" / "loyalty.parquet"
    pq.write_table(pq.read_table(source).slice(1), source)
    with pytest.raises(ResultError, match="changed"):
        Resolution.load(folder / "out").explain("a", "b")


def test_a_single_value_that_has_changed_is_told(folder: Path) -> None:
    source = folder / "in" / "loyalty.parquet"
    table = pq.read_table(source)
    place = table.column_names.index("member_name")
    names = table["member_name"].to_pylist()
    names[3] = "Ada Quillfeather"
    pq.write_table(table.set_column(place, "member_name", pa.array(names)), source)
    with pytest.raises(ResultError, match="changed") as told:
        Resolution.load(folder / "out").explain("a", "b")
    assert "Quillfeather" not in str(told.value)


def test_inputs_in_another_order_have_not_changed(folder: Path) -> None:
    source = folder / "in" / "loyalty.parquet"
    table = pq.read_table(source)
    pq.write_table(table.take(pa.array(range(len(table) - 1, -1, -1))), source)
    loaded = Resolution.load(folder / "out")
    link = loaded.links.slice(0, 1).to_pylist()[0]
    ends = [f"{link[f'source_{side}']}:{link[f'record_id_{side}']}" for side in "lr"]
    assert loaded.explain(*ends).weight == link["match_weight"]


def test_a_result_of_tables_in_memory_says_that_they_are_gone(resolved: Resolution, tmp_path: Path) -> None:
    resolved.save(tmp_path / "out")
    with pytest.raises(ResultError, match="memory"):
        Resolution.load(tmp_path / "out").explain("crm:C-10000001", "crm:C-10000002")
