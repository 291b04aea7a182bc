"""What is packed is what records say, and what is read back of it is the same."""

from __future__ import annotations

import re
from collections.abc import Container
from hashlib import blake2b, sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import CLEAR, Packed, digests_of, fewest_first, names_of, restore
from cxm_sdk._native.keys import key_of
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.store import NodeRow

Said = dict[str, list[str]]
TEXTS = st.sampled_from(["", "a", "b", "ä", "云", "a longer one", "x" * 300])
NAMES = st.sampled_from(["city", "email", "household_id", "", "a role of its own", "r" * 200])
SAID = st.dictionaries(NAMES, st.lists(TEXTS, max_size=3))
IDENTIFIERS = frozenset({"email", "a role of its own", "household_id"})


def record(content: Said, written: Said | None = None, roles: Container[str] = ()) -> Packed:
    return Packed(1, "crm", "17", content, written or {}, 3, 9, roles)


def digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def writings(content: Said, written: Said) -> Said:
    """Each role that is written otherwise, as often as it has values."""
    made = {role: [*written.get(role, ()), *content[role]][: len(content[role])] for role in content}
    return {role: values for role, values in made.items() if values != content[role]}


@given(SAID, SAID, st.text(max_size=5), st.text(max_size=5))
def test_what_is_packed_is_what_was_said(content: Said, other: Said, source: str, record_id: str) -> None:
    written = writings(content, other)
    made = Packed(1, source, record_id, content, written, 3, 9, IDENTIFIERS)
    again = Packed.restored(1, made.packed(), 3, 9, IDENTIFIERS)
    for one in (made, again, again.at(3, 9), Packed.restored(1, made.packed(), 3, 9, IDENTIFIERS, False)):
        assert (one.number, one.source, one.record_id, one.first, one.last) == (1, source, record_id, 3, 9)
        assert one.order == (source.encode(), record_id.encode())
        assert one.age == (3, *one.order)
        assert one.content == content
        assert list(one.content) == list(content)
        assert one.written == written
        assert all(one.knows(role) for role in content)
        assert not one.knows("another role")
        assert one.says_as(made)
        assert one.packed() == made.packed()
        assert (one.keys, one.key_roles, one.named) == (made.keys, made.key_roles, made.named)
    assert names_of(made.packed()) == (source, record_id)
    assert made.at(4, 5).first == 4
    assert made.joint is None


@given(SAID, SAID)
def test_values_lie_in_clear_where_a_search_finds_them(content: Said, other: Said) -> None:
    written = writings(content, other)
    packed = record(content, written).packed()
    for values in (*content.values(), *written.values()):
        assert all(value.encode() in packed for value in values)


@given(SAID, SAID, SAID, SAID)
def test_records_say_the_same_when_values_and_writing_are_equal(a: Said, b: Said, x: Said, y: Said) -> None:
    ours, theirs = writings(a, x), writings(b, y)
    assert record(a, ours).says_as(record(b, theirs)) == (a == b and ours == theirs)
    assert record(a, ours).says_as(record(dict(reversed(a.items())), ours))


@given(SAID, st.data())
def test_what_is_cut_or_too_long_is_no_record(content: Said, data: st.DataObject) -> None:
    packed = record(content, {}, IDENTIFIERS).packed()
    cut = data.draw(st.integers(0, len(packed) - 1))
    for wrong in (packed[:cut], packed + b"\0"):
        with pytest.raises(ValueError, match="expected a packed record"):
            Packed.restored(1, wrong, 0, 0, ())


@given(st.binary(max_size=40))
def test_bytes_of_any_kind_are_read_or_refused(wrong: bytes) -> None:
    try:
        made = Packed.restored(1, wrong, 0, 0, ())
    except ValueError:
        return
    assert len(made.key_roles) == len(made.keys)


def test_keys_are_not_kept_before_they_are_known() -> None:
    made = Packed.restored(1, record({"email": ["a"]}, {}, {"email"}).packed(), 0, 0, (), keyed=False)
    assert made.keys == []
    assert Packed.restored(1, made.packed(), 0, 0, {"email"}).keys == []


def test_what_is_no_text_is_an_error() -> None:
    with pytest.raises(TypeError):
        record({"city": [1]})  # type: ignore[list-item]
    with pytest.raises(TypeError):
        record("{}")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected 1 written values, got 2"):
        record({"city": ["ulm"]}, {"city": ["Ulm", "ULM"]})
    with pytest.raises(UnicodeEncodeError):
        record({"city": ["\ud800"]})


def test_roles_that_were_written_before_they_were_known_are_known() -> None:
    literal = b"\0\0\1" + b"\0\5email" + b"\4" + b"\7a@x.org" + b"\0"
    old, new = Packed.restored(1, literal, 0, 0, ()), Packed(1, "", "", {"email": ["a@x.org"]}, {}, 0, 0)
    assert old.knows("email")
    assert old.says_as(new)
    assert (old.content, old.packed()) == (new.content, new.packed())
    assert old.derived("email_sha256") == new.derived("email_sha256")


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
#: Spaces and letters that are more than those of ASCII, and some of ASCII that are seldom seen.
SPELLED = st.one_of(
    CONTACTS,
    st.text("+ 0aZß\u0130\u2003\x85\x1c\x1f\x0b\t\0", max_size=6),
    st.sampled_from(["a" * size for size in (55, 56, 63, 64, 65, 119, 120, 128, 300)]),
)


@given(st.sampled_from(["email", "phone"]), SPELLED, SPELLED)
def test_digests_are_those_of_what_others_hash(role: str, form: str, written: str) -> None:
    assert digests_of(role, form, written) == hashed(role, form, written)


@given(
    st.dictionaries(
        st.sampled_from(["city", "email", "email_sha256", "phone", "user_id"]),
        st.lists(st.one_of(CONTACTS, st.just(hashed("email", "ada@x.org", "")[0])), max_size=3),
    ),
    st.booleans(),
)
def test_identifiers_are_what_a_record_knows_and_then_the_digests_of_it(content: Said, other: bool) -> None:
    roles = {"email", "email_sha256", "phone", "phone_sha256"}
    written = {role: [f" {value}" for value in values] for role, values in content.items()} if other else {}
    named = [(role, value) for role, values in content.items() if role in roles for value in values]
    expected = named.copy()
    for role, source in CLEAR.items():
        known = zip(content.get(source, []), written.get(source, content.get(source, [])), strict=True)
        found = dict.fromkeys(one for sides in known for one in hashed(source, *sides))
        expected += [(role, one) for one in found if one not in content.get(role, [])]
    made = record(content, written, roles)
    for one in (made, Packed.restored(1, made.packed(), 0, 0, roles)):
        assert one.keys == [digest(f"{role}\x00{value}") for role, value in expected]
        assert one.key_roles == [role for role, _ in expected]
        assert one.named == named
        assert one.identifiers == [(*both, key) for both, key in zip(expected, one.keys, strict=True)]


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 249, 250, 251, 1000])
def test_identifiers_of_any_length_have_keys(size: int) -> None:
    value = "a" * size
    assert record({"email": [value]}, {}, {"email"}).keys == [digest(f"email\x00{value}")]
    assert key_of(f"email\x00{value}") == digest(f"email\x00{value}")


@given(st.lists(SAID, max_size=6), st.sampled_from(["city", "email", "phone"]))
def test_the_fewest_first_values_are_those_of_a_role_that_half_of_the_records_know(
    contents: list[Said], but: str
) -> None:
    counts = []
    for role in {"city", "email"} - {but}:
        known = [content[role][0] for content in contents if content.get(role)]
        if known and 2 * len(known) >= len(contents):
            counts.append(len(set(known)))
    assert fewest_first(list(map(record, contents)), ("city", "email"), but) == min(counts, default=0)


@pytest.mark.parametrize("size", [1, 4, 5, 8, 9, 12, 13, 16, 17, 40])
def test_records_of_many_roles_and_values_are_whole(size: int) -> None:
    content = {f"role {n}": [f"{n}.{i}" for i in range(n % 4)] for n in range(size)}
    content |= {"email": [f"A{n}@x.org" for n in range(size)], "city": [f"c{n}" for n in range(size)]}
    written = {"city": [f"C{n}" for n in range(size)]}
    roles = {"email", "email_sha256", *(f"role {n}" for n in range(0, size, 2))}
    made = record(content, written, roles)
    for one in (made, made.at(4, 5), Packed.restored(1, made.packed(), 3, 9, roles), made.at(3, 9).at(4, 5)):
        assert (one.content, one.written) == (content, written)
        assert one.packed() == made.packed()
        assert one.identifiers == made.identifiers
        assert len(one.keys) == len(one.key_roles) == len(one.identifiers)
    assert len([role for role in made.key_roles if role == "email_sha256"]) == 2 * size


def test_a_number_is_taken_once() -> None:
    made = Packed(0, "crm", "17", {}, {}, 3, 9)
    made.become(5)
    assert made.number == 5
    with pytest.raises(ValueError, match="expected a record without a number, got that of number 5"):
        made.become(6)


def test_rows_that_are_not_there_yet_are_restored() -> None:
    one, other = (PersonRecord(n, "crm", str(n), {"email": ["a@x.org"]}, {}, n, n, {"email"}) for n in (1, 2))
    rows = [NodeRow(n, record.packed(), n, n + 5, n, None) for n, record in ((1, one), (2, other))]
    records, held = {1: one}, dict[int, tuple[Any, ...]]()
    restore(PersonRecord, iter(rows), {"email"}, True, records, held)
    assert records[1] is one
    assert type(records[2]) is PersonRecord
    assert held == {2: rows[1]}
    assert (records[2].packed(), records[2].first, records[2].last) == (other.packed(), 2, 7)
    restore(PersonRecord, [(3, *rows[0][1:])], (), False, records, held)
    assert (records[3].keys, records[3].content) == ([], one.content)
    with pytest.raises(ValueError, match="expected a packed record, got 1 bytes of something else"):
        restore(PersonRecord, [(4, b"x", 0, 0)], (), True, records, held)
    assert 4 not in records
    assert 4 not in held
    with pytest.raises(TypeError):
        restore(PersonRecord, [(4, None, 0, 0)], (), True, records, held)
    with pytest.raises(TypeError, match="rows of four values"):
        restore(PersonRecord, [(4, b"x")], (), True, records, held)
