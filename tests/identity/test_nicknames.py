"""The nickname groups: folded, symmetric, and knowing what they should."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.identity.nicknames import groups_of_names, names_alike, nickname_groups

KNOWN = st.sampled_from(sorted(groups_of_names()))


def test_names_are_folded() -> None:
    assert all(name.isascii() and name.isalpha() and name.islower() for name in groups_of_names())


def test_every_name_has_another_one() -> None:
    sizes = Counter(number for numbers in groups_of_names().values() for number in numbers)
    assert all(size > 1 for size in sizes.values())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("bill", "william"),
        ("peggy", "margaret"),
        ("bob", "robert"),
        ("mohammed", "muhammad"),
        ("mehmet", "mohamed"),
        ("pepe", "jose"),
        ("paco", "francisco"),
        ("juergen", "jurgen"),
        ("uschi", "ursula"),
        ("kees", "cornelis"),
        ("kasia", "katarzyna"),
        ("sasha", "alexander"),
        ("sasha", "alexandra"),
        ("ze", "jose"),
        ("beppe", "giuseppe"),
        ("yusuf", "youssef"),
        ("zeynep", "zainab"),
        ("katya", "ekaterina"),
    ],
)
def test_usual_pairs_are_alike(left: str, right: str) -> None:
    assert names_alike(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("bill", "robert"),
        ("anna", "emma"),
        ("james", "john"),
        ("peter", "paul"),
        ("ali", "omar"),
        ("jan", "jakub"),
    ],
)
def test_different_names_are_not_alike(left: str, right: str) -> None:
    assert not names_alike(left, right)


def test_a_short_form_may_stand_for_several_names_that_are_not_alike() -> None:
    assert names_alike("alex", "alejandro")
    assert names_alike("alex", "alejandra")
    assert not names_alike("alejandro", "alejandra")


def test_unknown_names_have_no_group() -> None:
    assert nickname_groups(["", "zzyzx", "William"]) == [(), (), ()]
    assert not names_alike("zzyzx", "zzyzx")


@given(KNOWN, KNOWN)
def test_alikeness_is_symmetric_and_equals_a_shared_group(left: str, right: str) -> None:
    a, b = nickname_groups([left, right])
    assert list(a) == sorted(set(a))
    assert names_alike(left, right) == names_alike(right, left) == bool(set(a) & set(b))
