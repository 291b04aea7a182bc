"""Records of one person that say the same again: they are compared with one of them, not each with all.

A customer whose record was exported hundreds of times would fill blocks until they are too large to be used, and teach
a model that all people look like this one. So of many copies a few stay in play, and the others follow one of these:
they leave a block to their leader where they have its key, teach nothing, and are weighed against the leader alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import pairs as native
from cxm_sdk._native.codes import count_codes, rows_where
from cxm_sdk.identity.blocking import EVERY, RuleCost
from cxm_sdk.identity.comparisons import Template
from cxm_sdk.identity.features import Hashes, Ints
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.roles.all_sources import SourceRoles
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.scoring import Links, Scored, Scorer, worth_keeping

__all__ = ["Copies", "Crowds", "equal_rows", "find_copies", "no_copies", "same_names", "score_copies"]

Bools = npt.NDArray[np.bool_]

#: Of records that are copies of each other so many of one source stay in play: what two of them say is evidence.
OF_ONE_SOURCE = 2
#: ... and so many of all sources.
OF_ALL_SOURCES = 8
#: Records that are equal in all they say are copies from this many on.
EQUAL_CROWD = 3
#: Records that share what names a person and differ elsewhere are copies where more than this many do.
LARGEST_PERSON = 32
#: How much rarer than once among all records equal values must be by chance, in bits.
MARGIN = 3.0
#: Rows hashed at a time, so that their keys stay in the cache.
PART = 1 << 14


@dataclass(frozen=True)
class Copies:
    """Groups of copies, each as pairs of a leader and another record of its group.

    Attributes:
        left: int32[pairs], leaders.
        right: int32[pairs], the other records, each larger than its leader.
        equal: bool[pairs], whether both are equal in all they say.
        following: bool[pairs], whether the other record follows its leader; the rest stay in play.
        leader: int32[records], whom each record follows, itself for most.
    """

    left: Ints
    right: Ints
    equal: Bools
    following: Bools
    leader: Ints

    def __len__(self) -> int:
        return len(self.left)

    def followers(self, rows: Ints = EVERY) -> tuple[npt.NDArray[np.intp], Ints]:
        """Places of the followers among some records, all by default, and their leaders."""
        if not len(rows):
            return self._followers
        places = np.flatnonzero(self._follows[rows])
        return places, self.leader[rows[places]]

    @cached_property
    def _follows(self) -> Bools:
        follows: Bools = self.leader != np.arange(len(self.leader), dtype=np.int32)
        return follows

    @cached_property
    def _followers(self) -> tuple[npt.NDArray[np.intp], Ints]:
        places = np.flatnonzero(self._follows)
        return places, self.leader[places]

    def holds(self, a: int, b: int) -> bool:
        """Whether one of two records leads the other."""
        return bool(((self.left == min(a, b)) & (self.right == max(a, b))).any())

    def stands(self, sure: Bools) -> Ints:
        """The record that stands for each one.

        Args:
            sure: bool[pairs], whether the two are one person.

        Returns:
            int32[records]: the leader of a follower, else the record itself.
        """
        found = np.arange(len(self.leader), dtype=np.int32)
        tied = self.following & sure
        found[self.right[tied]] = self.left[tied]
        return found


def equal_rows(records: Records, roles: Sequence[SourceRoles], run: Mapper) -> Crowds:
    """Finds crowds of records that are equal in every value but their own id.

    Args:
        records: The records.
        roles: Roles of each source.
        run: Parallel ordered map.

    Returns:
        The crowds.
    """
    keys = np.zeros(len(records), np.uint64)
    codes = [column for slots in _said(records, roles).values() for column in slots]
    list(run(lambda first: _hash_rows(codes, keys[first : first + PART], first), range(0, len(keys), PART)))
    crowds = _crowds(keys, EQUAL_CROWD)
    return _told_apart(crowds, codes) if len(crowds) else crowds


def same_names(records: Records) -> Crowds:
    """Finds large crowds of records that share first name, last name and birth date.

    Args:
        records: The records.

    Returns:
        The crowds; none where there is no such role.
    """
    names = ("last_name", "first_name", "birth_date")
    return _namesakes(records, names, {}) if set(names) <= set(records.columns) else _NO_CROWDS


def find_copies(
    records: Records,
    roles: Sequence[SourceRoles],
    templates: Sequence[Template],
    muted: Mapping[str, Bools],
    crowds: tuple[Crowds, Crowds],
    run: Mapper,
) -> Copies:
    """Finds crowds of records that are copies of each other.

    Copies are records equal in every value but their own id, where chance would hardly make them equal, and large
    crowds of records that share what names one person.

    Args:
        records: The records.
        roles: Roles of each source.
        templates: The comparisons of the records.
        muted: For identifying roles bool[values], values shared by many people.
        crowds: Crowds of equal records, and of records of one name and birth date.
        run: Parallel ordered map.

    Returns:
        The copies.
    """
    leader = np.arange(len(records), dtype=np.int32)
    equal, alike = crowds
    if len(equal):
        equal = equal.only(_telling(records, _said(records, roles), templates, muted, equal))
    naming = run(lambda roles: _namesakes(records, roles, muted), _naming(records, templates))
    found = [equal, alike, *naming]
    smallest = [EQUAL_CROWD, *[LARGEST_PERSON + 1] * (len(found) - 1)]
    stars = [
        _star(_in_play(crowd, leader, least), records.source_codes, leader)
        for crowd, least in zip(found, smallest, strict=True)
    ]
    left, right, following = (np.concatenate(parts) for parts in zip(*stars, strict=True))
    return Copies(left, right, np.arange(len(left)) < len(stars[0][0]), following, leader)


def no_copies(records: int) -> Copies:
    """Takes each record for itself.

    Args:
        records: Number of records.

    Returns:
        No copies.
    """
    none, flags = np.zeros(0, np.int32), np.zeros(0, bool)
    return Copies(none, none, flags, flags, np.arange(records, dtype=np.int32))


def _said(records: Records, roles: Sequence[SourceRoles]) -> dict[str, list[Ints]]:
    """Codes of each role, without the ids by which a source knows its own records."""
    said = {role: [column.codes for column in slots] for role, slots in records.columns.items()}
    for source in roles:
        number = records.source_names.index(source.source)
        for column in source.columns:
            if column.column == source.record_id and column.role in said:
                own = records.source_codes == number
                said[column.role] = [np.where(own, np.int32(-1), codes) for codes in said[column.role]]
    return said


def _hash_rows(columns: Sequence[Ints], keys: Hashes, first: int) -> None:
    for codes in columns:
        native.mix_codes(codes[first : first + len(keys)], keys)


@dataclass(frozen=True)
class Crowds:
    """Records by crowd.

    Attributes:
        members: int32[...], records of each crowd, ascending.
        starts: int64[crowds + 1], where each crowd starts in ``members``.
    """

    members: Ints
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def only(self, chosen: Bools) -> Crowds:
        """The crowds where a mask holds."""
        sizes = np.diff(self.starts)
        starts = np.concatenate(([0], np.cumsum(sizes[chosen]))).astype(np.int64)
        return Crowds(self.members[np.repeat(chosen, sizes)], starts)


def _crowds(keys: Hashes, smallest: int) -> Crowds:
    """Lists the records of each key that so many have; 0 is no key."""
    counters = np.zeros(1 << max(10, (4 * len(keys) - 1).bit_length()), np.uint16)
    native.count_keys(keys, counters)
    # The counters of several keys may coincide, so this finds a few too many.
    busy = np.flatnonzero(
        counters.take((keys & np.uint64(len(counters) - 1)).view(np.int64)) >= smallest
    ).astype(np.int32)
    busy = busy[keys[busy] != 0]
    order = np.empty(len(busy), np.int32)
    native.key_order(keys[busy], order)
    members = busy[order]
    own = keys[members]
    starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1], [True])) if len(own) else [True])
    crowds = Crowds(members, starts.astype(np.int64))
    return crowds.only(np.diff(starts) >= smallest)


_NO_CROWDS = Crowds(np.empty(0, np.int32), np.zeros(1, np.int64))


def _told_apart(crowds: Crowds, columns: Sequence[Ints]) -> Crowds:
    """Drops crowds that only share a hash."""
    first = np.repeat(crowds.members[crowds.starts[:-1]], np.diff(crowds.starts))
    differs = np.zeros(len(first), bool)
    for codes in columns:
        differs |= codes[crowds.members] != codes[first]
    return crowds.only(~np.logical_or.reduceat(differs, crowds.starts[:-1]))


def _telling(
    records: Records,
    said: Mapping[str, Sequence[Ints]],
    templates: Sequence[Template],
    muted: Mapping[str, Bools],
    crowds: Crowds,
) -> Bools:
    """Whether chance would hardly make records equal that say what those of a crowd say.

    Values are taken to be as common as they are among records that differ; of a comparison of several roles, which
    depend on each other, only the rarest value counts. A value that names one person is enough.
    """
    first = crowds.members[crowds.starts[:-1]]
    telling = np.zeros(len(first), bool)
    for role in (template.roles[0] for template in templates if template.identifying):
        for codes in said[role]:
            telling |= ~np.append(muted[role], True)[codes[first]]
    first = first[~telling]
    if not len(first):
        return telling
    size = len(next(iter(said.values()))[0])
    repeated = np.delete(crowds.members, crowds.starts[:-1])
    count, bits = size - len(repeated), np.zeros(len(first))
    for template in templates:
        rarest = np.zeros(len(first))
        for role in template.roles if not template.identifying else ():
            slots = said.get(role, [])
            columns = records.columns[role] if slots else []
            holders = np.zeros(len(columns[0].values) if columns else 0, np.int64)
            for codes, column in zip(slots, columns, strict=True):
                own = column.often if codes is column.codes else count_codes(codes, len(holders))
                holders += own - count_codes(codes[repeated], len(holders))
            for codes in slots:
                known = np.flatnonzero(codes[first] >= 0)
                rarity = np.log2(count / holders[codes[first[known]]])
                rarest[known] = np.maximum(rarest[known], rarity)
        bits += rarest
    telling[~telling] = bits >= np.log2(size) + MARGIN
    return telling


def _naming(records: Records, templates: Iterable[Template]) -> list[tuple[str, ...]]:
    """Roles that name a person together; the first must be known and not be shared by many."""
    known = tuple(role for role in ("first_name", "last_name") if role in records.columns)
    return [(t.roles[0], *known) for t in templates if t.identifying]


def _namesakes(records: Records, roles: tuple[str, ...], muted: Mapping[str, Bools]) -> Crowds:
    """Large crowds of records that share what names a person."""
    slots = [records.columns[role][0] for role in roles]
    first = slots[0]
    often = first.often > LARGEST_PERSON
    if roles[0] in muted:
        often &= ~muted[roles[0]]
    if not often.any():
        return _NO_CROWDS
    rows = rows_where(first.codes, often.view(np.uint8))
    if roles[0] not in muted:
        # Names describe; only all of them together name somebody. What a large crowd shares, each in it holds.
        for column in slots[1:]:
            shared = np.append(column.often > LARGEST_PERSON, False)  # its end is what -1 finds
            rows = rows.take(np.flatnonzero(shared.take(column.codes.take(rows))))
    keys = np.zeros(len(rows), np.uint64)
    _hash_rows([column.codes.take(rows) for column in slots], keys, 0)
    crowds = _crowds(keys, LARGEST_PERSON + 1)
    return Crowds(rows[crowds.members], crowds.starts)


def _in_play(crowds: Crowds, leader: Ints, smallest: int) -> Crowds:
    """Crowds without those who follow somebody already, where they are large enough still."""
    stay = leader[crowds.members] == crowds.members
    starts = np.concatenate(([0], np.cumsum(stay)))[crowds.starts]
    return Crowds(crowds.members[stay], starts).only(np.diff(starts) >= smallest)


def _star(crowds: Crowds, sources: Ints, leader: Ints) -> tuple[Ints, Ints, Bools]:
    """Chooses who stays in play, writes the leaders of the others, and pairs every record with its leader.

    Those of the first sources stay, first one of each and then another, so that what copies inside a source and what
    copies between sources look like can both be learned.
    """
    crowd, members = np.repeat(np.arange(len(crowds)), np.diff(crowds.starts)), crowds.members
    codes = sources[members]
    fresh = np.ones(len(members), bool)
    fresh[1:] = (codes[1:] != codes[:-1]) | (crowd[1:] != crowd[:-1])
    run_start = np.maximum.accumulate(np.where(fresh, np.arange(len(members)), 0))
    rank = np.arange(len(members)) - run_start
    order = np.lexsort((members, rank, crowd))
    crowd_start = crowds.starts[:-1][crowd]
    place = np.empty(len(members), np.int64)
    place[order] = np.arange(len(members)) - crowd_start[order]
    stays = (rank < OF_ONE_SOURCE) & (place < OF_ALL_SOURCES)
    head = members[np.where(place[run_start] < OF_ALL_SOURCES, run_start, crowd_start)]
    leader[members[~stays]] = head[~stays]
    # A crowd of which all stay in play needs no star.
    crowded = np.bincount(crowd, weights=~stays, minlength=len(crowds))[crowd] > 0
    rest = crowded & (members != head)
    return head[rest], members[rest], ~stays[rest]


def score_copies(
    copies: Copies, scorer: Scorer, scored: Scored, costs: list[RuleCost]
) -> tuple[Scored, list[RuleCost], npt.NDArray[np.float64]]:
    """Weighs copies against their leaders and lists them beside the other links.

    Args:
        copies: The copies.
        scorer: The model, tied to the records.
        scored: Scored candidates; the links grow.
        costs: What their blocking rules cost.

    Returns:
        All scored pairs, the rules with those of copies behind them, and float64[pairs] the weights of the copies.
    """
    stars = scorer.score(copies.left, copies.right)
    fresh = copies.following | ~_listed(scored.links, copies)
    parts, by_rule, costs = list[Links](), [scored.by_rule], list(costs)
    expected = scored.expected
    for name, kind in (("equal", copies.equal), ("nearly_equal", ~copies.equal)):
        ours = fresh & kind
        count = int(ours.sum())
        if count:
            links = stars.take(ours)
            expected += float(links.probability.sum())
            links = replace(links, rule=np.full(count, len(costs), np.int8))
            parts.append(links.take(worth_keeping(links)))
            by_rule.append(np.array([count]))
            # Only two records meet at a time, a leader and a copy.
            costs.append(RuleCost(BlockingRule(keys=(name,)), 2, count, 0, 0, count))
    counts = np.concatenate(by_rule)
    scored.links.extend(parts)
    return Scored(scored.links, int(counts.sum()), counts, expected), costs, stars.weight


def _listed(links: Links, copies: Copies) -> Bools:
    """Whether a rule has brought in a pair of copies of which both are in play."""
    leads = np.zeros(len(copies.leader), bool)
    leads[copies.left] = True
    near = np.flatnonzero(leads.take(links.left))
    known = links.left[near].astype(np.int64) << 32 | links.right[near]
    return np.isin(copies.left.astype(np.int64) << 32 | copies.right, known)
