"""Values become what the batch side makes of them, however they are read."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxm_sdk.identity.columns import SHOWN, Group, forms
from cxm_sdk.identity.normalize import households, identifiers, missing, name_words, names, places
from cxm_sdk.profiles.canonical import ValueForms
from cxm_sdk.profiles.plain import plain_forms
from cxm_sdk.testing import synthetic

PLAIN = {order: plain_forms(order) for order in ("dmy", "mdy")}
YEAR = datetime.datetime.now(tz=datetime.UTC).year
ROLES = (
    *(
        "first_name",
        "middle_name",
        "last_name",
        "full_name",
        "birth_date",
        "email",
        "phone",
        "city",
        "postcode",
    ),
    *("house_number", "crm_id", "user_id", "street", "sex", "company", "suffix", "country", "email_sha256"),
    *("unit", "state", "national_id", "phone_sha256", "account_id"),
)
#: Words that mean something: titles, suffixes, stand-ins, markers.
WORDS = sorted(
    {
        word
        for lists in (
            name_words.TITLES,
            name_words.TAIL,
            name_words.PARTICLES,
            names.NOBODY,
            names.NO_GIVEN_NAMES,
        )
        for word in lists.words
    }.union(missing.FOLDED.words, places.CITY_WORDS.words, identifiers.NOT_IDS.words)
)
WORD = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(["Ada", "Lovelace", "Ulm", "12", "0", "99999", "C-17", "gmail.com", "deadbeef01", "III"]),
    st.from_regex(r"[A-Za-z]{1,6}|[0-9]{1,6}", fullmatch=True),
)
STREET_WORD = st.one_of(
    st.sampled_from(
        sorted({*places._SHORT, *places._SHORT.values(), *places._UNITS, *places.NUMBERED_ROADS.words})
    ),
    st.sampled_from(
        ["Linden", "Hauptstraße", "Kerkstraat", "Piłsudskiego", "IV", "de", "po", "box", "post", "office"]
    ),
    WORD,
)
SHOUTED = st.sampled_from([str.lower, str.upper, str.title, str])
WRITTEN = st.one_of(
    st.dates(datetime.date(1800, 1, 1), datetime.date(YEAR + 2, 1, 1)).map(str),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    st.from_regex(r"[0-3][0-9][-/.][0-1][0-9][-/.](19|20)[0-9]{2}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_.@+ -]{1,14}", fullmatch=True),
    st.from_regex(r"[a-z.+]{1,8}@(gmail|googlemail|x)\.(com|org)", fullmatch=True),
    st.from_regex(r"[+0(][0-9 ()/.-]{4,16}", fullmatch=True),
    st.builds(
        lambda parts, between, shout: shout(between.join(parts)),
        *(st.lists(WORD, min_size=1, max_size=3), st.sampled_from([" ", ", ", "-", "_", "@", ""]), SHOUTED),
    ),
    st.builds(
        lambda number, words, shout: shout(number.format(" ".join(words))),
        st.sampled_from(
            [
                *(
                    "12 {}",
                    "{} 7",
                    "3b {}",
                    "{} 21a",
                    "{}",
                    "Mr {}",
                    "{}.",
                    "{}, Ada",
                    "3/12 {}",
                    "{}, Flat 3b",
                ),
                *(
                    "Apt 4 {} #5",
                    "{} 33, 2. OG",
                    "12 bis {}",
                    "{} 12 a",
                    "{} 012.0",
                    "00 {}",
                    "{}, Ada, Jr",
                    "({})",
                ),
            ]
        ),
        *(st.lists(STREET_WORD, min_size=1, max_size=3), SHOUTED),
    ),
    st.builds(
        lambda words, between: between.join(words),
        st.lists(
            st.builds(
                lambda word, end, shout: shout(word) + end,
                st.one_of(
                    st.sampled_from(sorted(name_words.PARTICLES.words)),
                    st.sampled_from(["Jean-Pierre", "O'Brien", "D", "Weiß", "aa", "Road", "ter", "12a", "7"]),
                    STREET_WORD,
                ),
                st.sampled_from(["", "", ".", ","]),
                SHOUTED,
            ),
            min_size=1,
            max_size=4,
        ),
        st.sampled_from([" ", "-", "  "]),
    ),
    st.from_regex(r"[A-Za-z\u00c0-\u024f]{2,7}([ -][A-Za-z\u00c0-\u024f]{1,5}[.]?)?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4,5}|[0-9]{2}-[0-9]{3}|[0-9]{4} ?[A-Z]{2}|[A-Z]{1,2}[0-9]{1,2} ?[0-9][A-Z]{2}", fullmatch=True
    ),
    st.text(max_size=12),
    st.builds(
        lambda parts, between, shout: shout(between.join(parts)),
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["&", "+", "/", "the", "M.", "Mr", "Frau", "J", "Müller", "Ada,", "von", "Jr"]
                ),
                st.sampled_from(sorted({*households.JOINING.words, *households.BESIDE_TITLES.words})),
                WORD,
            ),
            min_size=2,
            max_size=6,
        ),
        *(st.sampled_from([" ", "  ", ".", ", "]), SHOUTED),
    ),
    st.from_regex("[ ]?[王欧阳佐々木田中金さん나남궁김先生様、]{1,6}[ ]?", fullmatch=True),
    st.from_regex(
        r"[1-9]{0,3} ?(High St|Hauptstr\.|Flat 3)( [1-9]{1,2})?(, ?|\n|,)((D-)?[0-9]{4,6} )?(Leeds|New York|Ulm)?"
        r"(,? [A-Z]{2})?( ?[0-9]{4,6}| [A-Z]{1,2}[0-9]{1,2} ?[0-9][A-Z]{2})?(, [A-Z]{3})?",
        fullmatch=True,
    ),
    st.from_regex(
        "[a-z\u0370-\u04ff\u0621-\u064a]{2,6}([ ,-]+[\u0410-\u044f\u4e00-\u4eff]{1,5}){0,2}", fullmatch=True
    ),
)


@settings(max_examples=200)
@example("street", "12 Main St Apt 4, Springfield, IL 62704", "dmy")
@example("street", "10 Downing St, London W1A 2AA", "dmy")
@example("street", "Flat 3, 12 High Street", "dmy")
@example("full_name", "Fam. Müller & Söhne", "dmy")
@example("full_name", "M. et Mme DUPONT Jr.", "dmy")
@example("first_name", "Herr und Frau Jörg", "dmy")
@example("full_name", "欧阳娜娜", "dmy")
@example("full_name", " 田中様", "dmy")
@example("first_name", "ŉ", "dmy")
@given(st.sampled_from(ROLES), WRITTEN, st.sampled_from(["dmy", "mdy"]))
def test_what_is_plain_is_what_the_batch_side_makes_of_it(role: str, raw: str, order: str) -> None:
    found = PLAIN[order].forms(role, raw)
    if found is not None:
        group = Group(role, order if role == "birth_date" else None, keep_lines=role == "street")
        made = forms(group, pa.array([raw], pa.string()))
        for part in {"first_name", "middle_name", "last_name"} & made.keys():
            made[part] = names.latin(made[part])
        told = {name: column.to_pylist()[0] for name, column in made.items()}
        for part in SHOWN.keys() & made.keys() if role == "full_name" else ():
            if told[part] and told[SHOWN[part]] == told[part].title():
                del told[SHOWN[part]]
        assert found == {name: form for name, form in told.items() if form is not None}


@pytest.mark.parametrize(
    ("role", "raw", "made"),
    [
        ("street", "Calle 21a", {"street": "c 21a", "street_line": "c 21a"}),
        (
            "street",
            "12 ter Lindenweg",
            {"street": "lindenweg", "house_number": "12ter", "street_line": "12 ter lindenweg"},
        ),
        ("street", "Keine Angabe", {}),
        ("street", "PO Box 12", None),
        (
            "street",
            "Flat 3, 12 High Street",
            {"street": "high st", "house_number": "12", "unit": "3", "street_line": "12 high st"},
        ),
        ("street", "Lindenweg 7", {"street": "lindenweg", "house_number": "7", "street_line": "lindenweg 7"}),
        (
            "full_name",
            "Ludwig van der Berg",
            {"first_name": "ludwig", "last_name": "van der berg", "written last_name": "van der Berg"},
        ),
        (
            "full_name",
            "Mrs. D. O'Brien",
            {
                "first_name": "d",
                "last_name": "obrien",
                "written first_name": "D.",
                "written last_name": "O'Brien",
            },
        ),
        (
            "full_name",
            "de Haan, Jean-Pierre M.",
            {
                "first_name": "jean pierre",
                "middle_name": "m",
                "last_name": "de haan",
                "written first_name": "Jean-Pierre",
                "written middle_name": "M.",
                "written last_name": "de Haan",
            },
        ),
        (
            "full_name",
            "van Berg",
            {"first_name": "van", "last_name": "berg", "written first_name": "van"},
        ),
        ("full_name", "John Smith, Jr", {"first_name": "john", "last_name": "smith", "suffix": "jr"}),
        (
            "full_name",
            "Вова Иванов",
            {
                "first_name": "vova",
                "last_name": "ivanov",
                "written first_name": "Вова",
                "written last_name": "Иванов",
            },
        ),
        ("city", "Δράμα", {"city": "δραμα"}),
        ("crm_id", "№ 7", None),
        ("last_name", "El-Amin", {"last_name": "el amin"}),
        ("city", "Frankfurt am Main", {"city": "frankfurt am main"}),
        ("city", "Saint Louis", {"city": "st louis"}),
        ("birth_date", "1900-01-01", {}),
        ("birth_date", "1 June 1985", None),
    ],
)
def test_what_takes_more_to_tell_is_left_to_the_batch_side(
    role: str, raw: str, made: dict[str, str] | None
) -> None:
    assert PLAIN["dmy"].forms(role, raw) == made


def test_most_of_what_customers_write_is_plain() -> None:
    table = synthetic.generate(300, 3).sources["crm"]
    columns = {"first_name": 0.95, "last_name": 0.95, "email": 1, "customer_id": 1}
    for column, least in columns.items():
        values = [value for value in table.column(column).to_pylist() if value]
        plain = [value for value in values if PLAIN["dmy"].forms(column, value) is not None]
        assert len(plain) >= least * len(values), column


def test_what_is_derived_fills_gaps_only() -> None:
    made = ValueForms("dmy")
    values = {"full_name": ["Dr. Ada B. Lovelace Jr."], "last_name": ["King"], "street": ["12 High Street"]}
    made.learn([values])
    said = made.said(values)
    assert {role: [form for form, _ in held] for role, held in said.items()} == {
        "first_name": ["ada"],
        "middle_name": ["b"],
        "last_name": ["king"],
        "suffix": ["jr"],
        "street": ["high st"],
        "house_number": ["12"],
    }


def test_a_house_number_of_its_own_leaves_another_one_in_the_street() -> None:
    made = ValueForms("dmy")
    values = {"street": ["12 High Street"], "house_number": ["4"]}
    made.learn([values])
    said = made.said(values)
    assert said["house_number"] == [("4", "4")]
    assert said["street"][0][0] == "12 high st"
