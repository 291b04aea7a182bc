"""Keys are the digests that they are said to be, and records that say the same have the same ones."""

from __future__ import annotations

import re
from hashlib import blake2b, sha256
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import Packed
from cxm_sdk._native.keys import block_keys, digests_of, identify, key_of

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
    assert identify(Packed({"email": ["a" * size]}), {"email"}, {}, {})[0] == [
        digest("email\x00" + "a" * size)
    ]


def hashed(role: str, form: str, written: str) -> list[str]:
    """Digests of a contact, as the documentation has them."""
    if role == "email":
        texts = [form, written.strip().lower()]
    else:
        digits = re.sub("[^0-9]+", "", written)
        abroad = digits.startswith("00") or written.lstrip().startswith("+")
        digits = digits.removeprefix("00")
        texts = [digits, "+" + digits] if abroad else [digits or form]
    return [sha256(text.encode()).hexdigest() for text in dict.fromkeys(texts)]


CONTACTS = st.one_of(
    st.from_regex(r"[ +0-9()-]{0,9}", fullmatch=True), st.sampled_from([" Ada@X.org", "ada@x.org", "٣"])
)


@given(st.sampled_from(["email", "phone"]), CONTACTS, CONTACTS)
def test_digests_are_those_of_what_others_hash(role: str, form: str, written: str) -> None:
    assert digests_of(role, form, written) == hashed(role, form, written)


@given(
    st.dictionaries(
        st.sampled_from(["city", "email", "email_sha256", "phone", "user_id"]),
        st.lists(st.one_of(CONTACTS, st.just(hashed("email", "ada@x.org", "")[0])), max_size=3),
    ),
    st.booleans(),
)
def test_identifiers_are_what_a_record_knows_and_then_the_digests_of_it(
    content: dict[str, list[str]], other: bool
) -> None:
    roles, clear = (
        {"email", "email_sha256", "phone", "phone_sha256"},
        {"email_sha256": "email", "phone_sha256": "phone"},
    )
    written = {role: [f" {value}" for value in values] for role, values in content.items()} if other else {}
    expected = [(role, value) for role, values in content.items() if role in roles for value in values]
    for role, source in clear.items():
        known = zip(content.get(source, []), written.get(source, content.get(source, [])), strict=True)
        found = dict.fromkeys(one for sides in known for one in hashed(source, *sides))
        expected += [(role, one) for one in found if one not in content.get(role, [])]
    keys = [digest(f"{role}\x00{value}") for role, value in expected]
    assert identify(Packed(content), roles, clear, written) == (keys, [role for role, _ in expected])


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
        identify({"email": ["a"]}, {"email"}, {}, {})  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        key_of("\ud800")
