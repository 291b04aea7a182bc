"""Every value has a form on the wire, the one that is documented; strict clients are told what has none of its own."""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pytest
from pydantic import BaseModel

from cxm_sdk import EventError
from cxm_sdk.capture.encode import EVENT_LIMIT, TooLargeError, check, encoded, rfc3339


class Colour(Enum):
    RED = "red"


class Size(IntEnum):
    LARGE = 3


class Plan(StrEnum):
    PRO = "pro"


class Point(NamedTuple):
    x: int
    y: int


class Text(str):
    def __str__(self) -> str:
        raise RuntimeError("never asked")


@dataclass
class Item:
    sku: str
    price: Decimal


class Product(BaseModel):
    sku: str
    added: date


class Silent:
    def __str__(self) -> str:
        raise RuntimeError("has no text")


class Speaking:
    def __str__(self) -> str:
        return "as text"


class Lying(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError("has no items")

    def __iter__(self) -> Any:
        raise RuntimeError("has no keys")

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("42.00"), "42.00"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), "null"),
        (Decimal("-Infinity"), "null"),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), '"2026-03-01T12:00:00.000Z"'),
        (datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), '"2026-03-01T10:00:00.000Z"'),
        (datetime(2026, 3, 1, 12, 0, 0, 123456), '"2026-03-01T12:00:00.123456Z"'),
        (date(2026, 3, 1), '"2026-03-01"'),
        (time(9, 30), '"09:30:00"'),
        (timedelta(minutes=1.5), "90.0"),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (PurePosixPath("/a/b"), '"/a/b"'),
        (Colour.RED, '"red"'),
        (Size.LARGE, "3"),
        (Plan.PRO, '"pro"'),
        (Text("plain"), '"plain"'),
        (b"caf\xc3\xa9", '"café"'),
        (b"\xff\xfe", '"//4="'),
        (bytearray(b"a"), '"a"'),
        (memoryview(b"a"), '"a"'),
        ({1}, "[1]"),
        (frozenset(), "[]"),
        (deque([1, 2]), "[1,2]"),
        (range(3), "[0,1,2]"),
        ({"a": 1}.keys(), '["a"]'),
        (Point(1, 2), "[1,2]"),
        (OrderedDict(a=1), '{"a":1}'),
        (MappingProxyType({"a": 1}), '{"a":1}'),
        (Item("s", Decimal("9.90")), '{"sku":"s","price":9.90}'),
        (Product(sku="s", added=date(2026, 3, 1)), '{"sku":"s","added":"2026-03-01"}'),
        (np.int64(3), "3"),
        (np.float64("nan"), "null"),
        (np.array([1, 2]), "[1,2]"),
        (np.bool_(True), "true"),
        (Speaking(), '"as text"'),
        (Silent(), "null"),
        (Lying(), "null"),
        (True, "true"),
        (float("nan"), "null"),
        pytest.param(10**5000, "null", id="huge"),
    ],
)
def test_a_value_is_written_as_documented(value: object, expected: str) -> None:
    assert encoded({"v": value}).decode() == f'{{"v":{expected}}}'


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (1, '"1"'),
        (1.5, '"1.5"'),
        (None, '"null"'),
        (True, '"true"'),
        (Colour.RED, '"red"'),
        (Text("k"), '"k"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (b"k", '"k"'),
        ((1, 2), '"(1, 2)"'),
        (Decimal("1.50"), '"1.50"'),
    ],
)
def test_a_key_is_written_as_text(key: object, expected: str) -> None:
    assert encoded({key: 0}).decode() == f"{{{expected}:0}}"  # type: ignore[dict-item]


def test_an_entry_whose_key_cannot_be_text_is_left_out() -> None:
    assert encoded({Silent(): 1, "b": 2}) == b'{"b":2}'  # type: ignore[dict-item]


def test_an_iterator_is_not_used_up() -> None:
    values = iter([1, 2])
    encoded({"v": values})
    assert list(values) == [1, 2]


def test_an_event_larger_than_the_limit_is_not_written() -> None:
    assert len(encoded({"v": "x" * (EVENT_LIMIT - 8)})) == EVENT_LIMIT
    for value in ("x" * (EVENT_LIMIT - 7), "x" * 10_000_000, list(range(100_000)), b"x" * 10_000_000):
        with pytest.raises(TooLargeError):
            encoded({"v": value})


def test_a_collection_that_claims_to_be_endless_ends() -> None:
    with pytest.raises(TooLargeError):
        encoded({"v": range(10**18)})


def test_a_tree_that_grows_without_end_ends() -> None:
    branch: dict[str, Any] = {}
    for _ in range(40):
        branch = {"left": branch, "right": branch}
    with pytest.raises(TooLargeError):
        encoded(branch)


@pytest.mark.parametrize("moment", ["2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000001Z"])
def test_moments_keep_their_precision(moment: str) -> None:
    assert rfc3339(datetime.fromisoformat(moment)) == moment


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        datetime(2026, 3, 1),
        b"bytes",
        {1: "key"},
        {"a\ud800": 1},
        "\ud800",
        CYCLE,
        Silent(),
        Speaking(),
        object(),
        [[{"deep": object()}]],
    ],
)
def test_a_strict_client_is_told_where_a_value_has_no_form_of_its_own(value: object) -> None:
    with pytest.raises(EventError, match=r"^properties\.v"):
        check({"properties": {"v": value}})


def test_a_strict_client_is_told_no_value() -> None:
    with pytest.raises(EventError) as caught:
        check({"properties": {"email": b"ada@example.com"}})
    assert "ada" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1,
        1.5,
        "a",
        [1],
        (1,),
        {"a": {1}},
        Decimal("1.5"),
        date(2026, 1, 1),
        UUID(int=1),
        Size.LARGE,
    ],
)
def test_a_strict_client_takes_what_has_a_form(value: object) -> None:
    check({"v": value})
    json.loads(encoded({"v": value}))
