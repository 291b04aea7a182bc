"""Native clustering gives what slow, obvious Python gives, and never breaks a constraint."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from itertools import combinations, groupby, pairwise
from pathlib import Path
from types import SimpleNamespace

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native import cluster

oracles = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracles.py"))))

Ints = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
Links = dict[tuple[int, int], float]

#: Quarters, whose sums and means of few are exact, so that ties are ties by every way of adding up.
QUARTERS = st.integers(-48, 48).map(lambda quarters: quarters / 4)
GROUPS = st.lists(st.lists(st.integers(0, 11), unique=True, max_size=5).map(sorted), max_size=6)


def laid_out(groups: Sequence[Sequence[int]]) -> tuple[Starts, Ints]:
    starts = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    return starts, np.array([member for group in groups for member in group], np.int32)


def agglomerate(
    links: Links, single: Ints, unique: Ints, missing: float, records: int
) -> tuple[list[int], list[bool]]:
    left, right = np.array(list(links), np.int32).reshape(-1, 2).T.copy()
    labels, apart = np.full(records, -7, np.int32), np.full(len(links), 9, np.uint8)
    cluster.agglomerate(left, right, np.array(list(links.values())), single, unique, missing, labels, apart)
    return labels.tolist(), [bool(value) for value in apart]


@st.composite
def constraints(draw: st.DrawFn, records: int) -> tuple[Ints, Ints]:
    """Values of which a cluster holds one, and values that it holds once; often there are none."""
    found = []
    for values in (st.integers(-1, 2), st.sampled_from([-1, -1, 0, 1])):
        width = draw(st.integers(0, 2))
        size = records * width
        drawn = draw(st.lists(values, min_size=size, max_size=size))
        found.append(np.array(drawn, np.int32).reshape(records, width))
    return found[0], found[1]


@st.composite
def problems(draw: st.DrawFn) -> tuple[int, Links, Ints, Ints]:
    records = draw(st.integers(0, 9))
    pairs = list(combinations(range(records), 2))
    if pairs:
        pairs = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    weights = draw(st.lists(QUARTERS, min_size=len(pairs), max_size=len(pairs)))
    return records, dict(zip(pairs, weights, strict=True)), *draw(constraints(records))


# ------------------------------------------------------------------------------------------------- components


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=30), st.integers(16, 18))
def test_components_are_those_of_the_graph(links: list[tuple[int, int]], records: int) -> None:
    labels = np.full(records, -7, np.int32)
    left, right = np.array(links, np.int32).reshape(-1, 2).T.copy()
    cluster.components(left, right, labels)
    graph = nx.Graph(links)
    graph.add_nodes_from(range(records))
    smallest = {record: min(group) for group in nx.connected_components(graph) for record in group}
    assert labels.tolist() == [smallest[record] for record in range(records)]


def test_no_records_have_no_components() -> None:
    none = np.zeros(0, np.int32)
    cluster.components(none, none, none.copy())


def smallest(draw: Sequence[int]) -> Ints:
    """The smallest record of each record's group."""
    seen: dict[int, int] = {}
    return np.array([seen.setdefault(value, place) for place, value in enumerate(draw)], np.int32)


@given(st.lists(st.integers(0, 30), max_size=60))
def test_groups_are_listed_in_the_order_of_their_first_record(draw: list[int]) -> None:
    labels = smallest(draw)
    starts, members, of = cluster.groups_of(labels)
    firsts = sorted(set(labels.tolist()))
    groups = [np.flatnonzero(labels == first).tolist() for first in firsts]
    assert starts.tolist() == np.cumsum([0, *map(len, groups)]).tolist()
    assert members.tolist() == [record for group in groups for record in group]
    assert of.tolist() == [firsts.index(label) for label in labels]


@given(st.lists(st.integers(0, 7), max_size=20), st.data(), st.booleans())
def test_incomplete_groups_are_those_in_which_a_pair_has_no_link(
    draw: list[int], data: st.DataObject, every: bool
) -> None:
    labels = smallest(draw)
    groups = [np.flatnonzero(labels == first).tolist() for first in sorted(set(labels.tolist()))]
    inside = [pair for group in groups for pair in combinations(group, 2)]
    unseen = data.draw(st.lists(st.sampled_from(inside), unique=True, max_size=3)) if inside else []
    left = np.array([a for a, b in inside if (a, b) not in unseen], np.int32)
    starts, members = cluster.incomplete_groups(labels, left, every)
    found = [members[a:b].tolist() for a, b in pairwise(starts)]
    if every:
        assert found == [group for group in groups if len(group) > 1]
    else:
        open_ = {labels[a] for a, _ in unseen}
        assert found == [group for group in groups if len(group) > 2 and group[0] in open_]


# ---------------------------------------------------------------------------------------------- agglomeration


@given(problems(), st.sampled_from([-4.0, -0.25, 0.0]))
def test_clusters_are_joined_by_the_heaviest_mean_that_is_allowed(
    problem: tuple[int, Links, Ints, Ints], missing: float
) -> None:
    records, links, single, unique = problem
    expected = oracles.agglomerate(records, links, single.tolist(), unique.tolist(), missing)
    assert agglomerate(links, single, unique, missing, records) == expected


@given(problems(), st.floats(-5, 1), st.data())
def test_constraints_hold_and_the_order_of_links_does_not_matter(
    problem: tuple[int, Links, Ints, Ints], missing: float, data: st.DataObject
) -> None:
    records, links, single, unique = problem
    noise = st.floats(-0.1, 0.1)
    links = {pair: bits + data.draw(noise) for pair, bits in links.items()}
    labels, apart = agglomerate(links, single, unique, missing, records)
    for a, b in combinations(range(records), 2):
        if labels[a] == labels[b]:
            assert not oracles.forbidden([a], [b], single.tolist(), unique.tolist())
    assert all(label == labels.index(label) for label in labels)
    shuffled = dict(data.draw(st.permutations(list(links.items()))))
    again, apart_again = agglomerate(shuffled, single, unique, missing, records)
    assert again == labels
    assert dict(zip(shuffled, apart_again, strict=True)) == dict(zip(links, apart, strict=True))


def test_a_long_chain_of_strong_links_falls_apart_where_its_ends_speak_against() -> None:
    records = 60
    links = {(i, i + 1): 8.0 + (i % 2) for i in range(records - 1)}
    none = np.zeros((records, 0), np.int32)
    labels, _ = agglomerate(links, none, none, -4.0, records)
    assert max(np.bincount(labels)) < 10
    assert labels == oracles.agglomerate(records, links, none.tolist(), none.tolist(), -4.0)[0]


# ----------------------------------------------------------------------------------------------------- groups


@given(
    st.lists(st.integers(0, 5), min_size=12, max_size=12),
    st.lists(st.lists(st.integers(-1, 4), min_size=12, max_size=12), min_size=1, max_size=3),
    st.lists(
        st.sampled_from(["", "a", "ab", "aé", "é", "éa", "zzz", "ż"]), min_size=5, max_size=5, unique=True
    ),
)
def test_a_group_keeps_its_most_frequent_value(
    owners: list[int], slots: list[list[int]], texts: list[str]
) -> None:
    groups = [[row for row, owner in enumerate(owners) if owner == group] for group in range(6)]
    out, of = np.full(len(groups), -7, np.int32), np.array(owners, np.int32)
    starts, members = laid_out(groups)
    columns = [np.array(codes, np.int32) for codes in slots]
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    cluster.survivors(starts, members, of, columns, offsets, data, out)
    held = [[(codes[row], slot) for slot, codes in enumerate(slots) for row in group] for group in groups]
    assert out.tolist() == [oracles.survivor(values, texts) for values in held]


def test_groups_keep_a_value_of_a_limited_number_of_slots() -> None:
    starts, members = laid_out([[0]])
    one = np.zeros(1, np.int32)
    with pytest.raises(ValueError, match="expected at most 256 slots, got 257"):
        cluster.survivors(starts, members, one, [one] * 257, one, np.zeros(0, np.uint8), one.copy())


def test_groups_keep_values_of_as_many_codes_as_there_are_records() -> None:
    starts, members = laid_out([[0]])
    one = np.zeros(1, np.int32)
    with pytest.raises(ValueError, match="expected codes of 1 records, got 2"):
        cluster.survivors(
            starts, members, one, [np.zeros(2, np.int32)], one, np.zeros(0, np.uint8), one.copy()
        )


@given(st.lists(st.integers(-1, 5), max_size=20))
def test_records_are_listed_by_value_in_order(codes: list[int]) -> None:
    starts, members = np.full(7, -7, np.int64), np.full(sum(code >= 0 for code in codes), -7, np.int32)
    cluster.group_by_code(np.array(codes, np.int32), starts, members)
    expected = laid_out([[row for row, code in enumerate(codes) if code == value] for value in range(6)])
    assert [starts.tolist(), members.tolist()] == [array.tolist() for array in expected]


@given(GROUPS, st.lists(st.integers(-1, 4), min_size=12, max_size=12))
def test_different_values_of_a_group_are_counted(groups: list[list[int]], codes: list[int]) -> None:
    out, known = (np.full(len(groups), -7, np.int32) for _ in range(2))
    cluster.distinct_within(*laid_out(groups), np.array(codes, np.int32), out, known)
    assert out.tolist() == [len({codes[row] for row in group} - {-1}) for group in groups]
    assert known.tolist() == [sum(codes[row] >= 0 for row in group) for group in groups]


@given(GROUPS, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_codes_of_a_group_are_listed_in_turn(groups: list[list[int]], codes: list[int]) -> None:
    starts, members = laid_out(groups)
    firsts, out = np.full(len(groups) + 1, -7, np.int32), np.full(len(members), -7, np.int32)
    count = cluster.codes_in_turn(starts, members, np.array(codes, np.int32), firsts, out)
    assert count == firsts[-1]
    listed = [out[a:b].tolist() for a, b in pairwise(firsts)]
    assert listed == [[code for code, _ in groupby(codes[row] for row in group)] for group in groups]
    if len(members):
        with pytest.raises(ValueError, match=f"room for {len(groups)} groups and {len(members)} codes"):
            cluster.codes_in_turn(starts, members, np.array(codes, np.int32), firsts, out[1:])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(-50, 50), st.booleans())))
def test_each_record_has_its_best_link_of_either_fate(links: list[tuple[int, int, float, bool]]) -> None:
    inside, outside = np.full(6, -np.inf), np.full(6, -np.inf)
    left, right = (np.array([link[side] for link in links], np.int32) for side in range(2))
    kept = np.array([link[3] for link in links], np.uint8)
    cluster.best_weights(
        left, right, np.array([link[2] for link in links], np.float64), kept, inside, outside
    )
    for found, fate in ((inside, True), (outside, False)):
        for record in range(6):
            mine = [link[2] for link in links if link[3] == fate and record in link[:2]]
            assert found[record] == max(mine, default=-np.inf)


def test_best_links_refuse_columns_of_unequal_length() -> None:
    one, two, best = np.zeros(1, np.int32), np.zeros(2), np.zeros(1)
    with pytest.raises(ValueError, match="expected 1 links everywhere"):
        cluster.best_weights(one, one, two, np.zeros(1, np.uint8), best, best)
