"""Every row of an input becomes a row of its source, or is rejected with its number and text."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cxm_sdk.engines import parquet
from cxm_sdk.engines.tables import read_sources
from cxm_sdk.errors import SourceError
from cxm_sdk.identity.sources import Rejected, SourceTable


def read(*inputs: object) -> tuple[list[SourceTable], list[Rejected], list[str]]:
    return read_sources(inputs, workers=2)


def rows(thing: object) -> list[dict[str, object]]:
    sources, rejected, _ = read(thing)
    assert not rejected
    assert len(sources) == 1
    return sources[0].table.to_pylist()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


TWO = [{"id": "1", "name": "Ada"}, {"id": "2", "name": "José"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", "id,name\n1,Ada\n2,José\n"),
        ("no_end.csv", "id,name\n1,Ada\n2,José"),
        ("crlf.csv", "id,name\r\n1,Ada\r\n2,José\r\n"),
        ("cr.csv", "id,name\r1,Ada\r2,José\r"),
        ("mixed_ends.csv", "id,name\r\n1,Ada\n2,José\r\n"),
        ("semicolon.csv", "id;name\n1;Ada\n2;José\n"),
        ("pipe.csv", "id|name\n1|Ada\n2|José\n"),
        ("tab.csv", "id\tname\n1\tAda\n2\tJosé\n"),
        ("tab.tsv", "id\tname\n1\tAda\n2\tJosé\n"),
        ("quoted.csv", '"id","name"\n"1","Ada"\n"2","José"\n'),
        ("padded.csv", "id, name\n1, Ada\n2, José\n"),
        ("padded_header.csv", " id , name \n1,Ada\n2,José\n"),
        ("padded_quotes.csv", 'id, name\n1, "Ada"\n2, "José"\n'),
        ("trailing.csv", "id,name,\n1,Ada,\n2,José,\n"),
        ("trailing_rows.csv", "id,name\n1,Ada,\n2,José,\n"),
        ("blank_lines.csv", "\n\nid,name\n\n1,Ada\n   \n2,José\n\n"),
        ("sep.csv", "sep=;\nid;name\n1;Ada\n2;José\n"),
        ("utf8_bom.csv", "\ufeffid,name\n1,Ada\n2,José\n"),
        ("latin1.csv", "id,name\n1,Ada\n2,José\n".encode("latin-1")),
        ("utf16.csv", "id,name\n1,Ada\n2,José\n".encode("utf-16")),
        ("utf16_be.csv", "\ufeffid,name\n1,Ada\n2,José\n".encode("utf-16-be")),
        ("utf16_bare.csv", "id,name\n1,Ada\n2,José\n".encode("utf-16-le")),
        ("utf32.csv", "id,name\n1,Ada\n2,José\n".encode("utf-32")),
        ("lines.jsonl", '{"id": 1, "name": "Ada"}\n{"id": "2", "name": "José"}\n'),
        ("lines.ndjson", '{"id": 1, "name": "Ada"}\n\n{"id": 2.0, "name": "Jos\\u00e9"}'),
        ("array.json", '[{"id": 1, "name": "Ada"},\n {"id": 2, "name": "José"}]'),
        ("pretty.json", '{\n "id": 1,\n "name": "Ada"\n}\n{\n "id": 2, "name": "José"}\n'),
        ("bom.json", "\ufeff" + '{"id": 1, "name": "Ada"}\n{"id": 2, "name": "José"}\n'),
        ("latin1.json", '[{"id": 1, "name": "Ada"}, {"id": 2, "name": "José"}]'.encode("latin-1")),
        ("utf16.jsonl", '{"id": 1, "name": "Ada"}\n{"id": 2, "name": "José"}\n'.encode("utf-16")),
        ("unknown.dat", "id,name\n1,Ada\n2,José\n"),
        ("unknown_json.dat", '{"id": 1, "name": "Ada"}\n{"id": 2, "name": "José"}\n'),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_way_of_writing_two_rows_gives_the_same_rows(
    tmp_path: Path, name: str, content: str | bytes, packed: bool
) -> None:
    data = content.encode() if isinstance(content, str) else content
    path = write(tmp_path, name + ".gz" if packed else name, gzip.compress(data) if packed else data)
    assert rows(path) == TWO
    assert read(path)[0][0].name == name.split(".")[0] or name.endswith(".dat")


def test_a_compressed_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "crm.csv", gzip.compress("id,name\n1,Ada\n2,José\n".encode()))) == TWO


@pytest.mark.parametrize(
    ("content", "kept", "bad"),
    [
        ("id,name\n1,Ada\n2\n3,Alan\n", [1, 3], {2: "2"}),
        ("id,name\n1,Ada\n2,a,b\n3,Alan\n", [1, 3], {2: "2,a,b"}),
        ('id,name\n1,Ada\n2,"open\n3,Alan\n', [1, 3], {2: '2,"open'}),
        ('id,name\n1,Ada\n2,"open\n3,"Alan"\n4,x\n', [1, 3, 4], {2: '2,"open'}),
        ('id,name\n1,"A"da\n2,x\n', [2], {1: '1,"A"da'}),
        ('id,name\n1,"two\nlines"\n2\n3,x\n', [1, 3], {2: "2"}),
        ('id,name\n\n1,"two\nlines"\n\n2\n3,x\n', [1, 3], {2: "2"}),
        ('id,name\r\n1,"two\r\nlines"\r\n2\r\n3,x', [1, 3], {2: "2"}),
        ("id,name\n1,Ada\n2\n3\n4,é\n".encode("latin-1"), [1, 4], {2: "2", 3: "3"}),
    ],
)
def test_broken_rows_are_kept_with_their_number_and_text(
    tmp_path: Path, content: str | bytes, kept: list[int], bad: dict[int, str]
) -> None:
    sources, rejected, warnings = read(write(tmp_path, "crm.csv", content))
    assert sources[0].line is not None
    assert sources[0].line.tolist() == kept
    assert {row.row: row.raw for row in rejected} == bad
    assert {(row.source, row.reason) for row in rejected} == {("crm", "malformed_row")}
    assert any("malformed" in warning for warning in warnings)
    assert not any(str(text) in row.detail for row in rejected for text in bad.values() if len(text) > 3)


def test_a_stray_quote_in_a_long_file_costs_one_row(tmp_path: Path) -> None:
    lines = [f"{number},text {number}" for number in range(60_000)]
    lines[30_000] = '30000,"stray'
    lines[59_999] = "59999"
    sources, rejected, _ = read(write(tmp_path, "crm.csv", "\n".join(["id,name", *lines])))
    assert [row.row for row in rejected] == [30_001, 60_000]
    assert sources[0].table.num_rows == 59_998
    assert sources[0].line is not None
    assert (sources[0].line == np.delete(np.arange(1, 60_001), [30_000, 59_999])).all()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(alphabet="ab\"',;|\\ é\t", max_size=12), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "latin-1"]),
)
def test_rows_in_are_rows_out_and_rejected(tmp_path: Path, lines: list[str], end: str, encoding: str) -> None:
    text = end.join(["id,name", "0,first", *lines]) + end
    sources, rejected, _ = read(write(tmp_path, "any.csv", text.encode(encoding)))
    table = sources[0].table
    assert table.column_names == ["id", "name"]
    inside = sum(str(cell).count("\n") for row in table.to_pylist() for cell in row.values())
    filled = sum(bool(line.strip()) for line in lines) + 1
    blank_inside = sum(
        not part.strip()
        for row in table.to_pylist()
        for cell in row.values()
        for part in str(cell).split("\n")[1:-1]
    )
    assert table.num_rows + len(rejected) + inside - blank_inside == filled
    numbers = [*(range(1, table.num_rows + 1) if sources[0].line is None else sources[0].line.tolist())]
    assert sorted([*numbers, *(row.row for row in rejected)]) == list(
        range(1, table.num_rows + len(rejected) + 1)
    )


def test_cells_hold_line_ends_quotes_and_separators(tmp_path: Path) -> None:
    path = write(tmp_path, "crm.csv", 'id,name\n1,"a ""b"", c\nd"\n')
    assert rows(path) == [{"id": "1", "name": 'a "b", c\nd'}]


def test_backslashes_may_escape_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, "crm.csv", 'id,name\n1,"a \\"b\\" c"\n2,"x"\n')
    assert rows(path) == [{"id": "1", "name": 'a "b" c'}, {"id": "2", "name": "x"}]


def test_lines_of_two_encodings_are_read_each_in_its_own(tmp_path: Path) -> None:
    content = "id,name\n1,José\n".encode() + "2,Jürgen\n".encode("latin-1") + "3,李\n".encode()
    sources, _, warnings = read(write(tmp_path, "crm.csv", content))
    assert [row["name"] for row in sources[0].table.to_pylist()] == ["José", "Jürgen", "李"]
    assert any("1 lines are not UTF-8" in warning for warning in warnings)


def test_nul_bytes_are_taken_out_and_told(tmp_path: Path) -> None:
    for name, content in (
        ("crm.csv", b"id,name\n1,A\0da\n2,\0\n"),
        ("crm.jsonl", b'{"id":1,"name":"A\\u0000da"}\n'),
    ):
        sources, rejected, warnings = read(write(tmp_path, name, content))
        assert sources[0].table["name"][0].as_py() == "Ada"
        assert not rejected
        assert any("NUL" in warning for warning in warnings)


@pytest.mark.parametrize("size", [1_000_000, 5_000_000])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_huge_cell_is_kept(tmp_path: Path, size: int, suffix: str) -> None:
    cell = "x" * size
    content = f'id,name\n1,{cell}\n2,"{cell}"\n' if suffix == "csv" else json.dumps({"id": 1, "name": cell})
    assert rows(write(tmp_path, f"crm.{suffix}", content))[0]["name"] == cell


def test_one_column_is_a_table(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "crm.csv", "email\na@x.org\nb@x.org\n")) == [
        {"email": "a@x.org"},
        {"email": "b@x.org"},
    ]


def test_one_column_may_hold_commas(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "crm.csv", "name\nLovelace, Ada\n")) == [{"name": "Lovelace, Ada"}]


def test_one_row_and_columns_without_values_are_read(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "crm.csv", "id,a,b\n1,,\n")) == [{"id": "1", "a": None, "b": None}]


def test_doubled_and_empty_column_names_are_numbered_and_told(tmp_path: Path) -> None:
    sources, _, warnings = read(write(tmp_path, "crm.csv", "id,name,name,,name_2\n1,a,b,c,d\n"))
    assert sources[0].table.column_names == ["id", "name", "name_3", "column_4", "name_2"]
    assert any("'name' came more than once" in warning for warning in warnings)


def test_names_that_differ_in_case_are_two_columns(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "crm.csv", "Name,name\na,b\n")) == [{"Name": "a", "name": "b"}]
    assert rows({"crm": pa.table({"Name": ["a"], "name": ["b"]})}) == [{"Name": "a", "name": "b"}]


def test_a_file_without_a_header_keeps_its_first_row(tmp_path: Path) -> None:
    sources, _, warnings = read(write(tmp_path, "crm.csv", "1,Ada,ada@x.org\n2,Alan,alan@x.org\n"))
    assert sources[0].table.column_names == ["column_1", "column_2", "column_3"]
    assert sources[0].table.num_rows == 2
    assert any("not like a header" in warning for warning in warnings)


def test_a_title_above_the_header_is_skipped_and_told(tmp_path: Path) -> None:
    text = "Customers of May\n\nid,name,city\n1,Ada,London\n2,Alan,Paris\n3,Grace,Rome\n4,x,y\n5,x,y\n"
    sources, _, warnings = read(write(tmp_path, "crm.csv", text))
    assert sources[0].table.column_names == ["id", "name", "city"]
    assert sources[0].table.num_rows == 5
    assert any("before the header" in warning for warning in warnings)


def test_scripts_of_all_kinds_pass(tmp_path: Path) -> None:
    text = "ид,имя\n1,李小龙\n2,محمد\n3,Ωmega\n4,👩‍👩‍👧\n"
    assert [row["имя"] for row in rows(write(tmp_path, "клиенты.csv", text))] == [
        "李小龙",
        "محمد",
        "Ωmega",
        "👩‍👩‍👧",
    ]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n \n", "empty"),
        ("empty.jsonl", b"", "empty"),
        ("empty.parquet", b"", "empty"),
        ("header_only.csv", b"id,name\n", "no rows"),
        ("header_only_open.csv", b"id,name", "no rows"),
        ("wrong.csv", b"id;name\n1,Ada,x,y\n2,Alan,x,y\n", "fits"),
        ("book.csv", b"PK\x03\x04" + b"\0" * 99, "workbook"),
        ("book.xlsx", b"PK\x03\x04" + b"\0" * 99, "workbook"),
        ("binary.csv", bytes(range(256)) * 40, "no text"),
        ("broken.parquet", b"PAR1" + b"x" * 99, "Parquet"),
        ("not.parquet", b"id,name\n1,2\n", "Parquet"),
        ("cut.csv.gz", gzip.compress(b"id,name\n" + b"1,Ada\n" * 9999)[:-30], "read"),
        ("broken.json", b'[{"a": 1}, {"a"', "broken or cut"),
        ("cut.json", b'[{"a": 1}, {"a": 2},', "broken or cut"),
        ("no_objects.jsonl", b"1\n2\n", "object"),
        ("no_keys.jsonl", b"{}\n{}\n", "empty objects"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_way_out(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        read(write(tmp_path, name, content))
    assert caught.value.hint
    assert caught.value.__cause__ is None


def test_messages_hold_no_value_of_a_customer(tmp_path: Path) -> None:
    secret = "secret@example.com"
    for name, content in (
        ("a.csv", f"id;name\n1,{secret},x\n2,{secret},y\n"),
        ("a.json", f'[{{"mail": "{secret}"}}, {{"mail": "{secret}'),
        ("b.jsonl", f'"{secret}"\n'),
    ):
        with pytest.raises(SourceError) as caught:
            read(write(tmp_path, name, content))
        assert secret not in str(caught.value)


def test_a_missing_file_names_a_close_one(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "id\n1\n")
    with pytest.raises(SourceError, match=r"does not exist.*customers\.csv"):
        read(tmp_path / "customer.csv")
    with pytest.raises(SourceError, match="folder"):
        read(tmp_path / "nowhere" / "customer.csv")


def test_broken_json_lines_are_rejected_one_by_one(tmp_path: Path) -> None:
    text = '{"id": 1}\n{"id": 2\n\n[3]\n{"id": 4, "extra": true}\n'
    sources, rejected, _ = read(write(tmp_path, "web.jsonl", text))
    assert sources[0].table.to_pylist() == [{"id": "1", "extra": None}, {"id": "4", "extra": "true"}]
    assert [(row.row, row.raw) for row in rejected] == [(2, '{"id": 2'), (3, "[3]")]
    assert sources[0].line is not None
    assert sources[0].line.tolist() == [1, 4]


def test_json_of_changing_shape_loses_nothing(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "mail": ["a@x", "b@x"], "at": {"city": "Bonn", "geo": {"lat": 1.5}}, "any": "a", "n": 1.0},
        {"id": 2, "mail": "c@x", "at": {"city": "Köln"}, "any": {"q": 1}, "n": 2.5, "late": [{"deep": [1]}]},
        {"id": 3, "mail": None, "big": 12345678901234567890},
    ]
    found = rows(write(tmp_path, "web.jsonl", "\n".join(json.dumps(line) for line in lines)))
    assert [row["mail"] for row in found] == [["a@x", "b@x"], ["c@x"], None]
    assert [row["at.city"] for row in found] == ["Bonn", "Köln", None]
    assert [row["at.geo.lat"] for row in found] == ["1.5", None, None]
    assert [row["any"] for row in found] == ["a", '{"q":1}', None]
    assert [row["n"] for row in found] == ["1", "2.5", None]
    assert found[1]["late"] == '[{"deep":[1]}]'
    assert found[2]["big"] == "12345678901234567890"


def typed_table() -> pa.Table:
    return pa.table(
        {
            "whole": pa.array([1, None], pa.int64()),
            "gapped": pa.array([7.0, None]),
            "real": [1.5, float("nan")],
            "money": [decimal.Decimal("12.00"), decimal.Decimal("1.50")],
            "day": [dt.date(1990, 1, 2), None],
            "midnight": [dt.datetime(1990, 1, 2), None],
            "moment": [dt.datetime(1990, 1, 2, 3, 4, 5), None],
            "there": pa.array([dt.datetime(1990, 1, 2, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
            "yes": [True, False],
            "text": pa.array(["a", None], pa.large_string()),
            "category": pa.array(["x", "y"]).dictionary_encode(),
            "nothing": pa.nulls(2),
            "mails": [["a@x", "b@x"], []],
            "numbers": [[1, 2], None],
            "struct": [{"city": "Bonn", "geo": {"lat": 1.0}}, None],
            "deep": [[{"a": 1}], None],
            "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
        }
    )


@pytest.mark.parametrize("zone", ["Europe/Vienna", "Pacific/Auckland", "America/New_York", "UTC"])
def test_a_day_with_a_zone_is_that_day_wherever_it_is_read(tmp_path: Path, zone: str) -> None:
    born = [
        dt.datetime(1980, 1, 2, tzinfo=ZoneInfo(zone)),
        dt.datetime(1990, 7, 2, tzinfo=ZoneInfo(zone)),
        None,
    ]
    table = pa.table({"id": ["1", "2", "3"], "born": pa.array(born, pa.timestamp("us", zone))})
    pq.write_table(table, tmp_path / "crm.parquet")
    for thing in (table, table.to_pandas(), pl.from_arrow(table), tmp_path / "crm.parquet"):
        assert [row["born"] for row in rows(thing)] == ["1980-01-02", "1990-07-02", None]


@pytest.mark.parametrize("zone", ["+02:00", "-05:30", "+00:00"])
def test_a_day_at_a_fixed_offset_is_that_day_wherever_it_is_read(tmp_path: Path, zone: str) -> None:
    hours, minutes = map(int, zone[1:].split(":"))
    away = dt.timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    born = [dt.datetime(1980, 1, 2, tzinfo=dt.timezone(away)), None]
    table = pa.table({"id": ["1", "2"], "born": pa.array(born, pa.timestamp("us", zone))})
    pq.write_table(table, tmp_path / "crm.parquet")
    for thing in (table, table.to_pandas(), tmp_path / "crm.parquet"):
        assert [row["born"] for row in rows(thing)] == ["1980-01-02", None]


def test_a_zone_that_nobody_knows_spoils_nothing(tmp_path: Path) -> None:
    born = pa.array([dt.datetime(1980, 1, 2, tzinfo=dt.UTC)], pa.timestamp("us", "Mars/Olympus"))
    pq.write_table(pa.table({"id": ["1"], "born": born}), tmp_path / "crm.parquet")
    for thing in (pa.table({"id": ["1"], "born": born}), tmp_path / "crm.parquet"):
        assert [row["born"] for row in rows(thing)] == ["1980-01-02"]


TYPED = {
    "whole": "1", "gapped": "7", "real": "1.5", "money": "12", "day": "1990-01-02", "midnight": "1990-01-02",
    "moment": "1990-01-02 03:04:05", "there": "1990-01-02", "yes": "true", "text": "a", "category": "x",
    "nothing": None, "mails": ["a@x", "b@x"], "numbers": ["1", "2"], "struct.city": "Bonn",
    "struct.geo.lat": "1", "deep": '[{"a":1}]', "map": '{"k":1}',
}  # fmt: skip


def test_parquet_of_every_type_becomes_text(tmp_path: Path) -> None:
    path = tmp_path / "crm.snappy.parquet"
    pq.write_table(typed_table(), path)
    found = rows(path)
    assert found[0] == TYPED
    assert found[1]["real"] is None
    assert found[1]["money"] == "1.50"
    assert read(path)[0][0].name == "crm"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.none() | st.sampled_from(["", "Bonn", "Łódź", "a\0b", " x "]),
            st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 9),
)
def test_texts_kept_in_dictionaries_are_read_as_they_would_be_without(
    tmp_path: Path, held: list[tuple[str | None, dt.date | None]], group: int
) -> None:
    cities, days = (list(column) for column in zip(*held, strict=True))
    table = pa.table({"city": pa.array(cities, pa.string()), "born": pa.array(days, pa.date32())})
    pq.write_table(table, tmp_path / "crm.parquet", row_group_size=group)
    days_read = [None if day is None else day.isoformat() for day in days]
    expected = [city and city.replace("\0", "") for city in cities]
    (source,), _, warnings = read(tmp_path / "crm.parquet")
    assert pa.types.is_dictionary(source.table.schema.field("city").type)
    assert source.table.to_pydict() == {"city": expected, "born": days_read}
    assert any("NUL" in warning for warning in warnings) == any("\0" in (city or "") for city in cities)
    two = {"crm": [tmp_path / "crm.parquet", pa.table({"city": ["Ulm"]})]}
    assert [row["city"] for row in rows(two)] == [*expected, "Ulm"]


@pytest.mark.parametrize("repeats", [True, False])
def test_text_in_a_parquet_file_that_is_not_utf8_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repeats: bool
) -> None:
    if not repeats:
        monkeypatch.setattr(parquet, "DICTIONARY", -(1 << 40))
    offsets, data = pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")
    broken = pa.StringArray.from_buffers(1, offsets, data)
    pq.write_table(pa.table({"name": broken}), tmp_path / "crm.parquet")
    with pytest.raises(SourceError, match="Parquet"):
        read(tmp_path / "crm.parquet")


@pytest.mark.parametrize("repeat", [True, False])
def test_parquet_that_arrow_reads_and_that_duckdb_reads_are_the_same_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repeat: bool
) -> None:
    if not repeat:  # as the texts of a large file, which are not kept in a dictionary
        monkeypatch.setattr(parquet, "DICTIONARY", -(1 << 40))
    texts = {
        " name ": ["Ada", None, "", "Zoë"] * 50,
        "note": [f"text {row} \N{SNOWMAN}" for row in range(200)],
        "born": pa.array([0, None, 19_000, 40_000] * 50, pa.date32()),
    }
    pq.write_table(pa.table(texts), tmp_path / "texts.parquet", row_group_size=70)
    pq.write_table(pa.table({**texts, "n": [0.5] * 200}), tmp_path / "mixed.parquet", row_group_size=70)
    plain, mixed = (rows(tmp_path / f"{name}.parquet") for name in ("texts", "mixed"))
    assert plain == [{key: value for key, value in row.items() if key != "n"} for row in mixed]
    assert plain[0] == {"name": "Ada", "note": "text 0 \N{SNOWMAN}", "born": "1970-01-01"}
    assert plain[1]["name"] is None


WHOLE_NUMBERS = [*(f"int{bits}" for bits in (8, 16, 32, 64)), *(f"uint{bits}" for bits in (8, 16, 32, 64))]


@pytest.mark.parametrize("kind", WHOLE_NUMBERS)
def test_whole_numbers_of_a_parquet_file_are_read_as_duckdb_writes_them(tmp_path: Path, kind: str) -> None:
    limits = np.iinfo(kind)
    numbers = [limits.min, None, 0, 7, limits.max // 2, limits.max]
    column = pa.array(numbers, pa.type_for_alias(kind))
    pq.write_table(pa.table({"n": column}), tmp_path / "numbers.parquet", row_group_size=4)
    relation = duckdb.sql(f"SELECT CAST(n AS VARCHAR) FROM '{tmp_path}/numbers.parquet'")
    written = [text for (text,) in relation.fetchall()]
    assert [row["n"] for row in rows(tmp_path / "numbers.parquet")] == written
    assert written == [None if number is None else str(number) for number in numbers]


@pytest.mark.parametrize("dictionary", [True, False])
def test_a_dictionary_is_made_only_of_what_stands_in_dictionaries(tmp_path: Path, dictionary: bool) -> None:
    path, table = tmp_path / "crm.parquet", pa.table({"city": ["Ulm", "Bonn"] * 100})
    pq.write_table(table, path, row_group_size=70, use_dictionary=dictionary)
    assert pa.types.is_dictionary(read(path)[0][0].table.schema.field("city").type) == dictionary
    assert rows(path) == table.to_pylist()


@pytest.mark.parametrize("kind", ["text", "mixed"])
def test_a_parquet_file_that_was_begun_is_read_once_and_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "crm.parquet"
    columns = {
        "name": ["Ada", None] * 50,
        "n": list(range(100)),
        "born": pa.array([19_000] * 100, pa.date32()),
    }
    pq.write_table(pa.table(columns if kind == "text" else {**columns, "score": [0.5] * 100}), path)
    plain = rows(path)
    read_texts, asked = parquet._read_numbers, []
    monkeypatch.setattr(parquet, "_read_numbers", lambda *given: asked.append(given) or read_texts(*given))
    parquet.begin(path)
    assert rows(path) == plain
    assert len(asked) == 1
    assert not parquet._begun


def test_a_parquet_file_that_was_changed_after_it_was_begun_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "crm.parquet"
    pq.write_table(pa.table({"name": ["Ada"]}), path)
    parquet.begin(str(path))
    pq.write_table(pa.table({"name": ["Ada", "Bob"]}), path)
    assert [row["name"] for row in rows(path)] == ["Ada", "Bob"]
    parquet._begun.clear()


def test_a_damaged_parquet_file_that_was_begun_is_refused_as_any(tmp_path: Path) -> None:
    offsets, data = pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")
    broken = pa.StringArray.from_buffers(1, offsets, data)
    pq.write_table(pa.table({"name": broken}), tmp_path / "crm.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "crm.parquet").read_bytes()[:-9])
    for name in ("crm.parquet", "cut.parquet"):
        parquet.begin(tmp_path / name)
        with pytest.raises(SourceError, match="Parquet"):
            read(tmp_path / name)
    assert not parquet._begun


def test_parquet_with_names_that_differ_in_case_alone_keeps_every_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"Name": ["Ada"], "name": ["Byron"]}), tmp_path / "crm.parquet")
    assert list(rows(tmp_path / "crm.parquet")[0].values()) == ["Ada", "Byron"]


def test_parquet_of_texts_without_rows_is_refused_as_any_input_without(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": pa.array([], pa.string())}), tmp_path / "crm.parquet")
    with pytest.raises(SourceError, match="no rows"):
        read(tmp_path / "crm.parquet")


def test_frames_of_every_kind_give_the_same_text() -> None:
    columns = {
        "id": [1, 2],
        "gapped": [7.0, None],
        "born": [dt.date(1990, 1, 2), None],
        "name": ["Ada", None],
    }
    expected = [
        {"id": "1", "gapped": "7", "born": "1990-01-02", "name": "Ada"},
        {"id": "2", "gapped": None, "born": None, "name": None},
    ]
    table = pa.table(columns)
    connection = duckdb.connect()
    connection.register("input", table)
    for frame in (
        table,
        table.to_batches()[0],
        table.to_reader(),
        pd.DataFrame(columns),
        pd.DataFrame(columns).convert_dtypes(),
        pl.DataFrame(columns),
        pl.DataFrame(columns).lazy(),
        connection.table("input"),
    ):
        assert rows({"crm": frame}) == expected


def test_a_pandas_index_with_a_name_is_a_column() -> None:
    frame = pd.DataFrame({"name": ["Ada", "Alan"]}, index=pd.Index([7, 9], name="rec_id"))
    assert rows({"crm": frame}) == [{"rec_id": "7", "name": "Ada"}, {"rec_id": "9", "name": "Alan"}]


def test_pandas_columns_of_mixed_values_and_doubled_names_are_read() -> None:
    frame = pd.DataFrame([[1, "a", b"x"], ["two", 2.0, None]], columns=["id", "n", "n"])
    assert rows({"crm": frame}) == [{"id": "1", "n": "a", "n_2": "x"}, {"id": "two", "n": "2", "n_2": None}]


@pytest.mark.parametrize("thing", [7, None, [1, 2], {"crm": 7}, {"crm": object()}, pa.table({})])
def test_what_is_no_input_is_refused(thing: object) -> None:
    with pytest.raises(SourceError):
        read(thing)


def test_no_input_at_all_is_refused() -> None:
    with pytest.raises(SourceError, match="No input"):
        read_sources([], workers=1)


def test_sources_are_named_and_ordered(tmp_path: Path) -> None:
    write(tmp_path, "b.csv.gz", gzip.compress(b"id\n1\n"))
    write(tmp_path, "a.tsv", "id\tx\n1\t2\n")
    paths = [f"crm={tmp_path / 'b.csv.gz'}", tmp_path / "b.csv.gz", str(tmp_path / "a.tsv")]
    forward, backward = read(*paths), read(*reversed(paths))
    assert [source.name for source in forward[0]] == ["a", "b", "crm"]
    assert [source.table.to_pylist() for source in forward[0]] == [
        source.table.to_pylist() for source in backward[0]
    ]


def test_a_folder_gives_one_source_for_each_file(tmp_path: Path) -> None:
    write(tmp_path, "crm.csv", "id\n1\n")
    write(tmp_path, "web.jsonl", '{"id": 2}\n')
    write(tmp_path, "README.md", "not data")
    write(tmp_path, "_SUCCESS", "")
    write(tmp_path, ".hidden.csv", "id\n9\n")
    sources, _, warnings = read(tmp_path)
    assert [source.name for source in sources] == ["crm", "web"]
    assert any("left out" in warning for warning in warnings)
    assert [source.name for source in read(str(tmp_path / "*.csv"))[0]] == ["crm"]
    assert [source.name for source in read(str(tmp_path / "**" / "*.csv"))[0]] == ["crm"]


def test_a_named_folder_is_one_source_united_by_column_name(tmp_path: Path) -> None:
    write(tmp_path, "1.csv", "id,name\n1,Ada\n2\n")
    write(tmp_path, "2.csv", "name,city\nAlan,London\n")
    write(tmp_path, "3.jsonl", '{"id": 4, "name": ["Grace", "Hopper"]}\n')
    sources, rejected, _ = read(f"crm={tmp_path}")
    assert sources[0].name == "crm"
    assert sources[0].table.to_pylist() == [
        {"id": "1", "name": ["Ada"], "city": None},
        {"id": None, "name": ["Alan"], "city": "London"},
        {"id": "4", "name": ["Grace", "Hopper"], "city": None},
    ]
    assert sources[0].line is not None
    assert sources[0].line.tolist() == [1, 3, 4]
    assert [(row.row, row.raw) for row in rejected] == [(2, "2")]


def test_a_folder_named_like_a_file_is_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "customers.parquet"
    folder.mkdir()
    for part in (1, 2):
        pq.write_table(pa.table({"id": [part]}), folder / f"part-{part}.snappy.parquet")
    sources, _, _ = read(folder)
    assert [(source.name, source.table.num_rows) for source in sources] == [("customers", 2)]


def test_one_name_given_twice_is_one_source_and_two_stems_alike_are_refused(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "crm.csv", f"id\n{folder}\n")
    first, second = tmp_path / "x" / "crm.csv", tmp_path / "y" / "crm.csv"
    sources, _, _ = read(f"crm={second}", f"crm={first}")
    assert [row["id"] for row in sources[0].table.to_pylist()] == ["x", "y"]
    with pytest.raises(SourceError, match="NAME=PATH"):
        read(first, second)
    with pytest.raises(SourceError, match="NAME=PATH"):
        read(first, f"crm={second}")
    assert read(first, first)[0][0].table.num_rows == 1  # the same file named twice is read once


def test_paths_with_odd_letters_are_taken_as_they_are(tmp_path: Path) -> None:
    for name in ("a=b.csv", "it's.csv", "br[1].csv", "st*r.csv", "sp ace.csv", 'quo"te.csv'):
        assert rows(write(tmp_path, name, "id\n1\n")) == [{"id": "1"}]
    pq.write_table(pa.table({"id": [1]}), tmp_path / "br[2].parquet")
    assert rows(tmp_path / "br[2].parquet") == [{"id": "1"}]


def test_the_number_of_workers_does_not_change_what_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "crm.csv", "id,name\n" + "".join(f'{i},"n{i}"\n' for i in range(50_000)))
    one, many = (read_sources([path], workers=workers)[0][0] for workers in (1, 4))
    assert one.table.equals(many.table)


def test_a_bare_input_need_not_stand_in_a_list(tmp_path: Path) -> None:
    path = write(tmp_path, "crm.csv", "id\n1\n")
    for bare in (str(path), path, {"crm": path}):
        sources, _, _ = read_sources(bare, workers=1)  # type: ignore[arg-type]
        assert sources[0].name == "crm"


@pytest.mark.parametrize(("open_", "close"), [('{"a":', "}"), ("[", "]")])
@pytest.mark.parametrize("levels", [101, 128, 3000, 100_000])
def test_a_row_nested_too_deep_is_rejected_and_the_others_are_read(
    tmp_path: Path, open_: str, close: str, levels: int
) -> None:
    deep = '{"id": "2", "x": ' + open_ * levels + "1" + close * levels + "}"
    brackets = '{"id": "3", "x": "' + "[{" * 500 + '", "y": [' + '["z"],' * 200 + '["z"]]}'
    path = tmp_path / "deep.jsonl"
    path.write_text('{"id": "1", "x": null}\n' + deep + "\n" + brackets + "\n")
    (source,), (bad,), warnings = read_sources([path], workers=1)
    assert source.table["id"].to_pylist() == ["1", "3"]
    assert (bad.row, bad.raw) == (2, deep)
    assert "levels" in bad.detail
    assert len(warnings) == 1
    first = tmp_path / "first.jsonl"
    first.write_text(deep + '\n{"id": "1"}\n')
    (source,), (bad,), _ = read_sources([first], workers=1)
    assert (source.table["id"].to_pylist(), bad.row) == (["1"], 1)


def test_json_of_nothing_but_rows_nested_too_deep_is_refused_without_its_values(tmp_path: Path) -> None:
    for name, text in {"a.jsonl": "[" * 3000 + "]" * 3000, "a.json": "[" * 3000 + "1"}.items():
        path = tmp_path / name
        path.write_text('{"id": "2", "x": ' + text + "}\n")
        with pytest.raises(SourceError) as caught:
            read_sources([path], workers=1)
        assert "[[[" not in str(caught.value)


def test_tables_with_text_that_is_none_are_read_or_refused_in_one_line() -> None:
    half = pd.DataFrame({"id": [1, 2], "name": pd.Series(["Ad\ud800a", "Bob"], dtype=object)})
    ((source,), _, _) = read_sources([{"crm": half}], workers=1)
    assert source.table["name"].to_pylist() == ["Ad?a", "Bob"]
    offsets, data = pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")
    broken = pa.table({"name": pa.Array.from_buffers(pa.string(), 1, [None, offsets, data])})
    for table, reason in ((broken, "cannot be read as text"), (pa.table({}), "no columns")):
        with pytest.raises(SourceError, match=reason):
            read_sources([{"crm": table}], workers=1)


PIECES = st.sampled_from([b"a", "é".encode(), "王".encode(), "😀".encode(), b"", b"\xc3", b"\xa9", b"\xff"])


@given(st.lists(st.none() | st.lists(PIECES, max_size=3).map(b"".join), max_size=6), st.integers(0, 2))
@example(["é".encode(), b"\xc3", b"\xa9"], 0)
def test_texts_of_parquet_are_sound_where_each_row_is(cells: list[bytes | None], first: int) -> None:
    made = pa.array(cells, pa.binary())
    valid, offsets, data = made.buffers()
    texts = pa.StringArray.from_buffers(len(made), offsets, data, valid).slice(first)

    def sound(check: Callable[[], None]) -> bool:
        try:
            check()
        except pa.ArrowInvalid:
            return False
        return True

    assert sound(lambda: parquet._validate(texts)) == sound(lambda: texts.validate(full=True))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "wrap", [lambda rows: {"data": rows, "total": 2}, lambda rows: {"a": {"customers": rows}}]
)
def test_an_object_around_all_records_is_refused_with_what_to_give(
    wrap: Callable[[list[dict[str, str]]], object], indent: int | None, tmp_path: Path
) -> None:
    rows = [{"id": "1", "email": "a@x.org"}, {"id": "2", "email": "b@x.org"}]
    file = tmp_path / "crm.json"
    file.write_text(json.dumps(wrap(rows), indent=indent))
    with pytest.raises(SourceError, match=r"one object with 2 under .*a JSON array"):
        read_sources([file], workers=1)
    file.write_text(json.dumps(rows, indent=indent))
    assert read_sources([file], workers=1)[0][0].table.num_rows == 2
    file.write_text(json.dumps({**rows[0], "orders": [{"n": 1}, {"n": 2}]}, indent=indent))
    assert read_sources([file], workers=1)[0][0].table.num_rows == 1


def test_folders_that_name_partitions_are_told(tmp_path: Path) -> None:
    for year in (2023, 2024):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        pq.write_table(pa.table({"id": [str(year)]}), folder / "part.parquet")
    sources, _, warnings = read_sources([{"crm": str(tmp_path / "*" / "*.parquet")}], workers=1)
    assert [source.table.num_rows for source in sources] == [2]
    assert any("year=2024" in warning for warning in warnings)
