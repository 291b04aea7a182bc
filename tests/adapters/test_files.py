"""Files of payloads are read piece by piece, and what is broken is named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cxm_sdk import SourceError
from cxm_sdk.adapters import files
from cxm_sdk.adapters.files import pieces


def read(path: Path) -> list[object]:
    return [piece.payload for piece in pieces(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_and_json_lines_are_told_apart(tmp_path: Path, encoding: str) -> None:
    one, lines, array = ({"a": "ä", "n": 2**60}, '{"a": 1}\n\n{"a": 2}\n', '[{"a": 1},\n {"a": 2}]')
    for name, text, wanted in (
        ("one.json", json.dumps(one, indent=1), [one]),
        ("lines.jsonl", lines, [{"a": 1}, {"a": 2}]),
        ("array.json", array, [[{"a": 1}, {"a": 2}]]),
    ):
        (tmp_path / name).write_text(text, encoding=encoding)
        assert read(tmp_path / name) == wanted


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    assert read(tmp_path / "a.jsonl.gz") == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_tables_are_read_with_their_mark(tmp_path: Path, mark: str) -> None:
    (tmp_path / "t.csv").write_text(f'id{mark}note\n007{mark}"a{mark}b\nc"\n')
    assert read(tmp_path / "t.csv") == [[{"id": "007", "note": f"a{mark}b\nc"}]]


def test_xml_becomes_what_json_would_hold(tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_text(
        '<n:a xmlns:n="urn:n" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<n:b k="1">x</n:b><n:c>1</n:c><n:c>2</n:c><n:d xsi:nil="true"/></n:a>'
    )
    assert read(tmp_path / "m.xml") == [{"a": {"b": {"@k": "1", "#text": "x"}, "c": ["1", "2"], "d": None}}]


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_text('<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>')
    with pytest.raises(SourceError, match="without a document type"):
        read(tmp_path / "m.xml")


def test_a_broken_line_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n{"a": secret@example.com\n{"a": 2}\n')
    found = list(pieces(tmp_path / "b.jsonl"))
    assert [(piece.where, piece.payload) for piece in found] == [(1, {"a": 1}), (2, None), (3, {"a": 2})]
    assert found[1].error is not None
    assert "secret" not in found[1].error


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"\x80abc"])
def test_what_is_no_text_or_nothing_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SourceError):
        read(tmp_path / "x.json")


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_long_file_is_read_item_by_item(
    tmp_path: Path, wrapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 10_000)
    items = [{"id": 2**60 + n, "price": 1.5, "who": {"email": f"a{n}@example.com"}} for n in range(1200)]
    long = {"meta": {"page": {"n": 1}}, "data": {"results": items}} if wrapped else items
    (tmp_path / "l.json").write_text(json.dumps(long))
    found = list(pieces(tmp_path / "l.json"))
    assert [piece.where for piece in found] == [1, 501, 1001]
    rows = [
        row for piece in found for row in (piece.payload["data"]["results"] if wrapped else piece.payload)
    ]
    assert rows == items


def test_a_long_file_that_breaks_off_gives_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 10_000)
    (tmp_path / "l.json").write_text(json.dumps([{"id": n, "x": "y" * 20} for n in range(1200)])[:-500])
    found = pieces(tmp_path / "l.json")
    assert len(next(found).payload) == len(next(found).payload) == 500
    with pytest.raises(SourceError, match="from some place on"):
        next(found)
