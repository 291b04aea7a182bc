"""The JSON writer writes what the standard library reads, and stops at its limit."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.jsonbytes import TooLargeError, encode

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=30,
)


def never(value: object, is_key: bool) -> object:
    raise AssertionError("asked about a plain value")


@given(PLAIN)
def test_what_is_written_reads_as_it_was(value: object) -> None:
    text = encode(value, 1 << 30, never)
    assert json.loads(text) == value
    assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@given(PLAIN, st.integers(0, 200))
def test_the_limit_is_exact(value: object, limit: int) -> None:
    text = encode(value, 1 << 30, never)
    if len(text) <= limit:
        assert encode(value, limit, never) == text
    else:
        with pytest.raises(TooLargeError):
            encode(value, limit, never)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have_are_null(number: float) -> None:
    assert encode([number], 99, never) == b"[null]"


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63), 2**63, -(2**64), 10**300])
def test_integers_of_any_size_keep_their_digits(number: int) -> None:
    assert encode(number, 999, never) == str(number).encode()


def test_an_integer_with_more_digits_than_the_interpreter_writes_is_null() -> None:
    assert encode(10**5000, 9999, never) == b"null"


def test_half_of_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert encode("a\ud800b", 99, never).decode() == '"a\ufffdb"'
    assert encode({"\udfff": "\ud83d\ude00"}, 99, never).decode() == '{"\ufffd":"\U0001f600"}'


def test_what_holds_itself_is_null_where_it_comes_again() -> None:
    mapping: dict[str, object] = {"a": 1}
    mapping["self"] = [mapping, mapping]
    assert encode(mapping, 99, never) == b'{"a":1,"self":[null,null]}'


def test_what_comes_twice_beside_itself_is_written_twice() -> None:
    part = {"a": 1}
    assert encode([part, part], 99, never) == b'[{"a":1},{"a":1}]'


def test_what_lies_too_deep_is_null() -> None:
    deep: object = 1
    for _ in range(1000):
        deep = [deep]
    assert encode(deep, 999, never) == b"[" * 64 + b"null" + b"]" * 64


def test_a_mapping_that_changes_while_it_is_written_does_no_harm() -> None:
    mapping: dict[object, object] = {"a": object(), "b": object()}

    def shrinking(value: object, is_key: bool) -> object:
        mapping.clear()
        mapping.update({str(n): object() for n in range(500)})
        return 1

    assert encode(mapping, 1 << 20, shrinking)[:5] == b'{"a":'


def test_a_list_that_shrinks_while_it_is_written_does_no_harm() -> None:
    values: list[object] = [object() for _ in range(10)]

    def shrinking(value: object, is_key: bool) -> object:
        del values[1:]
        return 1

    assert encode(values, 99, shrinking) == b"[1]"


def test_what_is_not_plain_is_asked_about_and_bytes_are_taken_as_json() -> None:
    asked: list[tuple[object, bool]] = []

    def plain(value: object, is_key: bool) -> object:
        asked.append((value, is_key))
        return "key" if is_key else b"1.50"

    assert encode({1: {2}}, 99, plain) == b'{"key":1.50}'
    assert asked == [(1, True), ({2}, False)]


def test_an_entry_whose_key_has_no_text_is_left_out() -> None:
    assert encode({1: "a", "b": 2}, 99, lambda value, is_key: None) == b'{"b":2}'


def test_an_exception_of_the_one_who_is_asked_comes_through() -> None:
    with pytest.raises(AssertionError, match="plain value"):
        encode({1}, 99, never)


def test_an_answer_that_is_never_plain_ends() -> None:
    assert encode(object(), 999, lambda value, is_key: object()) == b"null"
