"""Keys are the digests that they are said to be, and records that say the same have the same ones."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from itertools import islice, product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import Packed
from cxm_sdk._native.keys import BlockKeys, key_of
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.nicknames import groups_of_names
from cxm_sdk.identity.record_blocks import BlockRules
from cxm_sdk.identity.spans import Spans

TAIL = 7
HEADS = {"bill": "bill", "william": "bill", "": "nobody"}


def digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def packed(content: dict[str, list[str]]) -> Packed:
    return Packed(1, "crm", "1", content, {}, 0, 0)


@given(st.text(max_size=300))
def test_a_key_is_the_digest_of_its_name(name: str) -> None:
    sound = name.encode("utf-8", "ignore").decode()
    assert key_of(sound) == digest(sound)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 255, 256, 257, 1000])
def test_names_of_any_length_have_keys(size: int) -> None:
    assert key_of("a" * size) == digest("a" * size)


def sound(value: str) -> str | None:
    code = int(Spans.of(pa.array([value])).sounds()[0])  # as a batch has it
    return str(code) if code else None


def root(role: str, value: str) -> str | None:
    return f"={HEADS[value]}" if role == "first_name" and value in HEADS else sound(value)


def start(length: int, longer: int = 0) -> Callable[[str, str], str | None]:
    return lambda role, value: value[:length] if len(value) >= length + longer else None


PARTS: dict[str, Callable[[str, str], str | None]] = {
    "": lambda role, value: value,
    "sound": lambda role, value: sound(value),
    "root": root,
    "initial": start(1),
    "start": start(4),
    "tail": lambda role, value: value[-TAIL:] if role == "phone" and len(value) >= TAIL else None,
    "local": lambda role, value: value.rpartition("@")[0],
    "year": lambda role, value: value[:-4],
    "month_day": lambda role, value: value[-4:],
    "year_month": lambda role, value: value[:-2],
    "area": start(3, 1),
    "first_word": lambda role, value: value.partition(" ")[0],
}

WORDS = st.one_of(
    st.sampled_from(
        ["", "meyer", "maier", "bill", "william", "19801210", "a@b@c", "@", "0123456789", "one two"]
    ),
    st.sampled_from(["ä", "云", "ü" * 70, "z" * 300, "äöüß", "éa@ö", "x云y云z"]),
    st.text(st.sampled_from("ab @äß云0"), max_size=9),
)
ROLES = st.sampled_from(["first_name", "last_name", "phone", "a role of its own"])
CONTENT = st.dictionaries(ROLES, st.lists(WORDS, max_size=3))
RULES = st.lists(
    st.lists(st.tuples(ROLES, st.sampled_from(list(PARTS))), min_size=1, max_size=3).map(
        lambda keys: ("+".join(map(".".join, keys)), keys)
    ),
    max_size=3,
)


@given(
    CONTENT,
    RULES,
    st.dictionaries(ROLES, st.lists(WORDS, max_size=3)),
    st.sets(st.tuples(ROLES, WORDS), max_size=3),
    st.integers(1, 9),
)
def test_block_keys_are_those_of_every_combination(
    content: dict[str, list[str]],
    rules: list[tuple[str, list[tuple[str, str]]]],
    ignored: dict[str, list[str]],
    muted: set[tuple[str, str]],
    most: int,
) -> None:
    def part(role: str, kind: str, value: str) -> str | None:
        missing = (role, value) in muted or value in ignored.get(role, ())
        return None if missing else PARTS[kind](role, value)

    expected: dict[int, None] = {}
    for name, keys in rules:
        held = [[part(role, kind, value) for value in content.get(role, ())] for role, kind in keys]
        for parts in islice(product(*held), most):
            if None not in parts:
                expected[digest("\x01".join([name, *map(str, parts)]))] = None
    made = BlockKeys(rules, HEADS, ignored, TAIL)
    assert made.keys(packed(content), muted, most) == list(expected)
    again = Packed.restored(1, packed(content).packed(), 0, 0, ())
    assert made.keys(again, muted, most) == list(expected)


def test_names_of_one_nickname_group_have_one_root() -> None:
    rules = BlockRules([BlockingRule(keys=("first_name.root",))], {"first_name": ("liz",)})

    def keys(name: str) -> list[int]:
        return rules.keys(packed({"first_name": [name]}))

    assert keys("bill") == keys("william") != keys("robert")
    assert keys("liz") == []
    for name in list(groups_of_names())[::50]:
        group = groups_of_names()[name][0]
        head = min(other for other, numbers in groups_of_names().items() if group in numbers)
        assert keys(name) == [digest(f"first_name.root\x01={head}")] or name == "liz"


def test_what_is_no_text_is_an_error() -> None:
    with pytest.raises(TypeError):
        key_of(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        BlockKeys([], {}, {}, TAIL).keys({"email": ["a"]}, (), 9)  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        key_of("\ud800")
    with pytest.raises(KeyError, match="another"):
        BlockKeys([("rule", [("email", "another")])], {}, {}, TAIL)
