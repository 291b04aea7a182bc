"""A result folder is whole or not there, comes back as it was, and nothing that is no result is touched."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxm_sdk import Resolution, resolve
from cxm_sdk.errors import InputError, ResultError
from cxm_sdk.identity.resolution import inputs_of
from cxm_sdk.testing import synthetic

FILES = {
    "assignments.parquet",
    "links.parquet",
    "profiles.parquet",
    "model.json",
    "summary.json",
    "rejected.jsonl",
}
PEOPLE = {
    "id": ["1", "2", "3", "1"],
    "first_name": ["Ada", "Ada", "Bob", "Zoë"],
    "email": ["ada@example.org", "ADA@example.org", "bob@example.org", "zoe@example.org"],
}


@pytest.fixture(scope="module")
def small() -> Resolution:
    """A result with a rejected row."""
    result = resolve({"crm": pa.table(PEOPLE)}, id_column="id")
    assert len(result.rejected) == 1
    return result


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_result_comes_back_as_it_was(small: Resolution, tmp_path: Path) -> None:
    small.save(tmp_path / "out")
    loaded = Resolution.load(tmp_path / "out")
    for name in ("assignments", "links", "profiles"):
        assert getattr(loaded, name).to_pylist() == getattr(small, name).to_pylist()
    assert (loaded.model, loaded.rejected) == (small.model, small.rejected)
    assert loaded.summary == json.loads(json.dumps(small.summary))
    loaded.save(tmp_path / "again")
    first, again = content(tmp_path / "out"), content(tmp_path / "again")
    for name in ("assignments.parquet", "model.json", "summary.json", "rejected.jsonl"):
        assert first[name] == again[name]


def test_names_of_sources_are_written_once_and_not_for_every_profile(
    small: Resolution, tmp_path: Path
) -> None:
    small.save(tmp_path / "out")
    group = pq.read_metadata(tmp_path / "out" / "profiles.parquet").row_group(0)
    columns = {column.path_in_schema: column for column in map(group.column, range(group.num_columns))}
    assert columns["sources.list.element"].has_dictionary_page
    assert not columns["profile_id"].has_dictionary_page


def test_a_folder_is_made_with_its_parents_and_holds_nothing_else(small: Resolution, tmp_path: Path) -> None:
    small.save(tmp_path / "deep" / "er" / "out")
    assert set(content(tmp_path / "deep" / "er" / "out")) == FILES
    assert [entry.name for entry in (tmp_path / "deep" / "er").iterdir()] == ["out"]


def test_an_empty_folder_and_an_earlier_result_are_replaced(
    small: Resolution, resolved: Resolution, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    resolved.save(tmp_path / "out")
    before = content(tmp_path / "out")
    small.save(tmp_path / "out")
    assert content(tmp_path / "out").keys() == before.keys()
    assert Resolution.load(tmp_path / "out").assignments.num_rows == 3


@pytest.mark.parametrize("held", [["notes.txt"], ["summary.json", "thesis.docx"], ["assignments.parquet"]])
def test_a_folder_that_holds_anything_else_is_refused_and_left_alone(
    small: Resolution, tmp_path: Path, held: list[str]
) -> None:
    (tmp_path / "mine").mkdir()
    for name in held:
        (tmp_path / "mine" / name).write_text("precious")
    with pytest.raises(InputError, match="mine"):
        small.save(tmp_path / "mine")
    assert content(tmp_path / "mine") == dict.fromkeys(held, b"precious")
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_a_file_of_that_name_is_refused_and_left_alone(small: Resolution, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    with pytest.raises(InputError, match="out"):
        small.save(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "precious"


Work = Callable[[Any], Any]


@pytest.mark.parametrize("after", [0, 1, 2, 3])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_failure_while_writing_leaves_what_was_there_before(
    small: Resolution, tmp_path: Path, after: int, failure: BaseException, earlier: bool
) -> None:
    def failing(work: Work, items: Iterable[Any]) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == after:
                raise failure
            yield work(item)

    if earlier:
        small.save(tmp_path / "out")
    before = {entry.name: content(entry) for entry in tmp_path.iterdir()}
    with pytest.raises(type(failure)):
        small.save(tmp_path / "out", failing)
    assert {entry.name: content(entry) for entry in tmp_path.iterdir()} == before


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("step", ["link_table", "golden_table", "summarise"])
def test_a_link_that_fails_behind_its_first_file_leaves_what_was_there_before(
    small: Resolution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, earlier: bool
) -> None:
    def failing(*_: object) -> None:
        raise MemoryError(step)

    if earlier:
        small.save(tmp_path / "out")
    before = {entry.name: content(entry) for entry in tmp_path.iterdir()}
    monkeypatch.setattr(f"cxm_sdk.identity.linkage.{step}", failing)
    with pytest.raises(MemoryError, match=step):
        resolve({"crm": pa.table(PEOPLE)}, id_column="id", output=tmp_path / "out")
    assert {entry.name: content(entry) for entry in tmp_path.iterdir()} == before


def test_what_a_link_writes_is_what_its_result_saves(tmp_path: Path) -> None:
    result = resolve({"crm": pa.table(PEOPLE)}, id_column="id", output=tmp_path / "linked")
    result.save(tmp_path / "saved")
    assert content(tmp_path / "linked") == content(tmp_path / "saved")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions bind ordinary POSIX users")
def test_a_folder_that_may_not_be_written_is_left_alone(small: Resolution, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        small.save(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_folder_has_the_permissions_of_any_new_folder(small: Resolution, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    small.save(tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "other").stat().st_mode


# ---------------------------------------------------------------------- folders that are no result


def test_no_folder_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(ResultError, match=folder.name):
            Resolution.load(folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(
    small: Resolution, tmp_path: Path, name: str
) -> None:
    small.save(tmp_path / "out")
    (tmp_path / "out" / name).unlink()
    with pytest.raises(ResultError, match=name):
        Resolution.load(tmp_path / "out")


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("broken", [b"nonsense", b"\xff\xfe\x00", b"[]\n", b'{"a": "secret@example.org"'])
def test_a_broken_file_is_told_by_its_name_without_what_is_in_it(
    small: Resolution, tmp_path: Path, name: str, broken: bytes
) -> None:
    small.save(tmp_path / "out")
    (tmp_path / "out" / name).write_bytes(broken)
    with pytest.raises(ResultError, match=name) as raised:
        Resolution.load(tmp_path / "out")
    assert "secret" not in str(raised.value)


def test_a_cut_off_table_is_refused(small: Resolution, tmp_path: Path) -> None:
    small.save(tmp_path / "out")
    file = tmp_path / "out" / "links.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ResultError, match=r"links\.parquet"):
        Resolution.load(tmp_path / "out")


def test_an_empty_list_of_rejected_rows_is_an_empty_file(resolved: Resolution, tmp_path: Path) -> None:
    resolved.save(tmp_path / "out")
    assert (tmp_path / "out" / "rejected.jsonl").read_bytes() == b""
    assert Resolution.load(tmp_path / "out").rejected == []


# ---------------------------------------------------------------------- what the inputs were


def test_inputs_are_remembered_as_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert inputs_of(["a.csv", Path("b.csv"), "shop=c.csv"]) == [
        str(tmp_path / "a.csv"),
        str(tmp_path / "b.csv"),
        f"shop={tmp_path / 'c.csv'}",
    ]
    (tmp_path / "x=y.csv").write_text("id\n1\n")
    assert inputs_of(["x=y.csv"]) == [str(tmp_path / "x=y.csv")]
    assert inputs_of(["a.csv", pa.table({"a": ["1"]})]) is None


def test_files_are_found_again_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table(PEOPLE).slice(0, 3), "crm.parquet")
    resolve("crm.parquet", output="out")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert Resolution.load(tmp_path / "out").explain("1", "2").terms


@pytest.mark.parametrize("failing", ["first", "second"])
def test_the_earlier_result_stands_until_the_new_one_does(
    small: Resolution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    small.save(tmp_path / "out")
    before = content(tmp_path / "out")
    rename, calls = Path.rename, list[Path]()

    def renamed(path: Path, to: Path) -> Path:
        calls.append(path)
        if len(calls) == (1 if failing == "first" else 2):
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(KeyboardInterrupt):
        small.save(tmp_path / "out")
    assert content(tmp_path / "out") == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_to_a_result_still_leads_to_it(small: Resolution, tmp_path: Path) -> None:
    small.save(tmp_path / "monday")
    (tmp_path / "latest").symlink_to(tmp_path / "monday")
    small.save(tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink()
    assert set(content(tmp_path / "monday")) == FILES


def test_a_rejected_row_is_one_line_for_every_reader(tmp_path: Path) -> None:
    row = "Ada\x85\u2028\u2029\x0b\x0c\x1c\n\r end"
    same = {"id": ["1", "1"], "first_name": [row, "Bob"], "email": ["a@example.org", "b@example.org"]}
    resolve({"crm": pa.table(same)}, id_column="id").save(tmp_path / "out")
    text = (tmp_path / "out" / "rejected.jsonl").read_bytes().decode("utf-8")
    (line,) = text.splitlines()
    raw = json.loads(line)["raw"]
    assert json.loads(raw)["first_name"] in (row, "Bob")
    assert Resolution.load(tmp_path / "out").rejected[0].raw == raw


# ---------------------------------------------------------------------- one profile as a graph


def test_a_profile_is_a_graph_of_its_records_and_links(resolved: Resolution, tmp_path: Path) -> None:
    resolved.save(tmp_path / "out")
    for result in (resolved, Resolution.load(tmp_path / "out")):
        held = result.assignments.to_pylist()
        for profile in {row["profile_id"] for row in held[::40]}:
            graph = result.to_networkx(profile)
            assert graph.name == profile
            own = {(row["source"], row["record_id"]): row for row in held if row["profile_id"] == profile}
            assert set(graph.nodes) == set(own)
            assert all(graph.nodes[node]["confidence"] == row["confidence"] for node, row in own.items())
            links = [
                link
                for link in result.links.to_pylist()
                if {(link[f"source_{side}"], link[f"record_id_{side}"]) for side in "lr"} <= set(own)
            ]
            assert graph.number_of_edges() == len(links)
            for link in links:
                ends = [(link[f"source_{side}"], link[f"record_id_{side}"]) for side in "lr"]
                facts = graph.edges[ends]
                assert facts == {name: link[name] for name in facts}
                assert set(facts) >= {"match_weight", "match_probability", "rule", "kept"}


def test_a_profile_that_is_not_there_has_no_graph(resolved: Resolution) -> None:
    with pytest.raises(ResultError, match="p123"):
        resolved.to_networkx("p123")


def test_a_report_shows_counts_and_nothing_of_any_customer(tmp_path: Path) -> None:
    made = synthetic.generate(1500, 3)
    odd = pa.table(
        {"id": ["1", "1"], "<b>name</b>": ["Zebulon Quill", "Zoe Quill"], "e-mail": ["z@q.org"] * 2}
    )
    result = resolve(
        {**made.sources, "odd <i>": odd}, map={"full_name": "<b>name</b>", "record_id": "odd <i>.id"}
    )
    result.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"<b>{len(result.profiles):,}</b>profiles" in page
    assert "duplicate record id" in page
    assert "<i>" not in page
    assert "odd &lt;i&gt;" in page
    assert not re.search(r"(src|href)=|https?:|<script", page)
    text = unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL))
    words = set(re.findall(r"[^\s,]{4,}", text))
    told = [result.assignments["record_id"], result.assignments["profile_id"].cast(pa.string())]
    told += [result.profiles[name].cast(pa.string()) for name in ("email", "phone", "last_name", "postcode")]
    held = {value for column in told for value in column.to_pylist() if value and len(value) > 4}
    assert words & held == set()


def test_a_report_of_a_result_without_links_is_a_page(tmp_path: Path) -> None:
    table = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
    resolve({"crm": table}).report(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").endswith("</html>\n")
