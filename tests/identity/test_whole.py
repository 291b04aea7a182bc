"""Files that are written whole or not at all, and folders that are nobody else's."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import cxm_sdk
from cxm_sdk.errors import InputError
from cxm_sdk.identity.whole import write_whole

PEOPLE = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    for text in ("ä first", "then"):
        write_whole(tmp_path / "file", text)
        assert (tmp_path / "file").read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("text", ["new", "\ud800"])
def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, text: str) -> None:
    target = tmp_path / "file"
    if text == "new":
        target.mkdir()  # a folder is not replaced by a file
    else:
        target.write_text("old")
    with pytest.raises((OSError, UnicodeEncodeError)):
        write_whole(target, text)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_of_something_else_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(InputError, match="earlier result"):
        cxm_sdk.resolve("none.csv", output=tmp_path)
    assert (tmp_path / "note.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"threshold": "0.5"}, "threshold above 0 and below 1"),
        ({"threshold": float("nan")}, "threshold above 0 and below 1"),
        ({"id_column": ["id"]}, "name of one column"),
        ({"model": {}}, "MatchModel"),
    ],
)
def test_arguments_of_another_type_are_told(arguments: dict[str, object], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        cxm_sdk.resolve({"crm": PEOPLE}, **arguments)  # type: ignore[arg-type]


def test_ids_that_are_numbers_find_their_records() -> None:
    result = cxm_sdk.resolve({"crm": PEOPLE}, ignore=None)  # type: ignore[arg-type]
    assert result.explain(1, 2).linked is False  # type: ignore[arg-type]


def test_a_result_a_model_and_a_graph_show_what_they_are_and_nobody_s_values() -> None:
    result = cxm_sdk.resolve({"crm": PEOPLE})
    assert repr(result) == "Resolution(records=2, profiles=2, links=0)"
    assert "first_name" in repr(result.model)
    assert "Ada" not in repr(result) + repr(result.model)
    with cxm_sdk.ProfileGraph(":memory:") as graph:
        assert repr(graph) == "ProfileGraph(':memory:')"
