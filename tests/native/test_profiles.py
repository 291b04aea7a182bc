"""Native joining of records into profiles gives what slow, obvious Python gives."""

from __future__ import annotations

import runpy
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.profiles import Evidence, join_profiles

oracles = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracles.py"))))

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

COMPARISONS, LEVELS, ADJUSTMENTS = 3, 3, 2


@dataclass
class Problem:
    """Groups of records, what every pair of a group shows, and what that is worth."""

    groups: list[int]
    levels: npt.NDArray[np.uint8]
    adjustments: Floats
    sources: Ints
    bits: Floats  # for one person and for one household: [2, comparisons, levels]
    alike: npt.NDArray[np.uint8]
    priors: Floats
    adjusted: list[tuple[int, bool]]
    several: npt.NDArray[np.uint8]
    single: Ints
    unique: Ints
    astray: float
    cut: float

    def evidence(self) -> Evidence:
        return Evidence(self.bits[0], self.bits[1], self.alike, self.priors, self.adjusted, self.several)

    def known(self, at: int, across: bool) -> list[list[float] | None]:
        """For each comparison, and the prior, the bits of one pair under every hypothesis."""
        kinds, found = len(self.alike), list[list[float] | None]()
        for c, level in enumerate(self.levels[at]):
            own = [k for k, (column, _) in enumerate(self.adjusted) if column == c]
            match, home = (
                float(self.bits[lane, c, level])
                + sum(self.adjustments[at, k] for k in own if lane == 0 or self.adjusted[k][1])
                for lane in range(2)
            )
            rivals = [match * float(self.alike[kind, c]) for kind in range(kinds)]
            found.append([match, home, *rivals] if level else None)
        return [*found, self.priors[int(across)].tolist()]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    groups = draw(st.lists(st.integers(0, 6), max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    records, pairs = sum(groups), sum(size * (size - 1) // 2 for size in groups)
    kinds = draw(st.integers(0, 2))
    bits = rng.normal(1, 6, (2, COMPARISONS, LEVELS))
    bits[:, :, 0] = 0.0
    levels = rng.integers(0, LEVELS, (pairs, COMPARISONS), dtype=np.uint8)
    adjusted = [(int(rng.integers(COMPARISONS)), bool(rng.integers(2))) for _ in range(ADJUSTMENTS)]
    adjustments = rng.normal(0, 2, (pairs, ADJUSTMENTS))
    for k, (column, _) in enumerate(adjusted):
        adjustments[levels[:, column] == 0, k] = 0.0
    constrained = draw(st.booleans())
    return Problem(
        groups,
        levels,
        adjustments,
        rng.integers(0, 2, records, dtype=np.int32),
        bits,
        rng.integers(0, 2, (kinds, COMPARISONS), dtype=np.uint8),
        rng.normal(-3, 2, (2, 2 + kinds)),
        adjusted,
        rng.integers(0, 3, COMPARISONS, dtype=np.uint8),
        rng.integers(-1, 2, (records, int(constrained)), dtype=np.int32),
        rng.integers(-1, 4, (records, int(constrained)), dtype=np.int32),
        draw(st.sampled_from([0.0, 0.2, 0.9])),
        draw(st.sampled_from([0.0, -1.5])),
    )


def joined(problem: Problem) -> tuple[list[int], list[bool]]:
    starts = np.cumsum([0, *problem.groups], dtype=np.int64)
    members = np.arange(starts[-1], dtype=np.int32)
    labels, apart = members.copy(), np.full(len(problem.levels), 9, np.uint8)
    join_profiles(
        *(starts, members, problem.levels, problem.adjustments, problem.sources, problem.evidence()),
        *(problem.astray, problem.cut, problem.single, problem.unique, labels, apart),
    )
    return labels.tolist(), [bool(value) for value in apart]


@given(problems())
def test_clusters_are_joined_while_all_that_their_records_say_makes_them_one_person(problem: Problem) -> None:
    labels, apart, first, at = list[int](), list[bool](), 0, 0
    for size in problem.groups:
        known = {}
        for i, j in combinations(range(size), 2):
            known[i, j] = problem.known(at, problem.sources[first + i] != problem.sources[first + j])
            at += 1
        own = slice(first, first + size)
        found, fate = oracles.join_profiles(
            *(
                size,
                known,
                len(problem.alike),
                problem.several.tolist(),
                problem.astray,
                problem.cut,
            ),
            *(problem.single[own].tolist(), problem.unique[own].tolist()),
        )
        labels += [first + label for label in found]
        apart += fate
        first += size
    assert joined(problem) == (labels, apart)


def three_records(third: int) -> Problem:
    """The first two share a name, the first and the last a phone; what the last two show of it is asked for."""
    bits = np.array([[0.0, -3.0, 14.0], [0.0, -9.0, 16.0]])
    levels = np.array([[2, 0], [0, 2], [0, third]], np.uint8)
    nobody = np.zeros((3, 0), np.int32)
    return Problem(
        [3], levels, np.zeros((3, 0)), np.zeros(3, np.int32), np.stack([bits, np.zeros_like(bits)]),
        np.zeros((0, 2), np.uint8), np.array([[-8.0, -60.0]] * 2), [], np.zeros(2, np.uint8),
        nobody, nobody, 0.2, 0.0,
    )  # fmt: skip


def test_a_record_is_not_kept_out_by_those_it_shares_no_field_with() -> None:
    # The mean weight of the two pairs between the second and the others is below 0.
    assert joined(three_records(third=0))[0] == [0, 0, 0]


def test_what_a_record_knows_otherwise_keeps_it_out() -> None:
    assert joined(three_records(third=1))[0] == [0, 1, 0]


def test_another_value_keeps_nobody_out_where_people_have_several() -> None:
    # The first two are one person by name, and the third shares one of their two phones.
    by_name = replace(
        three_records(third=1),
        bits=np.stack([np.array([[0.0, -3.0, 20.0], [0.0, -9.0, 16.0]]), np.zeros((2, 3))]),
    )
    assert joined(by_name)[0] == [0, 0, 2]
    assert joined(replace(by_name, several=np.array([0, 1], np.uint8)))[0] == [0, 0, 0]


def test_who_is_only_known_by_a_phone_is_whoever_has_it() -> None:
    problem = replace(
        three_records(third=1),
        bits=np.stack([np.array([[0.0, -3.0, 20.0], [0.0, -9.0, 16.0]]), np.zeros((2, 3))]),
        several=np.array([0, 2], np.uint8),
    )
    assert joined(problem)[0] == [0, 0, 0]
    # With a name that differs the third is not that person, for all that they share a phone.
    named = replace(problem, levels=np.array([[2, 0], [1, 2], [1, 1]], np.uint8))
    assert joined(named)[0] == [0, 0, 2]


def test_evidence_that_does_not_fit_is_refused() -> None:
    bits, none, means = np.zeros((2, 3)), np.zeros((0, 2), np.uint8), np.zeros(2, np.uint8)
    with pytest.raises(ValueError, match="as many bits for households"):
        Evidence(bits, np.zeros((2, 2)), none, np.zeros((2, 2)), [], means)
    with pytest.raises(ValueError, match="at most 2 kinds of look-alikes in 2 comparisons"):
        Evidence(bits, bits, np.zeros((3, 2), np.uint8), np.zeros((2, 5)), [], means)
    with pytest.raises(ValueError, match="two priors of each hypothesis"):
        Evidence(bits, bits, none, np.zeros((2, 3)), [], means)
    with pytest.raises(ValueError, match="adjustments of 2 comparisons, got one of 2"):
        Evidence(bits, bits, none, np.zeros((2, 2)), [(2, True)], means)
    with pytest.raises(ValueError, match="of 2 comparisons whether people have several"):
        Evidence(bits, bits, none, np.zeros((2, 2)), [], means[:1])
    with pytest.raises(ValueError, match="expected 0, 1 or 2 for what counts of pairs, got 3"):
        Evidence(bits, bits, none, np.zeros((2, 2)), [], means + np.uint8(3))
    evidence = Evidence(bits, bits, none, np.zeros((2, 2)), [], means)
    starts, members, nobody = np.array([0, 2]), np.arange(2, dtype=np.int32), np.zeros((2, 0), np.int32)
    for levels, pairs, message in (((1, 3), 1, "levels of 2 comparisons"), ((2, 2), 1, "1 pairs everywhere")):
        with pytest.raises(ValueError, match=message):
            join_profiles(
                *(
                    starts,
                    members,
                    np.zeros(levels, np.uint8),
                    np.zeros((levels[0], 0)),
                    members,
                    evidence,
                    0.2,
                ),
                *(0.0, nobody, nobody, members.copy(), np.zeros(pairs, np.uint8)),
            )
