"""Payloads are read with every digit of their numbers, from JSON and from forms."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import AdapterError
from cxm_sdk.adapters.files import pieces
from cxm_sdk.adapters.payloads import DECODER, loaded
from cxm_sdk.adapters.registry import detect, get

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from([10**400, 0.1, 1e300, 1.5e-300, "\ud800", "\x7f", "\\", '"1e5'])
)
JSON = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4)
)


@given(JSON, st.booleans(), st.booleans())
def test_bytes_and_text_are_read_alike(value: Any, spelled: bool, wide: bool) -> None:
    text = json.dumps(value, ensure_ascii=spelled, indent=1 if wide else None)
    wanted = DECODER.decode(text)
    assert repr(loaded(text)) == repr(wanted)
    if text.isascii() or "\ud800" not in text:
        assert repr(loaded(text.encode())) == repr(loaded(bytearray(text.encode()))) == repr(wanted)


@given(st.text(alphabet="0123456789.eE+-", min_size=1, max_size=40))
def test_numbers_are_exact_or_no_json(text: str) -> None:
    try:
        wanted: Any = Decimal(json.loads(text, parse_float=str))
    except ValueError:
        with pytest.raises(AdapterError):
            loaded(text.encode())
        return
    made = loaded(text.encode())
    if not isinstance(made, float) or abs(wanted.adjusted()) < 300:
        assert Decimal(repr(made) if isinstance(made, float) else made) == wanted


@pytest.mark.parametrize(
    "broken", [b'{"a": Infinity}', b'{"a": 1}x', b"\xff", b'"\n"', b"[1,]", b"abc", b"=1", b""]
)
def test_what_is_no_json_is_refused_in_one_way(broken: bytes) -> None:
    with pytest.raises(AdapterError):
        loaded(broken)


@pytest.mark.parametrize(
    ("form", "held"),
    [
        ("Topic=t&SurveyID=SV_1", {"Topic": "t", "SurveyID": "SV_1"}),
        ("?a=1&b=&a=2\n", {"a": ["1", "2"], "b": ""}),
        ("mail=Ada%40example.com&name=Ada+L", {"mail": "Ada@example.com", "name": "Ada L"}),
    ],
)
def test_a_form_becomes_what_json_would_hold(form: str, held: dict[str, Any]) -> None:
    assert loaded(form) == loaded(form.encode()) == held


@pytest.mark.parametrize("form", ["a=1&b", "a=1&&b=2;"])
def test_a_broken_form_is_refused(form: str) -> None:
    with pytest.raises(AdapterError):
        loaded(form)


def test_files_of_forms_are_read_and_recognised(tmp_path: Path) -> None:
    path = tmp_path / "notices.txt"
    path.write_text("Topic=t&SurveyID=SV_1&ResponseID=R_1\nTopic=t&SurveyID=SV_1&ResponseID=R_2\n")
    found = [piece.payload for piece in pieces(path)]
    assert [one["ResponseID"] for one in found] == ["R_1", "R_2"]
    assert {detect(one) for one in found} == {detect(path.read_bytes().splitlines()[0])} == {"qualtrics"}


@pytest.mark.parametrize(
    "given_", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", datetime(2026, 1, 1, tzinfo=UTC)]
)
def test_the_time_of_receipt_may_be_text(given_: Any) -> None:
    assert get("hubspot", received=given_).received == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", ["yesterday", "", "2026-01-01T00:00:00", datetime(2026, 1, 1), 1_767_225_600, True]
)
def test_a_time_of_receipt_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(AdapterError, match=r"received: expected"):
        get("hubspot", received=wrong)


def test_a_slash_in_an_id_makes_no_part_of_another_record() -> None:
    adapter = get("tabular", source="cards", id="Card", time="At", namespace="loyalty_id")
    (record,) = adapter.parse([{"Card": "A/1%", "At": "2026-01-01T00:00:00Z"}]).records
    assert record.record_id == "A%2F1%25"
    assert [(one.namespace, one.value) for one in record.identifiers] == [("loyalty_id", "A/1%")]


def test_a_delivery_that_is_signed_in_another_way_says_so() -> None:
    with pytest.raises(AdapterError, match="Jwt"):
        get("sap", tenant="t").verify({"X-Gigya-Sig-Jwt": "a.b.c"}, b"{}", "c2VjcmV0")
