"""Files of payloads are read piece by piece, and what is broken is named."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import SourceError
from cxm_sdk.adapters import files, long_json, long_xml
from cxm_sdk.adapters.files import pieces
from cxm_sdk.adapters.parsed import Parsed
from cxm_sdk.adapters.registry import get


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


BOMB = "".join(f'<!ENTITY b{n + 1} "{f"&b{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>', "without a document type"),
        (f'<!DOCTYPE a [<!ENTITY b0 "x">{BOMB}]><a>&b9;</a>', "without a document type"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "without a document type"),
        ('<!DOCTYPE a SYSTEM "https://example.com/a.dtd"><a/>', "without a document type"),
        ("<a>" * 50_000 + "</a>" * 50_000, "fewer elements"),
        ("<a><b></a>", "expected XML"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "expected XML"),
        ("", "expected XML"),
    ],
)
def test_xml_that_is_none_or_does_harm_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "m.xml").write_text(content)
    with pytest.raises(SourceError, match=said):
        read(tmp_path / "m.xml")


def test_a_broken_line_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n{"a": secret@example.com\n{"a": 2}\n')
    found = list(pieces(tmp_path / "b.jsonl"))
    assert [(piece.where, piece.payload) for piece in found] == [(1, {"a": 1}), (2, None), (3, {"a": 2})]
    assert found[1].error is not None
    assert "secret" not in found[1].error


def test_a_first_line_that_is_spoilt_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text('{"a": NaN}\n{"a": 2}\n')
    assert [(piece.where, piece.payload) for piece in pieces(tmp_path / "n.jsonl")] == [
        (1, None),
        (2, {"a": 2}),
    ]


@pytest.mark.parametrize(
    "text", ['[\n{"a": 1}\n]', '[{"a": 1},\n{"a": 2}]', '{"a": [1],\n"b": [2]}', "[[1\n],\n[2]]"]
)
def test_json_over_several_lines_is_one_payload(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text)
    assert [piece.payload for piece in pieces(tmp_path / "p.json")] == [json.loads(text)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"\x80abc"])
def test_what_is_no_text_or_nothing_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SourceError):
        read(tmp_path / "x.json")


def test_cells_beyond_the_columns_are_kept(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,note\n1,a,b,c\n")
    assert read(tmp_path / "t.csv") == [[{"id": "1", "note": "a", "#more": ["b", "c"]}]]


def contacts(first: int, count: int, size: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": str(2**60 + n),
            "createdAt": "2026-01-01T00:00:00Z",
            "properties": {
                "email": f"ada{n}@example.com",
                "hat": 0.1,
                "notes": ["x" * (size + n % 50), {"a": -1.5e3}],
            },
        }
        for n in range(first, first + count)
    ]


def hooks(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Single contacts changed, which name their portal only in what they are part of."""
    return [
        {
            "subscriptionType": "contact.creation",
            "objectId": n,
            "eventId": n,
            "occurredAt": 1_740_000_000_000 + n,
        }
        for n in range(first, first + count)
    ]


def everything(parsed: Iterable[Parsed]) -> dict[str, list[Any]]:
    """What payloads become together, in one order."""
    told: dict[str, list[Any]] = {}
    for one in parsed:
        for name, found in one.to_dict().items():
            told.setdefault(name, []).extend(found)
    for one in told["rejected"]:
        one["path"] = re.sub(r"\d+", "", one["path"])
    return {name: sorted(found, key=json.dumps) for name, found in told.items()}


LONG: list[Any] = [
    contacts(0, 120),
    [{"results": contacts(0, 3)}, *contacts(3, 60), 17, {"none": "of ours"}],
    {"results": contacts(0, 110), "total": 110, "paging": {"next": {"after": "\u00e4", "link": "["}}},
    {"portalId": 7, "results": hooks(70), "events": contacts(0, 60)},
    {"results": hooks(70), "more": {"deep": [{"a": 1}]}, "events": [], "portalId": 7},
    {"events": [*hooks(3, 900), "x", None], "results": hooks(60), "portalId": 7, "hasMore": False},
]


@pytest.mark.parametrize("payload", LONG)
@pytest.mark.parametrize(("chunk", "indent"), [(501, None), (4096, 2)])
def test_a_long_file_says_what_it_says_read_whole(
    tmp_path: Path, payload: Any, chunk: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubspot = get("hubspot", tenant="1")
    whole = everything([hubspot.parse(payload)])
    monkeypatch.setattr(files, "WHOLE", 1000)
    monkeypatch.setattr(long_json, "CHUNK", chunk)
    monkeypatch.setattr(long_json, "SHOWN", 2000)
    monkeypatch.setattr(long_json, "MANY", 50)
    (tmp_path / "l.json").write_text(json.dumps(payload, indent=indent, ensure_ascii=False))
    found = list(pieces(tmp_path / "l.json", hubspot.lists))
    assert len(found) > 1
    assert everything(hubspot.parse(piece.payload) for piece in found) == whole


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2",
        "[1 2]",
        '{"a": [1], "b" 2}',
        '{"a": 1} x',
        "[1.x]",
        '{"a": tru}',
        "{a: 1}",
        "[1,]",
        "[NaN, 1]",
    ],
)
def test_a_long_file_that_is_no_json_says_from_where_on(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 4)
    (tmp_path / "l.json").write_text(text)
    with pytest.raises(SourceError, match=r"from character \d"):
        list(pieces(tmp_path / "l.json"))


def test_a_long_file_that_breaks_off_gives_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 10_000)
    (tmp_path / "l.json").write_text(json.dumps([{"id": n, "x": "y" * 20} for n in range(1200)])[:-500])
    found = pieces(tmp_path / "l.json")
    assert len(next(found).payload) == len(next(found).payload) == 500
    with pytest.raises(SourceError, match="from character"):
        next(found)


def test_what_cannot_be_parted_is_refused_and_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 1000)
    monkeypatch.setattr(long_json, "SHOWN", 1000)
    monkeypatch.setattr(long_json, "LONGEST", 10_000)
    monkeypatch.setattr(long_json, "CHUNK", 100)
    for payload, lists, said in (
        ({"answers": contacts(0, 90), "rows": [{}]}, {"rows"}, "a long list of items"),
        ({"rows": [{}], "tags": ["x" * 90] * 200}, {"rows"}, "beside lists"),
        ([{"id": "x" * 40_000}], (), "a longer one"),
        ({"id": "x" * 40_000}, (), "a longer one"),
    ):
        (tmp_path / "l.json").write_text(json.dumps(payload))
        with pytest.raises(SourceError, match=said):
            list(pieces(tmp_path / "l.json", lambda _, found=lists: found))  # type: ignore[misc]


@pytest.mark.slow
def test_two_hundred_megabytes_are_read_in_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("w", encoding="utf-8") as out:
        out.write('{"results": [')
        for n in range(0, 120_000, 500):
            out.write(("," if n else "") + json.dumps(contacts(n, 500, 1700))[1:-1])
        out.write('], "paging": {}, "portalId": 7}')
    assert file.stat().st_size > 200 << 20
    script = """
import resource, sys
from pathlib import Path
from cxm_sdk.adapters.files import pieces
from cxm_sdk.adapters.registry import get
hubspot = get("hubspot", tenant="7")
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
records = 0
for piece in pieces(Path(sys.argv[1]), hubspot.lists):
    parsed = hubspot.parse(piece.payload)
    assert not parsed.rejected and piece.payload["portalId"] == 7
    records += len(parsed.records)
print(records, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True, timeout=1200
    )
    records, mebibytes = map(int, done.stdout.split())
    assert records == 120_000
    assert mebibytes < 150


def outbound(first: int, count: int, size: int) -> str:
    """The Salesforce outbound messages of contacts; ``size`` makes each of them longer."""
    return "".join(
        f"<Notification><Id>04l{n:015}</Id><sObject xsi:type='sf:Contact'><sf:Id>003{n:012}</sf:Id>"
        f"<sf:Email>ada{n}@example.com</sf:Email><sf:LastModifiedDate>2026-01-01T00:00:00.000Z</sf:LastModifiedDate>"
        f"<sf:Description>{'x' * size}</sf:Description></sObject></Notification>"
        for n in range(first, first + count)
    )


HEAD = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
    "<soapenv:Body>"
)


def notifications(organisation: str, *parts: str) -> str:
    return f"<notifications><OrganizationId>{organisation}</OrganizationId>{''.join(parts)}</notifications>"


def test_long_xml_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xml"
    path.write_text(
        HEAD
        + notifications("00D1" + "0" * 11, outbound(0, 1_200, 1_000))
        + "</soapenv:Body></soapenv:Envelope>"
    )
    salesforce = get("salesforce")
    (whole,) = pieces(path, salesforce.lists)
    monkeypatch.setattr(long_xml, "LONGEST", 200_000)
    monkeypatch.setattr(long_xml, "FULL", 100_000)
    found = list(pieces(path, salesforce.lists))
    assert len(found) > 10
    told = everything(salesforce.parse(one.payload) for one in found)
    assert told == everything([salesforce.parse(whole.payload)])
    assert len(told["records"]) == 1_200
    for nothing in ((), ("Envelope.Header",)):
        with pytest.raises(SourceError, match="items"):
            list(pieces(path, lambda _, nothing=nothing: nothing))


@pytest.mark.parametrize("limit", [70_000, 140_000, 200_000, 260_000, 390_000])
def test_items_of_long_xml_stay_with_what_is_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    groups = [
        (f"<g><n>{g}</n>" + "".join(f"<i>{g}-{n:05}</i>" for n in range(6_000)) + "</g>") for g in range(4)
    ]
    path = tmp_path / "g.xml"
    path.write_text(f"<a>{''.join(groups)}<i>last</i></a>")
    monkeypatch.setattr(long_xml, "LONGEST", limit)
    monkeypatch.setattr(long_xml, "FULL", 10_000)
    found: list[tuple[str, str]] = []
    for piece in pieces(path, lambda _: ("a.g.i",)):
        listed = piece.payload["a"]["g"]
        here = [
            (group["n"], item)
            for group in (listed if isinstance(listed, list) else [listed])
            for item in ([group["i"]] if isinstance(group.get("i"), str) else group.get("i", []))
        ]
        assert piece.where == len(found) + 1
        found += here
    assert found == [(str(g), f"{g}-{n:05}") for g in range(4) for n in range(6_000)]


@pytest.mark.slow
def test_long_xml_takes_no_more_memory_than_its_items(tmp_path: Path) -> None:
    path = tmp_path / "out.xml"
    with path.open("w") as file:
        file.write(HEAD + notifications("00D1" + "0" * 11).removesuffix("</notifications>"))
        for n in range(40):
            file.write(outbound(n * 1000, 1000, 1_000))
        file.write("</notifications></soapenv:Body></soapenv:Envelope>")
    program = (
        "import resource, sys; from pathlib import Path; from cxm_sdk.adapters.files import pieces;"
        "from cxm_sdk.adapters.registry import get; salesforce = get('salesforce');"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "print(sum(len(salesforce.parse(one.payload).records) for one in pieces(Path(sys.argv[1]), salesforce.lists)));"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)"
    )
    made = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    records, grown = map(int, made.stdout.split())
    assert records == 40_000
    assert grown < 200  # MiB, of a document of 52 MiB whose first 16 are held at once
