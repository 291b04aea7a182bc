"""Keys are the digests that they are said to be, and records that say the same have the same ones."""

from __future__ import annotations

from hashlib import blake2b
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.keys import block_keys, key_of, keys_of_pairs

WORDS = st.sampled_from(["", "a", "ä", "云", "meyer", "x" * 120, "ü" * 70, "z" * 300])
CONTENT = st.dictionaries(st.sampled_from(["city", "email", "street"]), st.lists(WORDS, max_size=3))
ROLES = st.lists(st.sampled_from(["city", "email", "street"]), min_size=1, max_size=3)


def digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


@given(st.text(max_size=300))
def test_a_key_is_the_digest_of_its_name(name: str) -> None:
    sound = name.encode("utf-8", "ignore").decode()
    assert key_of(sound) == digest(sound)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 255, 256, 257, 1000])
def test_names_of_any_length_have_keys(size: int) -> None:
    assert key_of("a" * size) == digest("a" * size)
    assert keys_of_pairs([("email", "a" * size)]) == [digest("email\x00" + "a" * size)]


def start(role: str, value: str) -> str | None:
    return f"{role}:{value[:2]}" if value else None


@given(CONTENT, st.lists(ROLES, max_size=3), st.sets(st.tuples(st.just("city"), WORDS)), st.integers(1, 9))
def test_block_keys_are_those_of_every_combination(
    content: dict[str, list[str]], named: list[list[str]], muted: set[tuple[str, str]], most: int
) -> None:
    known: dict[str, dict[str, str | None]] = {"city": {}, "email": {}, "street": {}}
    rules = tuple(("+".join(roles), tuple((role, known[role], start) for role in roles)) for roles in named)
    expected: dict[int, None] = {}
    for name, keys in rules:
        if not all(role in content for role, _, _ in keys):
            continue
        held = [
            [None if (role, v) in muted else start(role, v) for v in content[role]] for role, _, _ in keys
        ]
        for parts in islice(product(*held), most):
            if None not in parts:
                expected[digest("\x01".join([name, *map(str, parts)]))] = None
    for _ in range(2):  # made, and remembered
        assert block_keys(content, rules, muted, most) == list(expected)


def test_what_is_no_text_is_an_error() -> None:
    with pytest.raises(TypeError):
        key_of(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        keys_of_pairs([("email", 1)])  # type: ignore[list-item]
    with pytest.raises(UnicodeEncodeError):
        key_of("\ud800")
