"""Records do not depend on the order of rows, columns and sources, and no row is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk.errors import ColumnError
from cxm_sdk.identity import columns, shares
from cxm_sdk.identity.records import Records, build_records
from cxm_sdk.identity.roles.all_sources import ColumnRole, SourceRoles
from cxm_sdk.identity.sources import Rejected, SourceTable


def described(source: str, record_id: str | None, /, **roles: str) -> SourceRoles:
    columns_ = []
    for column, role in roles.items():
        name, _, order = role.partition(":")
        columns_.append(ColumnRole(column, name, "map", order or None))
    return SourceRoles(source, record_id, tuple(columns_), ())


def table(**values: Sequence[Any]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(
                column, pa.list_(pa.string()) if any(isinstance(v, list) for v in column) else pa.string()
            )
            for name, column in values.items()
        }
    )


def build(*parts: tuple[pa.Table, SourceRoles], **options: Any) -> tuple[Records, list[Rejected]]:
    sources = [SourceTable(roles.source, held, None) for held, roles in parts]
    return build_records(sources, [roles for _, roles in parts], **options)


def held(records: Records, role: str, slot: int = 0, *, raw: bool = False) -> list[str | None]:
    column = records.columns[role][slot]
    values = column.written if raw else column.values
    return [values[int(code)].as_py() if code >= 0 else None for code in column.codes]


def content(records: Records) -> list[Any]:
    """Everything that records hold, in plain Python."""
    plain: list[Any] = [records.source_names, records.source_codes.tolist(), records.record_ids.to_pylist()]
    for role, slots in records.columns.items():
        for column in slots:
            plain.append((role, column.slot, column.codes.tolist(), column.values.to_pylist()))
            plain.append(column.written.to_pylist())
    return plain


CRM = described(
    "crm",
    "id",
    first="first_name",
    mail="email",
    tel="phone",
    mobile="phone",
    line="street",
    no="house_number",
)
WEB = described("web", "uid", name="full_name", mail="email", born="birth_date:dmy")
TEXT = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "Ann", "ann", "ANN ", "a@b.com", "A@B.com", "07700 900123", "+44 7700 900123",
        "12 High St", "12",
         "Smith, Jr", "n/a", "01/02/1980", "1980-02-01", "Ångström", "王小明"]
    ),
    st.text(max_size=6),
)  # fmt: skip
CRM_ROWS = st.lists(
    st.tuples(st.sampled_from(["1", "2", "10", "", None, "é"]), TEXT, TEXT, TEXT, TEXT, TEXT, TEXT),
    max_size=7,
)
WEB_ROWS = st.lists(st.tuples(st.sampled_from(["1", "7", "x", None]), TEXT, TEXT, TEXT), max_size=5)


def tables(crm: list[Any], web: list[Any]) -> list[tuple[pa.Table, SourceRoles]]:
    def made(rows: list[Any], names: list[str]) -> pa.Table:
        return table(**{name: [row[at] for row in rows] for at, name in enumerate(names)})

    return [
        (made(crm, ["id", "first", "mail", "tel", "mobile", "line", "no"]), CRM),
        (made(web, ["uid", "name", "mail", "born"]), WEB),
    ]


@given(CRM_ROWS, WEB_ROWS, st.randoms())
def test_order_of_rows_columns_sources_and_workers_does_not_matter(
    crm: list[Any], web: list[Any], draw: random.Random
) -> None:
    expected, rejected = build(*tables(crm, web))
    assert sum(map(len, (crm, web))) == len(expected) + len(rejected)
    draw.shuffle(crm)
    draw.shuffle(web)
    other = tables(crm, web)[::-1]
    other = [(held_.select(sorted(held_.column_names, reverse=True)), roles) for held_, roles in other]
    with ThreadPoolExecutor(2) as pool:
        got, got_rejected = build(*other, map_=pool.map)
    assert content(got) == content(expected)
    assert sorted(str(row.raw) for row in map(_sorted_raw, got_rejected)) == sorted(
        str(row.raw) for row in map(_sorted_raw, rejected)
    )


def _sorted_raw(row: Rejected) -> Rejected:
    return Rejected(
        row.source, 0, row.reason, row.detail, json.dumps(json.loads(row.raw or "{}"), sort_keys=True)
    )


@given(CRM_ROWS, st.integers(1, 4))
def test_chunks_of_a_table_do_not_matter(crm: list[Any], size: int) -> None:
    (whole, roles), _ = tables(crm, [])
    chunked = pa.concat_tables([whole.slice(at, size) for at in range(0, max(len(crm), 1), size)])
    assert content(build((chunked, roles))[0]) == content(build((whole, roles))[0])


@given(CRM_ROWS)
def test_an_empty_string_and_a_null_are_the_same(crm: list[Any]) -> None:
    emptied = [tuple("" if cell is None else cell for cell in row) for row in crm]
    nulled = [tuple(cell or None for cell in row) for row in crm]
    assert content(build(tables(emptied, [])[0])[0]) == content(build(tables(nulled, [])[0])[0])


@given(CRM_ROWS, WEB_ROWS)
def test_columns_are_canonical_distinct_and_complete(crm: list[Any], web: list[Any]) -> None:
    records, _ = build(*tables(crm, web))
    for role, slots in records.columns.items():
        values = slots[0].values.to_pylist()
        assert len(set(values)) == len(values)
        assert all(column.role == role and column.values is slots[0].values for column in slots)
        used = np.concatenate([column.codes for column in slots])
        assert set(used[used >= 0].tolist()) == set(range(len(values)))
        for column in slots:
            assert len(column.codes) == len(records)
            assert len(column.written) == len(column.values)
        for earlier, later in pairwise(slots):
            assert ((later.codes < 0) | (earlier.codes >= 0)).all()
            assert not ((later.codes == earlier.codes) & (later.codes >= 0)).any()


@given(
    st.lists(
        st.lists(st.none() | st.sampled_from(["", "a", "b", "ab", "é", "x" * 5000]), min_size=1, max_size=9),
        min_size=1,
        max_size=4,
    )
)
def test_texts_that_come_by_dictionary_are_numbered_like_any(parts: list[list[str | None]]) -> None:
    chunks = [pa.array(part, pa.string()) for part in parts]
    encoded = [chunk.dictionary_encode() for chunk in chunks]
    # A dictionary may hold texts that no row does, and one text twice.
    odd = [
        pa.DictionaryArray.from_arrays(
            pc.add(part.indices, 1), pa.concat_arrays([pa.array(["b"]), part.dictionary])
        )
        for part in encoded
    ]
    plain = columns.number_texts(pa.chunked_array(chunks), "name")
    for kind in (encoded, odd):
        found = columns.number_texts(pa.chunked_array(kind), "name")
        texts = found.texts.array().to_pylist()
        assert len(set(texts)) == len(texts)
        assert told(found) == told(plain)


CODE = st.none() | st.text("a1- ", max_size=3) | st.sampled_from(["unknown", "AB-12", "ab 12", "cd34"])


def told(numbered: columns.Numbered) -> list[str | None]:
    texts = numbered.texts.array().to_pylist()
    return [None if code < 0 else texts[code] for code in numbered.codes.tolist()]


@given(st.lists(st.tuples(CODE, CODE), min_size=1, max_size=12))
def test_a_column_of_one_slot_is_joined_like_any(
    codes: list[tuple[str | None, ...]],
) -> None:
    one, other = zip(*codes, strict=True)
    rows = table(id=[str(row) for row in range(len(codes))], one=one, other=other)
    for roles in ({"one": "crm_id"}, {"one": "last_name"}, {"one": "crm_id", "other": "crm_id"}):
        found = []
        for short in (shares._has_one_slot, lambda share: False):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(shares, "_has_one_slot", short)
                records, _ = build((rows, described("crm", "id", **roles)))
            others = [slot.others for slots in records.columns.values() for slot in slots]
            found.append(
                [
                    content(records),
                    [(o.records.tolist(), o.codes.tolist(), o.texts.to_pylist()) for o in others],
                ]
            )
        assert found[0] == found[1]


def test_records_stand_by_source_and_id() -> None:
    one = table(id=["b", "a"], first=["Bob", "Ann"])
    records, _ = build(
        (one, described("z", "id", first="first_name")), (one, described("y", "id", first="first_name"))
    )
    assert records.source_names == ["y", "z"]
    assert records.source_codes.tolist() == [0, 0, 1, 1]
    assert records.record_ids.to_pylist() == ["a", "b", "a", "b"]
    assert held(records, "first_name") == ["ann", "bob", "ann", "bob"]
    assert held(records, "first_name", raw=True) == ["Ann", "Bob", "Ann", "Bob"]


def test_of_rows_with_one_id_the_first_by_content_is_kept() -> None:
    rows = table(id=["1", "1", "2", "1"], first=["Bob", "Ann", "Eve", "Ann"])
    records, rejected = build((rows, described("crm", "id", first="first_name")))
    assert held(records, "first_name") == ["ann", "eve"]
    assert [(row.row, row.reason, row.source) for row in rejected] == [
        (1, "duplicate_record_id", "crm"),
        (4, "duplicate_record_id", "crm"),
    ]
    assert json.loads(rejected[0].raw or "") == {"id": "1", "first": "Bob"}
    assert "Bob" not in rejected[0].detail


def test_rows_that_differ_in_empty_cells_alone_are_refused_alike_in_any_order() -> None:
    rows = table(
        id=["1", "1", "1", "1"], first=[None, "", "Ann", "Ann"], tel=[None, [None], [""], [None, "5"]]
    )
    roles = described("crm", "id", first="first_name", tel="phone")
    expected = sorted(str(row.raw) for row in build((rows, roles))[1])
    assert sorted(str(row.raw) for row in build((rows.take([3, 1, 0, 2]), roles))[1]) == expected
    assert len(expected) == 3


awkward = st.tuples(
    st.sampled_from([None, "", "a", "\x1f", "\x1e"]),
    st.sampled_from([None, "", "a", "\x1f"]),
    st.sampled_from([None, [], [""], [None], ["a", "b"], ["a\x1eb"], [None, ""]]),
)


@settings(max_examples=200)
@given(st.lists(awkward, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_which_of_several_rows_with_one_id_is_refused_does_not_depend_on_their_order(
    drawn: list[Any], chance: Any
) -> None:
    def refused(rows: list[Any]) -> list[str | None]:
        first, last, tel = zip(*rows, strict=True)
        held = pa.table(
            {
                "id": pa.array(["1"] * len(rows)),
                "first": pa.array(first, pa.string()),
                "last": pa.array(last, pa.string()),
                "tel": pa.array(tel, pa.list_(pa.string())),
            }
        )
        roles = described("crm", "id", first="first_name", last="last_name", tel="phone")
        return sorted(row.raw or "" for row in build((held, roles))[1])

    mixed = chance.sample(drawn, len(drawn))
    assert refused(mixed) == refused(drawn)


def test_rows_without_id_get_one_from_their_content() -> None:
    rows = table(id=["1", "", None, "NULL", " "], first=["Bob", "Ann", "Ann", "Eve", "Ann"])
    records, rejected = build((rows, described("crm", "id", first="first_name")))
    assert not rejected
    assert len(set(records.record_ids.to_pylist())) == 5
    assert sum(str(value).startswith("content-") for value in records.record_ids.to_pylist()) == 4
    assert len(records.warnings) == 1
    again, _ = build((rows.take([4, 2, 3, 1, 0]), described("crm", "id", first="first_name")))
    assert content(again) == content(records)


def test_without_an_id_column_the_row_number_is_the_id() -> None:
    rows = table(first=["Bob", "Ann"])
    assert build((rows, described("crm", None, first="first_name")))[0].record_ids.to_pylist() == ["1", "2"]
    source = SourceTable("crm", rows, np.array([3, 12], dtype=np.int64))
    records, _ = build_records([source], [described("crm", None, first="first_name")])
    assert records.record_ids.to_pylist() == ["12", "3"]
    assert held(records, "first_name") == ["ann", "bob"]


def test_columns_of_one_role_are_slots_without_gaps_and_repeats() -> None:
    rows = table(
        a=["07700 900123", None, "020 7946 0018", None],
        b=["+44 7700 900123", "020 7946 0018", "07700 900123", "n/a"],
    )
    records, _ = build((rows, described("crm", None, a="phone", b="phone")))
    assert held(records, "phone", 0) == ["7700900123", "2079460018", "2079460018", None]
    assert held(records, "phone", 1) == [None, None, "7700900123", None]
    assert held(records, "phone", 0, raw=True) == ["07700 900123", "020 7946 0018", "020 7946 0018", None]


def test_lists_are_spread_over_slots_and_the_rest_is_reported() -> None:
    numbers = [f"0207946{number:04d}" for number in range(6)]
    rows = table(tel=[numbers, [], None, [None, "", numbers[5]]], other=[None, numbers[0], None, None])
    records, _ = build((rows, described("crm", None, tel="phone", other="phone")))
    assert len(records.columns["phone"]) == columns.MAX_SLOTS
    assert held(records, "phone", 3)[0] == numbers[3][1:]
    assert held(records, "phone", 0) == [numbers[0][1:], None, None, numbers[5][1:]]
    assert "phone" in records.warnings[0]


def test_full_names_fill_the_parts_that_a_record_lacks() -> None:
    one = table(name=["Smith, John Jr", "Ann Lee"])
    two = table(name=["Robert Brown", "Eve Black"], first=["Bob", None], last=[None, "White III"])
    records, _ = build(
        (one, described("a", None, name="full_name")),
        (two, described("b", None, name="full_name", first="first_name", last="last_name")),
    )
    assert held(records, "first_name") == ["john", "ann", "bob", "eve"]
    assert held(records, "last_name") == ["smith", "lee", "brown", "white"]
    assert held(records, "suffix") == ["jr", None, None, "iii"]
    assert held(records, "first_name", raw=True) == ["John", "Ann", "Bob", "Eve"]
    assert "full_name" not in records.columns


def test_house_numbers_come_from_the_line_only_where_there_is_no_other() -> None:
    rows = table(
        line=["12 High Street", "12 High Street", "9 Elm Rd, Flat 3", "5 150 S", None],
        no=["12", None, "", "7", "8"],
    )
    records, _ = build((rows, described("crm", None, line="street", no="house_number")))
    assert held(records, "house_number") == ["12", "12", "9", "7", "8"]
    assert held(records, "street") == ["high st", "high st", "elm rd", "5 150 s", None]
    assert held(records, "unit") == [None, None, "3", None, None]


def test_dates_in_parts_are_put_together() -> None:
    rows = table(d=["1", "31", None, "5.0"], m=["2", "2", "3", "June"], y=["1980", "1990", "1990", "85"])
    records, _ = build((rows, described("crm", None, d="birth_day", m="birth_month", y="birth_year")))
    assert held(records, "birth_date") == ["19800201", None, None, "19850605"]
    assert held(records, "birth_date", raw=True) == ["1980-02-01", None, None, "1985-06-05"]
    assert "birth_day" not in records.columns


def test_each_source_has_its_own_date_order() -> None:
    rows = table(born=["02/03/1985"])
    records, _ = build(
        (rows, described("uk", None, born="birth_date:dmy")),
        (rows, described("us", None, born="birth_date:mdy")),
    )
    assert held(records, "birth_date") == ["19850302", "19850203"]


def test_roles_that_nobody_fills_are_left_out() -> None:
    rows = table(first=["Ann"], mail=["n/a"])
    records, _ = build((rows, described("crm", None, first="first_name", mail="email")))
    assert list(records.columns) == ["first_name"]


def test_nothing_in_gives_nothing_out() -> None:
    assert len(build_records([], [])[0]) == 0
    records, rejected = build((table(id=[], first=[]), described("crm", "id", first="first_name")))
    assert (len(records), rejected, records.columns) == (0, [], {})
    records, _ = build((table(id=["1"]), described("crm", "id")))
    assert (len(records), records.columns) == (1, {})


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view()])
def test_other_kinds_of_string_columns_are_read(kind: pa.DataType) -> None:
    rows = pa.table({"id": pa.array(["1", "2"]).cast(kind), "first": pa.array(["Ann", None]).cast(kind)})
    records, _ = build((rows, described("crm", "id", first="first_name")))
    assert held(records, "first_name") == ["ann", None]


def test_a_cell_too_long_to_be_a_value_is_no_value() -> None:
    rows = table(first=["Ann", "x" * 1_000_000, "Bob"])
    records, _ = build((rows, described("crm", None, first="first_name")))
    assert held(records, "first_name") == ["ann", None, "bob"]


def test_more_text_than_positions_reach_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    crm = (table(first=["Ann", "Bob"]), described("crm", None, first="first_name"))
    web = (table(name=["Eve"]), described("web", None, name="first_name"))
    monkeypatch.setattr(columns, "MAX_BYTES", 5)
    with pytest.raises(ColumnError, match="in column first, got more"):
        build(crm)
    monkeypatch.setattr(columns, "MAX_BYTES", 8)
    build(crm)
    with pytest.raises(ColumnError, match="columns of role first_name, got more"):
        build(crm, web)


def test_sources_can_be_released_while_records_are_made() -> None:
    roles = described("crm", None, first="first_name")
    sources = [SourceTable("crm", table(first=["Ann"]), None)]
    records, _ = build_records(sources, [roles], release=True)
    assert sources == []
    assert held(records, "first_name") == ["ann"]


def test_one_column_may_have_two_roles() -> None:
    roles = SourceRoles(
        "crm",
        None,
        (ColumnRole("mail", "email", "map", None), ColumnRole("mail", "user_id", "map", None)),
        (),
    )
    records, _ = build((table(mail=["Ada@Example.com"]), roles))
    assert held(records, "email") == held(records, "user_id") == ["ada@example.com"]


def test_pieces_of_work_may_run_in_any_order() -> None:
    def backwards(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return [work(item) for item in list(items)[::-1]][::-1]

    rows = tables(
        [("1", "Ann", "a@b.com", "07700 900123", None, "1 High St", None)], [("1", "Bob Lee", None, None)]
    )
    assert content(build(*rows, map_=backwards)[0]) == content(build(*rows)[0])
