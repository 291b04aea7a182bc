"""What Arrow reads of sound files is what DuckDB reads of them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.engines.delimited import read_delimited
from cxm_sdk.engines.dialect import detect
from cxm_sdk.engines.jsonlines import read_json
from cxm_sdk.engines.portions import open_connection
from cxm_sdk.engines.sound import sound_delimited, sound_json

CONNECTION = open_connection(1)
LETTERS = st.sampled_from(
    ["a", "B", "é", "1", "0", ".", '"', '""', ",", ";", " ", "\n", "\r", "\r\n", "'", "\\", "\0"]
)
CELLS = st.one_of(
    st.sampled_from(["", "Ada", '""', '"a,b"', '"a""b"', '"a\nb"', "José", "007"]),
    st.lists(LETTERS, max_size=4).map("".join),
)
VALUES = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.sampled_from([1, 1.0, True, ["a"], {"b": "c"}, "[", ": 1.0,", "{", "\ud800"]),
)
OBJECTS = st.dictionaries(st.sampled_from(["id", "name", "Name", "é"]), VALUES, max_size=3)


def both_delimited(content: bytes) -> tuple[pa.Table | None, pa.Table]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "crm.csv"
        path.write_bytes(content)
        dialect = detect(path, lambda name: name in ("id", "name"))
        return sound_delimited(path, dialect), read_delimited(CONNECTION, path, dialect).table


def both_json(content: bytes) -> tuple[pa.Table | None, pa.Table]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "web.jsonl"
        path.write_bytes(content)
        sound = sound_json(path)
        return sound, read_json(CONNECTION, path).table if sound is not None else pa.table({})


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(["", "\ufeff"]),
)
def test_delimited_text_is_read_alike(
    rows: list[list[str]], separator: str, end: str, ended: bool, mark: str
) -> None:
    lines = [separator.join(cells) for cells in [["id", "name"], ["1", "Ada"], *rows]]
    sound, known = both_delimited((mark + end.join(lines) + (end if ended else "")).encode())
    assert sound is None or sound.to_pydict() == known.to_pydict()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end"])
def test_sound_delimited_text_is_read_by_arrow(end: str, last: str) -> None:
    rows = ["id,name", '1,"King, Ada"', '2,""', "3,", '4,"a ""b"" c"', '"",José', '6,""""']
    sound, known = both_delimited((end.join(rows) + (end if last else "")).encode())
    assert sound is not None
    assert sound.to_pydict() == known.to_pydict()
    assert sound.schema == known.schema


@pytest.mark.parametrize(
    "row",
    [
        '2,a"b',
        '2, "b"',
        '2,"b" ',
        "2",
        "2,b,c",
        "",
        '2,"b\nc"',
        "2,b\rc",
        "2,b\0",
        '2,"b',
        "2,\xff",
        '2,"b"c"',
    ],
)
def test_what_is_not_sound_is_left_to_duckdb(row: str) -> None:
    sound, _ = both_delimited(f"id,name\n1,Ada\n{row}\n3,Bob\n".encode("latin-1"))
    assert sound is None


@given(st.lists(OBJECTS, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_json_lines_are_read_alike(objects: list[dict[str, object]], plain: bool, ended: bool) -> None:
    lines = [json.dumps({"id": str(n)} | said, ensure_ascii=plain) for n, said in enumerate(objects)]
    content = "\n".join(lines) + ("\n" if ended else "")
    sound, known = both_json(content.encode("utf-8", "surrogatepass"))
    assert sound is None or sound.to_pydict() == known.to_pydict()


def test_sound_json_lines_are_read_by_arrow() -> None:
    sound, known = both_json(
        b'{"name": null, "id": "1"}\n{"id": "2", "name": "Jos\\u00e9 \\"x\\" \\ud83d\\ude00"}\n'
    )
    assert sound is not None
    assert sound.to_pydict() == known.to_pydict()
    assert sound.schema == known.schema


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1}', '{"id": "1", "id": "2"}', '{"id": "1", "more": "x"}', "", '{"id": "1"} {"id": "2"}',
        '{"id": ["1"]}', '{"id": {"a": "1"}}', '{"id": "a: 1.0, b"}', '{"id": true}', '{"id": "\xff"}', '{"id": "1"',
    ],
)  # fmt: skip
def test_other_json_lines_are_left_to_duckdb(line: str, tmp_path: Path) -> None:
    path = tmp_path / "web.jsonl"
    head = '{"id": "0"}\n' * 600  # more than are looked at for their keys
    path.write_bytes((head + line + '\n{"id": "3"}\n').encode("latin-1"))
    assert sound_json(path) is None
