"""Whatever comes in, rows in = rows assigned + rows rejected, or one clear line; never a traceback nor a value."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cxm_sdk
from cxm_sdk import GraphConfig, InputError, ModelError, ProfileGraph, SourceError, StoreError, resolve
from cxm_sdk.cli.commands import app
from cxm_sdk.identity.model import Level
from cxm_sdk.identity.namespaces import Namespace
from cxm_sdk.testing import synthetic

#: Stands in the values of every input here, and may stand in nothing that is printed.
SECRET = "Quillfeather"
MAIL = f"{SECRET.lower()}@example.org"
HEADER = "id,first_name,last_name,email\n"
GOOD = f"{HEADER}1,Ada,{SECRET},{MAIL}\n2,Bob,Byron,bob@example.org\n3,Cyd,Charisse,cyd@example.org\n"


@dataclass
class Outcome:
    """What a run of the command left behind."""

    code: int
    stdout: str
    stderr: str
    summary: dict[str, Any]
    assignments: list[dict[str, Any]]
    rejected: list[dict[str, Any]]

    @property
    def reasons(self) -> list[str]:
        return [row["reason"] for row in self.rejected]


def resolved(
    folder: Path, *arguments: str | Path, rows: int | None = None, expect: int | None = None
) -> Outcome:
    """Runs ``cxm resolve`` and checks what must hold for any input.

    Args:
        folder: Where the result goes.
        arguments: Inputs and options.
        rows: Rows of the inputs, where they are used at all.
        expect: The exit code, if it matters.
    """
    out = folder / "out"
    run = CliRunner().invoke(app, ["resolve", *(str(item) for item in arguments), "--output", str(out)])
    assert run.exception is None or isinstance(run.exception, SystemExit), repr(run.exception)
    assert run.exit_code in (0, 1, 2), run.output
    assert "Traceback" not in run.output
    assert SECRET.lower() not in run.output.lower()
    if expect is not None:
        assert run.exit_code == expect, run.output
    if run.exit_code == 2:
        assert run.stderr.startswith("error["), run.stderr
        assert run.stderr.count("\n") == 1
        assert run.stdout == ""
        assert not out.exists()
        return Outcome(2, run.stdout, run.stderr, {}, [], [])
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert SECRET.lower() not in json.dumps(summary).lower()
    assignments = pq.read_table(out / "assignments.parquet").to_pylist()
    with (out / "rejected.jsonl").open(encoding="utf-8") as lines:
        rejected = [json.loads(line) for line in lines]
    assert summary["records"] == len(assignments)
    assert summary["rejected"] == len(rejected)
    assert summary["rows"] == len(assignments) + len(rejected)
    assert run.exit_code == (1 if rejected else 0)
    assert len({(row["source"], row["record_id"]) for row in assignments}) == len(assignments)
    assert all(row["profile_id"] and 0 <= row["confidence"] <= 1 for row in assignments)
    assert all(row["reason"] and row["detail"] and SECRET not in row["detail"] for row in rejected)
    if rows is not None:
        assert summary["rows"] == rows
    return Outcome(run.exit_code, run.stdout, run.stderr, summary, assignments, rejected)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def parquet(folder: Path, name: str, table: pa.Table) -> Path:
    pq.write_table(table, folder / name)
    return folder / name


# ---------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    "name", ["none.csv", "none.parquet", "none.jsonl", "none/*.csv", "shop=none.csv", ""]
)
def test_a_missing_file_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolved(tmp_path, name, expect=2).stderr.startswith("error[source]")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.csv.gz", "a.txt", "a.xlsx"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x00\x00", b"\xff\xfe", b" "])
def test_a_file_of_nothing_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    assert resolved(tmp_path, written(tmp_path, name, content), expect=2).stderr.startswith("error[")


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz", "a.jsonl"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, f"PK\x03\x04 {SECRET} {MAIL} not what it says\n" * 20)
    resolved(tmp_path, path, expect=2)


def test_a_cut_off_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = parquet(tmp_path, "whole.parquet", pa.table({"email": [MAIL] * 50})).read_bytes()
    assert "error[source]" in resolved(tmp_path, written(tmp_path, "a.parquet", whole[:-30]), expect=2).stderr


def test_a_cut_off_gzip_file_is_refused_or_its_rows_are_counted(tmp_path: Path) -> None:
    lines = "".join(f"{number},Ada,{SECRET},a{number}@example.org\n" for number in range(5000))
    resolved(tmp_path, written(tmp_path, "a.csv.gz", gzip.compress((HEADER + lines).encode())[:-500]))


def test_columns_that_say_nothing_of_a_person_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", f"colour,size\n{SECRET},12\nblue,14\nred,11\n")
    told = resolved(tmp_path, path, expect=2)
    assert told.stderr.startswith("error[column]")
    assert "--map" in told.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--map", "email=none"],
        ["--map", "email=other.email"],
        ["--map", "shoe_size=email"],
        ["--id-column", "none"],
        ["--ignore", "none"],
        ["--threshold", "0"],
        ["--threshold", "1"],
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path: Path, options: list[str]) -> None:
    resolved(tmp_path, written(tmp_path, "a.csv", GOOD), *options, expect=2)


def test_two_sources_of_one_name_are_told_apart_or_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, "crm.csv", GOOD)
    resolved(tmp_path, tmp_path / "one" / "crm.csv", tmp_path / "two" / "crm.csv", rows=6)


def test_the_same_file_given_twice_loses_no_row(tmp_path: Path) -> None:
    path = written(tmp_path, "crm.csv", GOOD)
    resolved(tmp_path, path, path)


# ---------------------------------------------------------------------- a model for other columns


def test_a_model_made_for_other_columns_is_refused(tmp_path: Path) -> None:
    crm = (
        synthetic.generate(300, 1)
        .sources["crm"]
        .select(["customer_id", "first_name", "last_name", "email", "mobile"])
    )
    path = parquet(tmp_path, "a.parquet", crm)
    trained = CliRunner().invoke(
        app, ["train", str(path), "--output", str(tmp_path / "model.json"), "--quiet"]
    )
    assert trained.exit_code == 0, trained.output
    for column in ("first_name", "email", "mobile"):
        other = parquet(tmp_path, "b.parquet", crm.drop([column]))
        told = resolved(tmp_path, other, "--model", tmp_path / "model.json", expect=2)
        assert told.stderr.startswith("error[model]")
        assert column.replace("mobile", "phone") in told.stderr
    resolved(tmp_path, path, "--model", tmp_path / "model.json", rows=crm.num_rows, expect=0)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"nonsense", b"\xff\xfe", b'{"version": 2}'])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    model = written(tmp_path, "model.json", content)
    told = resolved(tmp_path, written(tmp_path, "a.csv", GOOD), "--model", model, expect=2)
    assert told.stderr.startswith("error[model]")
    assert (
        "error[model]"
        in resolved(tmp_path, tmp_path / "a.csv", "--model", tmp_path / "none", expect=2).stderr
    )


# ---------------------------------------------------------------------- few rows and few columns


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz"])
def test_a_header_beside_a_good_file_is_no_row(tmp_path: Path, name: str) -> None:
    header = HEADER.replace(",", "\t") if name == "a.tsv" else HEADER
    content = gzip.compress(header.encode()) if name.endswith("gz") else header.encode()
    told = resolved(
        tmp_path, written(tmp_path, name, content), written(tmp_path, "good.csv", GOOD), rows=3, expect=0
    )
    assert {row["source"] for row in told.assignments} == {"good"}


def test_a_header_alone_is_an_empty_result_or_refused(tmp_path: Path) -> None:
    resolved(tmp_path, written(tmp_path, "a.csv", HEADER), rows=0)


def test_a_parquet_file_without_rows_is_an_empty_result_or_refused(tmp_path: Path) -> None:
    resolved(tmp_path, parquet(tmp_path, "a.parquet", pa.table({"email": pa.array([], pa.string())})), rows=0)


@pytest.mark.parametrize("rows", [1, 2])
def test_one_row_is_one_profile(tmp_path: Path, rows: int) -> None:
    path = written(tmp_path, "a.csv", HEADER + "".join(GOOD.splitlines(keepends=True)[1 : 1 + rows]))
    told = resolved(tmp_path, path, rows=rows, expect=0)
    assert len({row["profile_id"] for row in told.assignments}) == rows


@pytest.mark.parametrize("values", [[MAIL, "bob@example.org", MAIL.upper()], [MAIL]])
def test_one_column_is_enough(tmp_path: Path, values: list[str]) -> None:
    path = written(tmp_path, "a.csv", "email\n" + "".join(f"{value}\n" for value in values))
    resolved(tmp_path, path, rows=len(values), expect=0)


def test_equal_rows_are_rows_too(tmp_path: Path) -> None:
    resolved(tmp_path, written(tmp_path, "a.csv", "first_name,email\n" + f"{SECRET},{MAIL}\n" * 12), rows=12)


def test_columns_without_a_value_are_no_obstacle(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", f"id,email,phone,birth_date,city\n1,{MAIL},,,\n2,bob@example.org,,,\n")
    resolved(tmp_path, path, rows=2, expect=0)
    table = pa.table(
        {"id": ["1", "2"], "email": [MAIL, None], "phone": pa.nulls(2), "city": pa.nulls(2, pa.int64())}
    )
    resolved(tmp_path / "b", parquet(tmp_path, "b.parquet", table), rows=2, expect=0)


def test_nothing_but_nulls_is_told_in_one_line_or_kept_apart(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,email,last_name\n1,,\n2,,\n3,n/a,null\n")
    told = resolved(tmp_path, path, rows=3)
    assert len({row["profile_id"] for row in told.assignments}) == len(told.assignments)


def test_rows_of_blanks_are_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", GOOD + ",,,\n4,,,\n,,,\n")
    resolved(tmp_path, path, rows=6)


# ---------------------------------------------------------------------- ids and headers that stand twice


def test_a_record_id_that_stands_twice_is_kept_once(tmp_path: Path) -> None:
    rows = "".join(f"{number},Ada{number},Byron,a{number}@example.org\n" for number in range(60))
    path = written(
        tmp_path, "a.csv", HEADER + rows + f"7,Zoe,{SECRET},{MAIL}\n7,Zed,{SECRET},zed@example.org\n"
    )
    told = resolved(tmp_path, path, "--id-column", "id", rows=62, expect=1)
    assert told.reasons == ["duplicate_record_id"] * 2
    assert any(SECRET in row["raw"] for row in told.rejected)


def test_rows_without_an_id_are_records(tmp_path: Path) -> None:
    rows = "".join(f"{number},Ada{number},Byron,a{number}@example.org\n" for number in range(60))
    path = written(
        tmp_path, "a.csv", HEADER + rows + f",Zoe,{SECRET},{MAIL}\n,Zed,{SECRET},zed@example.org\n"
    )
    told = resolved(tmp_path, path, "--id-column", "id", rows=62, expect=0)
    assert any("no record id" in warning for warning in told.summary["warnings"])


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_column_names_that_stand_twice_lose_no_row(tmp_path: Path, name: str) -> None:
    text = f"id,email,email,name,NAME\n1,{MAIL},b@example.org,Ada {SECRET},x\n2,c@example.org,d@example.org,Bob B,y\n"
    resolved(tmp_path, written(tmp_path, name, text.replace(",", "\t") if name == "a.tsv" else text), rows=2)


@pytest.mark.parametrize(
    "header",
    [
        'id,,email,"last name"\n',
        '"i""d",name?,e-mail address,"a,b"\n',
        "id,名前,メール,e\u0301\n",
        "1,2,3,4\n",
    ],
)
def test_strange_headers_lose_no_row(tmp_path: Path, header: str) -> None:
    resolved(tmp_path, written(tmp_path, "a.csv", header + "".join(GOOD.splitlines(keepends=True)[1:])))


def test_a_parquet_file_with_one_name_twice_is_used_or_refused(tmp_path: Path) -> None:
    table = pa.table([pa.array(["1", "2"]), pa.array([MAIL, "b@x.org"]), pa.array(["c@x.org", None])],
                     names=["id", "email", "email"])  # fmt: skip
    resolved(tmp_path, parquet(tmp_path, "a.parquet", table), rows=2)


# ---------------------------------------------------------------------- broken rows and odd text


def test_rows_with_too_many_or_too_few_cells_are_counted(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.csv", GOOD + f"4,{SECRET},too,many,cells\n5,few\n6,Dan,Dare,dan@example.org\n"
    )
    told = resolved(tmp_path, path, rows=6, expect=1)
    assert set(told.reasons) == {"malformed_row"}
    assert any(SECRET in (row["raw"] or "") for row in told.rejected)


def test_a_quote_that_never_ends_loses_no_row_in_silence(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", GOOD + f'4,"Dan,{SECRET},dan@example.org\n5,Eve,Ede,eve@example.org\n')
    told = resolved(tmp_path, path)
    assert told.code != 0 or told.summary["rows"] >= 4


@pytest.mark.parametrize(
    "line", ["nonsense", "[1, 2]", "17", '{"id": "4"', '{"id": "4", "email": }', '"text"']
)
def test_lines_that_are_no_json_object_are_counted(tmp_path: Path, line: str) -> None:
    good = [json.dumps({"id": str(n), "email": f"a{n}@example.org", "last_name": SECRET}) for n in range(3)]
    path = written(tmp_path, "a.jsonl", "\n".join([good[0], line, *good[1:]]) + "\n")
    told = resolved(tmp_path, path, rows=4, expect=1)
    assert len(told.assignments) == 3


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("latin-1"),
        lambda text: text.encode("cp1252"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode().replace(b"\n", b"\r\n"),
        lambda text: text.encode().replace(b"\n", b"\r"),
        lambda text: text.encode() + "4,Zo\xeb,B\xf6ll,z@example.org\n".encode("latin-1"),
    ],
    ids=["bom", "latin-1", "cp1252", "utf-16", "crlf", "cr", "two at once"],
)
def test_encodings_lose_no_row(tmp_path: Path, encode: Callable[[str], bytes]) -> None:
    text = GOOD + f"8,Zoë,Müller-{SECRET},zoe@example.org\n9,José,Muñoz,jose@example.org\n"
    content = encode(text)
    rows = 6 if b"B\xf6ll" in content else 5
    told = resolved(tmp_path, written(tmp_path, "a.csv", content), rows=rows)
    if told.code == 0:
        profiles = pq.read_table(tmp_path / "out" / "profiles.parquet")["first_name"].to_pylist()
        assert {"Zoë", "José", "Ada"} <= set(profiles)


def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path: Path) -> None:
    told = resolved(tmp_path, written(tmp_path, "a.csv", b"\xef\xbb\xbf" + GOOD.encode()), rows=3, expect=0)
    assert {row["record_id"] for row in told.assignments} == {"1", "2", "3"}


@pytest.mark.parametrize("where", ["cell", "header", "end"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_nul_bytes_lose_no_row(tmp_path: Path, where: str, name: str) -> None:
    if name == "a.jsonl":
        lines = [
            json.dumps({"id": str(n), "email": f"a{n}@example.org", "last_name": SECRET}) for n in range(3)
        ]
        text = "\n".join(lines) + "\n"
        changed = {
            "cell": text.replace(SECRET, f"Quill\x00{SECRET}", 1),
            "header": text.replace('"email"', '"em\x00ail"', 1),
            "end": text + "\x00",
        }[where]
        resolved(tmp_path, written(tmp_path, name, changed))
        return
    changed = {
        "cell": GOOD.replace("Byron", "By\x00ron"),
        "header": GOOD.replace("last_name", "last\x00name"),
        "end": GOOD + "\x00\x00",
    }[where]
    told = resolved(
        tmp_path, written(tmp_path, name, changed.replace(",", "\t") if name == "a.tsv" else changed)
    )
    assert told.code == 2 or told.summary["rows"] >= 3


def test_a_cell_of_a_megabyte_is_a_cell(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", GOOD + f"4,{SECRET * 90_000},Byron,d@example.org\n")
    resolved(tmp_path, path, rows=4)
    table = pa.table(
        {"id": ["1", "2"], "last_name": [SECRET * 90_000, "B"], "email": ["d@example.org", MAIL * 50_000]}
    )
    resolved(tmp_path / "b", parquet(tmp_path, "b.parquet", table), rows=2, expect=0)


SCRIPTS = {
    "Greek": ("Αλεξάνδρα", "Παπαδοπούλου"),
    "Cyrillic": ("Наталья", "Щербакова"),
    "Arabic": ("محمد", "الخوارزمي"),
    "Hebrew": ("שרה", "כהן"),
    "Chinese": ("小明", "王"),
    "Japanese": ("さくら", "髙橋"),
    "Korean": ("민준", "김"),
    "Thai": ("สมชาย", "ใจดี"),
    "Hindi": ("प्रिया", "शर्मा"),
    "emoji": ("👩‍🚀", "🚀"),
    "combining": ("Zoe\u0308", "Mu\u0308ller"),
    "right to left mark": ("\u200fAda\u200e", "Love\u00adlace"),
}


def test_people_of_every_script_are_found_again(tmp_path: Path) -> None:
    rows = [(f"{number}", first, last) for number, (first, last) in enumerate(SCRIPTS.values())]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", "first_name", "last_name", "email", "city"])
    for number, first, last in rows:
        writer.writerow([f"a{number}", first, last, f"{SECRET}{number}@example.org", last])
        writer.writerow([f"b{number}", first, last, f"{SECRET}{number}@example.org", last])
    told = resolved(tmp_path, written(tmp_path, "a.csv", file.getvalue()), rows=2 * len(rows), expect=0)
    profile = {row["record_id"]: row["profile_id"] for row in told.assignments}
    assert all(profile[f"a{number}"] == profile[f"b{number}"] for number, _, _ in rows)
    assert len(set(profile.values())) == len(rows)


# ---------------------------------------------------------------------- columns of lists and nested types


def test_a_column_of_lists_gives_every_value(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": ["1", "2", "3"],
            "last_name": [SECRET, SECRET, "Byron"],
            "emails": [["old@example.org", MAIL], [MAIL], None],
            "phones": [[], ["07700 900123", None, ""], ["07700 900456"] * 40],
        }
    )
    resolved(tmp_path, parquet(tmp_path, "a.parquet", table), "--map", "email=emails", rows=3, expect=0)
    lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
    resolved(tmp_path / "b", written(tmp_path, "a.jsonl", lines), "--map", "email=emails", rows=3, expect=0)


def test_nested_types_are_no_obstacle(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "email": pa.array([MAIL, "b@example.org"]).dictionary_encode(),
            "name": pa.array([{"first": "Ada", "last": SECRET}, None]),
            "tags": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
            "orders": pa.array([[[1, 2], [3]], []], pa.list_(pa.list_(pa.int64()))),
            "born": pa.array([1, 2], pa.date32()),
            "seen": pa.array([1, 2], pa.timestamp("us", "UTC")),
            "worth": pa.array([1.5, None]),
            "paid": pa.array([Decimal("1.50"), None], pa.decimal128(20, 2)),
            "photo": pa.array([b"\xff\x00", None]),
            "active": pa.array([True, None]),
            "nothing": pa.nulls(2),
        }
    )
    resolved(tmp_path, parquet(tmp_path, "a.parquet", table), rows=2, expect=0)


def test_nested_json_is_no_obstacle(tmp_path: Path) -> None:
    lines = [
        {
            "id": 1,
            "email": MAIL,
            "name": {"first": "Ada", "last": SECRET},
            "deep": {"a": [{"b": [1, {"c": None}]}]},
        },
        {"id": "2", "email": ["b@example.org", "c@example.org"], "name": "Bob Byron"},
        {"email": None, "other": 1.5e300},
        {},
    ]
    resolved(tmp_path, written(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in lines)), rows=4)


# ---------------------------------------------------------------------- whatever else


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["a.csv", "a.tsv", "a.jsonl"]), st.binary(max_size=300), st.integers(0, len(GOOD)))
def test_bytes_of_any_kind_in_a_good_file_never_end_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, name: str, noise: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    good = GOOD.encode()
    if name == "a.tsv":
        good = good.replace(b",", b"\t")
    if name == "a.jsonl":
        good = "".join(
            json.dumps({"id": str(n), "email": f"a{n}@x.org", "name": SECRET}) + "\n" for n in "123"
        ).encode()
    resolved(folder, written(folder, name, good[:at] + noise + good[at:]))


@pytest.mark.parametrize("content", [GOOD, "", HEADER, f"a,b\n{SECRET},1\n"])
def test_the_installed_command_never_prints_a_traceback_nor_a_value(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, "a.csv", content)
    command = [sys.executable, "-m", "cxm_sdk.cli", "resolve", str(path), "--output", str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode in (0, 1, 2)
    assert "Traceback" not in run.stderr
    assert SECRET not in run.stdout + run.stderr


def test_train_explain_and_evaluate_keep_the_same_contract(tmp_path: Path) -> None:
    def cxm(*arguments: str | Path) -> Any:
        run = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert run.exception is None or isinstance(run.exception, SystemExit), repr(run.exception)
        assert SECRET.lower() not in run.output.lower()
        return run

    empty, good = written(tmp_path, "empty.csv", ""), written(tmp_path, "good.csv", GOOD)
    assert cxm("train", empty, "--output", tmp_path / "m.json").exit_code == 2
    assert not (tmp_path / "m.json").exists()
    out = tmp_path / "out"
    assert cxm("resolve", good, "--output", out, "--quiet").exit_code == 0
    assert cxm("explain", "--result", out, "1", "none").exit_code == 2
    assert cxm("explain", "--result", tmp_path, "1", "2").exit_code == 2
    for truth in ("", "record_id\n1\n", f"record_id,entity_id\n1,{SECRET}\n1,other\n", "\x00\x00"):
        code = cxm("evaluate", "--result", out, "--truth", written(tmp_path, "truth.csv", truth)).exit_code
        assert code == 2
    (out / "rejected.jsonl").unlink()
    assert cxm("explain", "--result", out, "1", "2").exit_code == 2
    (out / "assignments.parquet").write_bytes(b"broken")
    truth = written(tmp_path, "truth.csv", "record_id,entity_id\n1,x\n2,y\n")
    assert cxm("evaluate", "--result", out, "--truth", truth).exit_code == 2
    assert cxm("explain", "--result", out, "1", "2").exit_code == 2


def test_a_role_may_be_mapped_to_several_columns_at_once() -> None:
    table = pa.table({"id": ["1", "2"], "a": ["+44 7700 900123", None], "b": [None, "07700 900123"]})
    result = cxm_sdk.resolve({"crm": table}, map={"phone": ["a", "b"]})
    (source,) = result.summary["sources"]
    assert [(one["column"], one["role"]) for one in source["roles"]] == [("a", "phone"), ("b", "phone")]


@pytest.mark.parametrize("told", ["email=a", {"email"}, [("email",)], [1]], ids=repr)
def test_a_mapping_in_another_form_is_refused_in_words(told: Any) -> None:
    with pytest.raises(InputError, match="role to column"):
        cxm_sdk.resolve({"crm": pa.table({"a": ["ada@x.org"]})}, map=told)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: GraphConfig(most_owners=1), InputError, "at most_owners"),
        (lambda: GraphConfig(secret="ada@example.com"), InputError, "at secret"),
        (lambda: Namespace(name="a b", kind="person"), InputError, "at name"),
        (lambda: Level(name="exact", m=2, u=0, h=0), ModelError, "at m"),
    ],
)
def test_what_is_made_by_hand_is_refused_with_an_error_of_ours(
    make: Callable[[], object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        make()
    assert type(caught.value) is error
    assert "ada@" not in str(caught.value)


@pytest.mark.parametrize("path", ["postgresql://host/customers", Path("s3://bucket/crm.csv")])
def test_an_address_where_a_file_is_wanted_is_said_to_be_one(path: str | Path) -> None:
    with pytest.raises(SourceError, match=r"got an address .* read it with its own client"):
        resolve(path)
    with pytest.raises(StoreError, match=r"got an address .* one SQLite file"):
        ProfileGraph(path)
