"""Names of several people in one cell: who is named first stands for them, and nobody else's name changes."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cxm_sdk
from cxm_sdk.identity.normalize.households import (
    BESIDE_TITLES,
    JOINING,
    first_given,
    first_person,
    may_be_several,
)
from cxm_sdk.identity.normalize.missing import FOLD
from cxm_sdk.identity.normalize.names import given_name, split_full_name
from cxm_sdk.identity.spans import Spans

Parts = tuple[str | None, str | None, str | None]


def parts(name: str) -> Parts:
    found = split_full_name(Spans.of(pa.array([name])))
    first, last, suffix = (part.array()[0].as_py() for part in (found.first, found.last, found.suffix))
    return first, last, suffix


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("John & Mary Smith", ("john", "smith", None)),
        ("John and Mary Smith III", ("john", "smith", "iii")),
        ("J.&M. Smith Jr.", ("j", "smith", "jr")),
        ("Smith, John & Mary", ("john", "smith", None)),
        ("Smith, Mr & Mrs John", ("john", "smith", None)),
        ("Mr. & Mrs. John Taylor", ("john", "taylor", None)),
        ("Dr. J. Smith and Mrs. M. Smith", ("j", "smith", None)),
        ("Mr O Winter and Mr J Winter", ("o", "winter", None)),
        ("John Smith & Mary Jones", ("john", "smith", None)),
        ("John Smith and family", ("john", "smith", None)),
        ("Rev & Mrs T Brown & Family", ("t", "brown", None)),
        ("Hans und Grete Schmidt", ("hans", "schmidt", None)),
        ("Mary-Ann & Bob van der Berg", ("mary ann", "van der berg", None)),
        ("M et Mme Jean Dupont", ("jean", "dupont", None)),
    ],
)
def test_of_several_people_the_one_named_first_is_taken_with_the_last_name_they_share(
    name: str, expected: Parts
) -> None:
    assert parts(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("Mr & Mrs Taylor", "Mr.&Mrs.Taylor", "Mr/Mrs Taylor", "Taylor Family", "The Taylor Family"),
        *("Taylor Household", "Fam. Taylor", "Familie Taylor", "Famille Taylor", "Herr und Frau Taylor"),
        *(
            "Herr och Fru Taylor",
            "M. et Mme TAYLOR",
            "Mme et M. Taylor",
            "Dhr. en Mevr. Taylor",
            "Mr and Mr Taylor",
        ),
    ],
)
def test_of_a_household_whose_people_are_not_named_the_last_name_is_left(name: str) -> None:
    assert parts(name) == (None, "taylor", None)


@pytest.mark.parametrize(
    "name",
    [
        *("Smith & Sons", "Smith & Sons Ltd", "Marks & Spencer plc", "Johnson & Johnson", "Ernst & Young"),
        *("Barnes and Noble", "Anderson & Co", "Family Dollar", "Smith Family Trust", "Smith & Partner"),
        *(
            "José Ortega y Gasset",
            "Ana e Silva",
            "John E Smith",
            "Zhou En Lai",
            "Fam Wei Ling",
            "Rodina Elena",
        ),
        *(
            "Sandy Anderson",
            "Ondine Land",
            "And",
            "John &",
            "& Mary Smith",
            "John & Mary",
            "Smith & Jones",
            "",
        ),
    ],
)
def test_firms_initials_and_parts_of_names_are_left_as_they_are(name: str) -> None:
    assert first_person(name) == name


def test_first_names_of_several_people_are_those_of_the_first() -> None:
    names = pa.array(["John & Mary", "Herr und Frau", "Mary Ann", "Mr and Mrs J", None])
    assert given_name(Spans.of(names)).array().to_pylist() == ["john", None, "mary ann", "j", None]


ORDINARY = st.text(st.characters(codec="utf-8", exclude_characters="&+/"), max_size=20)


@given(ORDINARY)
@example("Ada King")
def test_a_name_without_a_word_that_joins_is_never_changed(name: str) -> None:
    values = Spans.of(pa.array([name]))
    folded = values.translated(FOLD)
    words = {*JOINING.words, *BESIDE_TITLES.words}
    if not words & set((folded.array()[0].as_py() or "").split()):
        assert not len(may_be_several(values, folded))
        assert first_person(name) == first_given(name) == name


WORDS = st.sampled_from(
    [
        *("&", "+", "/", ",", ".", "and", "und", "et", "y", "e", "the", "Family", "Fam.", "Jr", "III", "van"),
        *("Mr", "Mrs", "Frau", "Dr", "M.", "John", "Mary", "Smith", "O'Neil", "Müller"),
    ]
)


@given(st.lists(WORDS, max_size=8), st.sampled_from([" ", "", "  "]))
def test_what_was_written_as_one_person_stays_so(words: list[str], between: str) -> None:
    once = first_person(between.join(words))
    assert parts(first_person(once)) == parts(once)


def test_a_mailing_list_of_couples_finds_its_people_in_a_register() -> None:
    draw = random.Random(11)
    lasts = [
        "Abbot",
        "Burke",
        "Chandler",
        "Dixon",
        "Ellery",
        "Fulton",
        "Garner",
        "Hollis",
        "Ingram",
        "Jarvis",
    ]
    firsts = ["Adam", "Brian", "Carl", "Dennis", "Edgar", "Frank", "George", "Henry", "Ivan", "James"]
    wives = ["Alice", "Betty", "Clara", "Doris", "Edith", "Flora", "Grace", "Helen", "Irene", "Judith"]
    people, couples, truth = [], [], []
    for number in range(300):
        first, wife, last = draw.choice(firsts), draw.choice(wives), draw.choice(lasts)
        town = {"postcode": str(draw.randint(10000, 10400))}
        people += [
            {"id": f"{at}{number}", "name": f"{n} {last}", **town} for at, n in (("p", first), ("w", wife))
        ]
        titles = draw.choice(["Mr and Mrs", "M et Mme", "Herr und Frau"])
        joined = draw.choice([f"{titles} {first} {last}", f"{first} {last} and {wife} {last}"])
        couples.append({"id": f"c{number}", "name": joined, **town})
        truth += [(f"p{number}", number), (f"w{number}", -number - 1), (f"c{number}", number)]
    result = cxm_sdk.resolve(
        {"register": pa.Table.from_pylist(people), "list": pa.Table.from_pylist(couples)}
    )
    ids, entities = zip(*truth, strict=True)
    scores = cxm_sdk.evaluate(
        result.assignments, pa.table({"record_id": pa.array(ids), "entity_id": pa.array(map(str, entities))})
    )
    assert scores.cluster_pairwise.f1 > 0.95
