"""Few records compared in place: levels and bits are those of the batch side."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk._native.few import Few
from cxm_sdk._native.packing import packed
from cxm_sdk._native.pair_model import PairModel
from cxm_sdk._native.profiles import Evidence
from cxm_sdk._native.weighing import Weighing
from cxm_sdk.identity.columns import Column
from cxm_sdk.identity.compact import Weights
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.digests import Digested
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.person_records import DECIDED, PersonRecord
from cxm_sdk.identity.person_records import MUTED as MUTED_BY
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.scoring import FLOOR, Scorer, bits_of
from cxm_sdk.identity.spellings import Spellings

MODEL = default_model()
WEIGHTS = Weights(MODEL)
VALUES = {
    "first_name": [
        "ada",
        "adah",
        "william",
        "bill",
        "a",
        "lovelace",
        "mary ann",
        "mary",
        "jörg",
        "jørg ann",
        "xy",
    ],
    "last_name": [
        "lovelace",
        "lovelase",
        "king lovelace",
        "ada",
        "meyer",
        "maier",
        "mejer",
        "nguyễn",
        "nguyen",
        "l",
    ],
    "suffix": ["jr", "sr"],
    "birth_date": ["19800101", "19800110", "19801001", "19810101", "19900203", "19800102"],
    "sex": ["m", "f"],
    "email": [
        "ada@x.org",
        "ada@y.org",
        "adah@y.org",
        "lovelace.ada@x.org",
        "mary@x.org",
        "no address",
        "jörg@x.org",
    ],
    "phone": ["7700900123", "447700900123", "7700900124", "0900123", "900123"],
    "street": ["high st", "hight st", "north high st", "linden", "königstr", "königsstr", "r"],
    "house_number": ["7", "12a"],
    "postcode": ["10115", "10117", "10116", "SW1A1AA", "SW1A2AA", "101"],
    "city": ["ulm", "neu ulm", "berlin", "berlim", "münchen", "munchen"],
    "company": [
        "smith sons",
        "smith",
        "sons of smith brothers",
        "smiths sons",
        "acme holding europe",
        "holding acme",
    ],
    "user_id": ["u-1", "u-12345", "u-12346", "u-21345"],
    "email_sha256": [*(sha256(value).hexdigest() for value in (b"ada@x.org", b"ada@y.org")), "cc"],
}
#: Roles without which a model has rules that do not apply; every column is there, whatever the two records say.
FULL = {role: ["z z z"] if role != "birth_date" else ["20011231"] for role in VALUES}
SAID = st.fixed_dictionaries(
    {},
    optional={
        role: st.lists(st.sampled_from(values), max_size=3, unique=True) for role, values in VALUES.items()
    },
)
MUTED = st.dictionaries(st.sampled_from(["email", "phone", "user_id"]), st.integers(0, 4), max_size=2).map(
    lambda chosen: {role: {VALUES[role][place % len(VALUES[role])]} for role, place in chosen.items()}
)
PEOPLE = st.dictionaries(
    st.sampled_from(["email", "phone", "user_id"]),
    st.dictionaries(st.integers(0, 3), st.integers(2, 9), max_size=3),
    max_size=3,
).map(
    lambda chosen: {
        role: {VALUES[role][place % len(VALUES[role])]: count for place, count in counts.items()}
        for role, counts in chosen.items()
    }
)
#: Identifiers, of which some are shared.
ROLES = ("email", "phone", "user_id", "email_sha256")


def weighing(
    aging: dict[int, float] | None = None,
    pairs: PairModel = WEIGHTS.pairs,
    one_value: Sequence[str] = (),
    one_record: Sequence[str] = (),
) -> Weighing:
    aged = aging or {}
    evidence = WEIGHTS.decided_evidence(DECIDED, tuple(aged))
    return Weighing(
        *(pairs, evidence, aged, ["email_sha256"], list(one_value), list(one_record)),
        *(bits_of(MODEL.threshold), FLOOR),
    )


def laid(
    records: Iterable[PersonRecord], shared: dict[int, int] | None = None, rules: Weighing | None = None
) -> Few:
    few = Few(rules or weighing(), shared or {})
    few.add(records)
    return few


def columns(role: str, told: list[list[str]]) -> list[Column]:
    """Columns of one role; an empty text leaves a gap."""
    values = sorted({value for held in told for value in held} - {""}, key=str.encode)
    number = {value: code for code, value in enumerate(values)}
    texts, none = pa.array(values, pa.string()), np.zeros(0, np.int32)
    held = [
        np.array([number.get(h[slot], -1) if slot < len(h) else -1 for h in told], np.int32)
        for slot in range(max(map(len, told)))
    ]
    often = [np.bincount(codes[codes >= 0], minlength=len(values)).astype(np.uint32) for codes in held]
    spelled = (texts, texts, Spellings(none, none, texts))
    return [
        Column(role, slot, codes, *spelled, count)
        for slot, (codes, count) in enumerate(zip(held, often, strict=True))
    ]


def batch_side(
    said: list[dict[str, list[str]]],
    sources: list[str],
    muted: dict[str, set[str]],
    people: dict[str, dict[str, int]],
    derived: list[list[str]],
) -> Scorer:
    made = {role: columns(role, [one.get(role, []) for one in said]) for role in VALUES}
    own = [
        [d for d in one.get("email_sha256", []) if d not in held]
        for one, held in zip(said, derived, strict=True)
    ]
    given_slots = max(map(len, own))
    apart = [[*o, *[""] * (given_slots - len(o)), *d] for o, d in zip(own, derived, strict=True)]
    digested = {"email_sha256": Digested(columns("email_sha256", apart), given_slots)}
    names = sorted(set(sources))
    codes = np.array([names.index(source) for source in sources], np.int32)
    records = Records(names, codes, pa.array(map(str, range(len(said)))), made, digested=digested)
    texts = {role: records.compared(role)[0].values.to_pylist() for role in VALUES}
    assert MODEL.frozen is not None
    silent = {role: set(MODEL.frozen.ignored.get(role, ())) | muted.get(role, set()) for role in VALUES}
    mask = {
        role: np.array([value in silent[role] for value in values], bool) for role, values in texts.items()
    }
    sharers = {
        role: np.array([people.get(role, {}).get(value, 1) for value in values], np.int32)
        for role, values in texts.items()
    }
    features = Features(records, mask, frozen=MODEL.frozen)
    return Scorer(MODEL, features, sharers)


def person(
    number: int, content: dict[str, list[str]], source: str, first: int = 0, last: int = 0
) -> PersonRecord:
    return PersonRecord(number, source, str(number), content, {}, first, last, ROLES)


@settings(max_examples=150, deadline=None)
@given(SAID, SAID, st.sampled_from(["crm", "web"]), MUTED, PEOPLE)
def test_levels_and_weights_are_those_of_the_batch_side(
    ours: dict[str, list[str]],
    theirs: dict[str, list[str]],
    source: str,
    muted: dict[str, set[str]],
    people: dict[str, dict[str, int]],
) -> None:
    said, sources = [ours, theirs, FULL], ["crm", source, "web"]
    records = [
        person(n, content, where) for n, (content, where) in enumerate(zip(said, sources, strict=True))
    ]
    derived = [record.derived("email_sha256") for record in records]
    scorer = batch_side(said, sources, muted, people, derived)
    left, right = np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32)
    wanted = scorer.score(left, right)
    shared = {
        identifier_key(role, value): n for role, counts in people.items() for value, n in counts.items()
    }
    shared.update(
        (identifier_key(role, value), MUTED_BY) for role, values in muted.items() for value in values
    )
    few = laid(records, shared)
    pairs = [(0, 1), (0, 2), (1, 2)]
    found = [few.terms(*pair) for pair in pairs]
    assert [levels for levels, *_ in found] == wanted.levels.tolist()
    assert [weight for *_, weight, _ in found] == wanted.weight.tolist()
    assert [household for *_, household in found] == wanted.household.tolist()
    weighed = array("d", few.weigh(packed([(b, a) for a, b in pairs])))
    assert weighed.tolist() == [bits for *_, weight, household in found for bits in (weight, household)]


@given(st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 10**14)), min_size=2, max_size=2))
def test_agreements_lose_half_with_each_half_life_that_has_passed(times: list[tuple[int, int]]) -> None:
    said = {"phone": ["7700900123"]}
    a, b = (person(n, said, "crm", first, first + longer) for n, (first, longer) in enumerate(times))
    column = [comparison.name for comparison in MODEL.comparisons].index("phone")
    levels, adjusted, across, lost, weight, home = laid([a, b], {}, weighing({column: 1e6})).terms(0, 1)
    gap = max(0, a.first - b.last, b.first - a.last) / 1e6
    for side, bits in enumerate((WEIGHTS.match_bits, WEIGHTS.household_bits)):
        full = max(float(bits[column, levels[column]]), 0.0)
        assert lost[0][side] == pytest.approx(full * (1 - 2 ** (-gap / 1e6)), abs=1e-9)
    wanted = plain_weight(levels, adjusted, across, lost[0], column)
    assert (weight, home) == pytest.approx(wanted, abs=1e-7)


def log2_of_one_plus(bits: float) -> float:
    return bits if bits > 60 else math.log1p(2.0**bits) * math.log2(math.e)


def plain_weight(
    levels: list[int], adjusted: list[float], across: bool, lost: tuple[float, float], aged: int
) -> tuple[float, float]:
    """The weight of a pair and of one household, summed term by term."""
    terms = [(column, float(WEIGHTS.match_bits[column, level])) for column, level in enumerate(levels)]
    terms += [
        *((column, bits) for (column, _), bits in zip(WEIGHTS.pairs.adjusted, adjusted, strict=True)),
        (aged, -lost[0]),
    ]
    told = math.fsum([float(WEIGHTS.priors[int(across)]), *(bits for _, bits in terms)])
    shared = math.fsum(float(WEIGHTS.household_bits[column, level]) for column, level in enumerate(levels))
    at_home = [b for (_, home), b in zip(WEIGHTS.pairs.adjusted, adjusted, strict=True) if home]
    shared += float(WEIGHTS.household_priors[int(across)]) - lost[1] + math.fsum(at_home)
    if told - log2_of_one_plus(shared) >= FLOOR:
        for alike, priors in zip(WEIGHTS._alike, WEIGHTS._alike_priors, strict=True):
            odds = math.fsum([priors[int(across)], *(bits for column, bits in terms if alike[column])])
            shared += log2_of_one_plus(odds - shared)
    return told - log2_of_one_plus(shared), shared


def test_a_pair_says_the_same_whichever_records_lie_beside_it() -> None:
    a = {"street": ["high st"], "house_number": ["7"], "email": ["lovelace@x.org"], "last_name": ["lovelace"]}
    b = {
        "street": ["linden", "high st"],
        "house_number": ["7"],
        "email": ["lovelace@y.org"],
        "last_name": ["king"],
    }
    others: list[dict[str, list[str]]] = [{}, {**FULL, "house_number": ["1", "2", "3"]}]
    found = []
    for beside in others:
        few = laid(person(n, content, "crm") for n, content in enumerate((a, b, beside)))
        found.append(few.terms(0, 1))
    assert found[0] == found[1]


def test_digests_of_what_is_known_in_clear_say_something_beside_those_that_came_as_such() -> None:
    clear, other = ({"email": [value]} for value in ("ada@x.org", "ada@y.org"))
    hashed = {"email_sha256": VALUES["email_sha256"][:1]}
    few = laid(person(n, content, "crm") for n, content in enumerate((clear, other, hashed, clear)))
    column = [comparison.roles[0] for comparison in MODEL.comparisons].index("email_sha256")
    first = few.terms(0, 3)
    assert [few.terms(0, n)[0][column] for n in (1, 2, 3)] == [0, 2, 0]
    assert few.terms(0, 3) == first
    assert few.terms(1, 2)[0][column] == 1


@pytest.mark.parametrize("similarity", [None, "native"])
def test_texts_of_other_letters_are_as_alike_as_they_are_said_to_be(similarity: str | None) -> None:
    from rapidfuzz.distance import JaroWinkler

    from cxm_sdk.identity.features import similarity_scorer

    model = PairModel(
        [("last_name", "name", ("last_name",), 7)],
        *([], [], {}, {}),
        *(similarity_scorer() if similarity else None, JaroWinkler.similarity, 0.92, 0.82),
    )
    names = ["миллер", "миллерс", "петров", "m" * 80, "m" * 79 + "n"]
    evidence = Evidence(
        *(np.zeros((2, 8)), np.zeros((2, 8)), np.zeros((0, 2), np.uint8), np.zeros((2, 2))),
        *((), np.zeros(2, np.uint8)),
    )
    few = laid(
        (person(n, {"last_name": [name]}, "crm") for n, name in enumerate(names)),
        rules=Weighing(model, evidence, {}, [], [], [], 0.0, 0.0),
    )
    assert [few.terms(*pair)[0] for pair in ((0, 1), (0, 2), (3, 4))] == [[5], [1], [5]]


def test_what_is_not_there_is_an_error() -> None:
    arguments: Any = ([], [], {}, {}, None, lambda a, b: 0.0, 0.9, 0.8)
    with pytest.raises(KeyError):
        PairModel([("x", "unheard of", ("x",), 3)], *arguments)
    few = laid([person(0, {}, "crm")])
    with pytest.raises(KeyError, match="expected numbers of records that are laid out"):
        few.weigh(packed([(0, 1)]))
    with pytest.raises(KeyError, match="expected numbers of records that are laid out"):
        few.terms(1, 0)
    with pytest.raises(KeyError):
        weighing(one_value=["unheard of"])
    other = PairModel([("x", "equal", ("x",), 3)], *arguments)
    with pytest.raises(ValueError, match="expected evidence of 2 comparisons"):
        weighing(pairs=other)
    with pytest.raises(ValueError, match="expected two adjustments for each comparison that ages"):
        Weighing(
            *(WEIGHTS.pairs, WEIGHTS.decided_evidence(DECIDED, (0,)), {}, [], [], []),
            *(0.0, 0.0),
        )
    with pytest.raises(TypeError):
        few.add([SimpleNamespace(source="crm", record_id="1", number=1)])
