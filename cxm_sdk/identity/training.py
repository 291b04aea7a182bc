"""Learns a match model from the records themselves, without labels.

u comes from pairs at random and from exact counts; m, the share of matches and the share of household pairs come from
expectation maximisation over counts of agreement patterns (Fellegi and Sunter 1969; Winkler 2000; Enamorado, Fifield
and Imai 2019 for missing values and pattern counts). Two things are added to the textbook:

* A third class stands beside matches and strangers: two people of one household, who share what is shared and differ
  like strangers in the rest. Without it, families are the main source of false matches.
* Pairs are only seen where a blocking rule holds, and a rule that reads a field says nothing about that field. So m of
  a comparison is learned only from pairs that some rule not reading it has brought in, and the pairs of a class that no
  rule reaches are added to its size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxm_sdk._native.pairs import PatternCounts
from cxm_sdk.identity.blocking_rules import rule_roles
from cxm_sdk.identity.blocking_sample import Sample
from cxm_sdk.identity.comparisons import BoundComparisons, Template
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.model import BlockingRule, Comparison, Frequency, Level, Prior
from cxm_sdk.identity.name_places import nearer, places_of_namesakes
from cxm_sdk.identity.reach import Reach
from cxm_sdk.identity.relatives import HALF_WRONG, LookAlikes, compared_kinds
from cxm_sdk.identity.running import Mapper

__all__ = ["Patterns", "Totals", "Trained", "count_patterns", "fit", "level_totals"]

Floats = npt.NDArray[np.float64]

#: Pairs at random from which u of fuzzy levels is estimated.
RANDOM_PAIRS = 300_000
#: Pairs handed to a worker at once.
PART = 1 << 15
#: Share of people who share an identifier such as an e-mail address with an unrelated person.
CHANCE_SHARING = 0.02
#: Share of relatives who agree in what is personal: twins, and children named after a parent.
ALIKE_RELATIVES = 0.02
#: What one person keeps for life differs altogether in no more than this share of matches: where it seems to, the pairs
#: are not matches but relatives. Registers of deaths, births and patients are wrong about a birth date in a few of a
#: hundred records, so of pairs of records in twice as many.
MOST_CHANGES = 0.1
MOST_STEPS = 400
CONVERGED = 1e-4


@dataclass(frozen=True)
class Totals:
    """What all pairs of records look like, candidates or not.

    Attributes:
        within: Number of pairs inside a source.
        across: Number of pairs between sources.
        levels: For each comparison float64[levels]: expected pairs at each level.
        namesakes: float64[places], in which part of the place pairs agree that share a first name and nothing else.
        one_date: How often two strangers share a birth date at least.
    """

    within: float
    across: float
    levels: list[Floats]
    namesakes: Floats
    one_date: float = 0.0


@dataclass(frozen=True)
class Patterns:
    """Agreement patterns of candidate pairs.

    Attributes:
        levels: uint8[patterns, comparisons].
        rules: uint32[patterns], mask of the rules that hold the pairs.
        across: bool[patterns], whether the pairs join two sources.
        counts: float64[patterns], pairs that show the pattern.
        names: float64[patterns], bits that a full name held by several people takes from agreeing names, 0 or less.
    """

    levels: npt.NDArray[np.uint8]
    rules: npt.NDArray[np.uint32]
    across: npt.NDArray[np.bool_]
    counts: Floats
    names: Floats


@dataclass(frozen=True)
class Trained:
    """What training learns.

    Attributes:
        comparisons: Comparisons with m, u, h and frequencies.
        within: Prior inside a source.
        across: Prior between sources.
        matches: Expected number of matching pairs among the candidates of all rules.
        missed: Expected number of matching pairs that no rule brings in.
        steps: Steps until nothing moved any more.
    """

    comparisons: tuple[Comparison, ...]
    within: Prior
    across: Prior
    matches: float
    missed: float
    steps: int


def level_totals(
    features: Features,
    templates: Sequence[Template],
    bound: BoundComparisons,
    run: Mapper,
) -> Totals:
    """Estimates how often each level occurs among all pairs of records.

    All pairs are taken where they are few, else a fixed random sample of them. Levels of exact agreement are counted
    exactly, since their number is a sum over values.

    Args:
        features: Features of the records.
        templates: The comparisons.
        bound: The same, tied to the records.
        run: Parallel ordered map.

    Returns:
        The totals.
    """
    rows = features.leading()
    records = len(rows)
    every = records * (records - 1) / 2
    sources = np.bincount(features.records.source_codes[rows]).astype(np.float64)
    within = float((sources * (sources - 1) / 2).sum())
    if every <= RANDOM_PAIRS:
        left, right = (index.astype(np.int32) for index in np.triu_indices(records, 1))
    else:
        draw = np.random.Generator(np.random.Philox(records)).integers(
            0, records, (2, RANDOM_PAIRS), dtype=np.int32
        )
        # Ordered by one record, pairs are as random as before, and those of one record lie together in memory.
        draw[0].sort()
        draw = draw[:, draw[0] != draw[1]]
        left, right = np.minimum(draw[0], draw[1]), np.maximum(draw[0], draw[1])
    parts = max(1, len(left) // PART)
    splits = list(zip(np.array_split(left, parts), np.array_split(right, parts), strict=True))

    def count(part: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]) -> list[npt.NDArray[np.int64]]:
        levels = bound.levels(rows[part[0]], rows[part[1]])
        return [np.bincount(levels[:, c], minlength=size) for c, size in enumerate(bound.sizes)]

    counted = list(run(count, splits))
    scale = every / max(len(left), 1)
    totals = [np.sum([part[c] for part in counted], axis=0) * scale for c in range(len(bound.sizes))]
    for template, levels in zip(templates, totals, strict=True):
        codes = [features.codes(role) for role in template.roles if role in features.records.columns]
        if (
            template.kind != "address"
            and len(codes) == 1
            and len(codes[0]) == 1
            and "exact" in template.levels
        ):
            often = features.often(template.roles[0])[0].astype(np.float64)
            levels[template.levels.index("exact")] = (often * (often - 1) / 2).sum()
    namesakes = places_of_namesakes(features, templates, bound, run)
    born = "birth_date" in features.records.columns
    one_date = features.chance_of_one_date("birth_date") if born else 0.0
    return Totals(within, every - within, totals, namesakes, one_date)


def count_patterns(sample: Sample, features: Features, bound: BoundComparisons, run: Mapper) -> Patterns:
    """Counts agreement patterns of candidate pairs.

    Args:
        sample: Candidate pairs.
        features: Features of the records.
        bound: Comparisons tied to the records.
        run: Parallel ordered map.

    Returns:
        Patterns in a fixed order; counts are scaled up to all candidates.
    """
    radices = np.array(bound.sizes, dtype=np.int64)
    sources, full_names = features.records.source_codes, features.full_names()
    # Whole bits and half ones of the full name, and none for the records without.
    lost = np.append(np.minimum(np.round(-2 * full_names.bits), 127), 0).astype(np.uint8)

    def count(part: slice) -> npt.NDArray[np.uint64]:
        left, right = sample.left[part], sample.right[part]
        counts = PatternCounts(radices)
        across = (sources[left] != sources[right]).view(np.uint8)
        ours, theirs = full_names.codes[left], full_names.codes[right]
        group = across | np.where(ours == theirs, lost[ours], 0).astype(np.uint8) << 1
        counts.add(bound.levels(left, right), sample.mask[part], group)
        return np.stack([np.array(column, dtype=np.uint64) for column in counts.items()])

    parts = [slice(first, first + PART) for first in range(0, len(sample.left), PART)]
    table = np.concatenate([np.zeros((3, 0), np.uint64), *run(count, parts)], axis=1)
    table = table[:, np.lexsort((table[1], table[0]))]
    fresh = np.ones(table.shape[1], bool)
    fresh[1:] = (table[:2, 1:] != table[:2, :-1]).any(axis=0)
    counts = np.bincount(np.cumsum(fresh) - 1, weights=table[2].astype(np.float64), minlength=fresh.sum())
    packed, origin = table[0, fresh], table[1, fresh]
    levels = np.zeros((len(packed), len(radices)), np.uint8)
    for column in range(len(radices) - 1, -1, -1):
        packed, rest = np.divmod(packed, np.uint64(radices[column]))
        levels[:, column] = rest
    group, mask = origin >> np.uint64(32), (origin & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    names = (group >> np.uint64(1)).astype(np.float64) / -2
    return Patterns(levels, mask, (group & np.uint64(1)) > 0, counts / sample.share, names)


class _Search:
    """State of the search for m, u, h and the priors."""

    def __init__(
        self,
        templates: Sequence[Template],
        totals: Totals,
        patterns: Patterns,
        rules: Sequence[BlockingRule],
        records: int,
    ) -> None:
        self.templates, self.totals, self.patterns, self.records = templates, totals, patterns, records
        self.every = np.array([totals.within, totals.across])
        self.guess = [np.array(t.guess) / sum(t.guess) for t in templates]
        self.m = [guess.copy() for guess in self.guess]
        #: The levels of each comparison side by side, as NumPy looks things up.
        self.levels = list(np.ascontiguousarray(patterns.levels.T).astype(np.intp))
        self.seen = [
            np.bincount(levels, weights=patterns.counts, minlength=len(t.levels))
            for levels, t in zip(self.levels, templates, strict=True)
        ]
        self.u = [np.zeros(len(t.levels)) for t in templates]
        self.w_match = self.w_home = np.zeros(len(patterns.counts))
        self.names = [c for c, t in enumerate(templates) if t.kind == "name"]
        self.w_unnamed = self.w_match
        self._learn_u()
        # Relatives are told from one person by what describes a person: names, birth date, sex. A number that few
        # records have cannot do that, and organisations have no relatives.
        describing = any(not t.shared and not t.identifying for t in templates)
        self.homes = describing and any(t.shared for t in templates)
        self.h = [
            m.copy() if t.shared else u.copy() for t, m, u in zip(templates, self.m, self.u, strict=True)
        ]
        # The first guess of the priors: one match for every five records, wherever pairs are possible.
        self.match = np.where(self.every > 0, 0.2 * records / max(self.every.sum(), 1.0), 0.0)
        self.home = self.match * (0.3 if self.homes else 0.0)
        masks = np.array(
            [
                sum(1 << r for r, rule in enumerate(rules) if not rule_roles(rule) & set(t.roles))
                for t in templates
            ],
            dtype=np.uint32,
        )
        self.eligible = [(patterns.rules & mask) != 0 for mask in masks]
        self.reach = Reach(templates, totals.levels, rules, self.levels, patterns.rules, self.eligible)
        self.at = {template.name: c for c, template in enumerate(templates)}

    def _learn_u(self) -> None:
        # Among all pairs at a level, those that are matches or relatives are not strangers. Names are no witnesses to
        # that for names: in a small file any names held several times would vouch for each other, and seem rare.
        for c, template in enumerate(self.templates):
            size = len(template.levels)
            known = self.w_unnamed if c in self.names else self.w_match + self.w_home
            taken = np.bincount(self.levels[c], weights=known, minlength=size)
            every = np.maximum(self.totals.levels[c], self.seen[c])
            floor = np.full(size, 0.5)
            if template.identifying:
                # So many records have a value, going by the pairs in which both sides do.
                floor[-1] = max(0.5, CHANCE_SHARING * math.sqrt(2 * every[1:].sum()))
            if template.kind == "date":
                # Beside little else all who share a date could be taken for one person, and no stranger be left.
                floor[-1] = max(0.5, self.totals.one_date * every[1:].sum())
            strangers = np.maximum(every - taken, floor)
            strangers[0] = 0.0
            if template.kind == "address":
                strangers = nearer(strangers, self.totals.namesakes)
            self.u[c] = strangers / strangers.sum()

    def _bits(self, table: list[Floats], columns: Iterable[int]) -> Floats:
        total = np.zeros(len(self.patterns.counts))
        for c in columns:
            p, u = table[c], self.u[c]
            ratio = np.zeros(len(p))
            ratio[1:] = np.log(np.maximum(p[1:], 1e-12)) - np.log(np.maximum(u[1:], 1e-12))
            total += ratio.take(self.levels[c])
        return total

    def expect(self) -> None:
        """Expected matches and household pairs of each pattern, and of both as far as all but names can tell."""
        group = self.patterns.across.astype(np.int8)
        others = [c for c in range(len(self.m)) if c not in self.names]
        match, home = (
            np.log(np.maximum(prior, 1e-300))[group] + self._bits(table, others)
            for prior, table in ((self.match, self.m), (self.home, self.h))
        )
        unnamed_match, unnamed_home = _shares_of_classes(match, home)
        self.w_unnamed = self.patterns.counts * (unnamed_match + unnamed_home)
        shared = self.patterns.names * math.log(2)
        match_share, home_share = _shares_of_classes(
            *(match + shared + self._bits(self.m, self.names), home + shared + self._bits(self.h, self.names))
        )
        self.w_match, self.w_home = self.patterns.counts * match_share, self.patterns.counts * home_share

    def maximise(self) -> float:
        """New m, u, h and priors; returns the largest change of any share of a level or, in parts, of a class."""
        old_m, old_h, sizes = self.m, self.h, np.concatenate((self.match, self.home))
        self.m = [self._shares(c, self.w_match, t.lasting) for c, t in enumerate(self.templates)]
        self.reach.learn(self.w_match)
        self._learn_u()
        self.h = [
            self._shares(c, self.w_home)
            if template.shared
            else (1 - ALIKE_RELATIVES) * self.u[c] + ALIKE_RELATIVES * self.m[c]
            for c, template in enumerate(self.templates)
        ]
        group = self.patterns.across.astype(np.int8)
        every = np.maximum(self.every, 1.0)
        # Half a pair of prior weight keeps an empty group finite. Pairs that no rule reaches belong to the class too.
        found = np.bincount(group, weights=self.w_match, minlength=2)
        self.match = (found / self.reach.of(self.m) + 0.5) / (every + 1)
        if self.homes:
            found = np.bincount(group, weights=self.w_home, minlength=2)
            self.home = (found / self.reach.of(self.h) + 0.5) / (every + 1)
        moved = [float(np.abs(a - b).max()) for a, b in zip(self.m + self.h, old_m + old_h, strict=True)]
        # A class of less than one pair may go on vanishing; nobody waits for it.
        fresh, atom = np.concatenate((self.match, self.home)), 1.0 / np.concatenate((every, every))
        return max([*moved, float((np.abs(fresh - sizes) / np.maximum(fresh, atom)).max())])

    def _shares(self, c: int, weights: Floats, lasting: bool = False) -> Floats:
        guess, strength = self.guess[c], self.templates[c].strength
        counts = np.bincount(self.levels[c], weights=weights * self.eligible[c], minlength=len(guess))
        if counts[1:].sum() < strength:
            counts = np.bincount(self.levels[c], weights=weights, minlength=len(guess))
        counts[0] = 0.0
        shares: Floats = (counts + strength * guess) / (counts.sum() + strength)
        if lasting and shares[1] > MOST_CHANGES:
            shares *= (1 - MOST_CHANGES) / (1 - shares[1])
            shares[1] = MOST_CHANGES
        if lasting:
            exact = self.templates[c].levels.index("exact")
            agreeing = shares[2:].sum()
            if shares[exact] < agreeing / 2:
                shares[2:] *= agreeing / 2 / (agreeing - shares[exact])
                shares[exact] = agreeing / 2
        return shares

    def part_look_alikes(self) -> dict[str, float]:
        """Takes out of m what are look-alikes; returns their share of matches by kind."""
        if "last_name" not in self.at:
            return {}
        shares = {kind: self._look_alikes(kind) for kind in compared_kinds(self.templates)}
        for kind, share in shares.items():
            m = self.m[self.at[kind.differs]]
            m[1] -= share
            m /= m.sum()
        return {kind.name: share for kind, share in shares.items()}

    def _look_alikes(self, kind: LookAlikes) -> float:
        """Share of matches that seem to differ in what tells look-alikes apart because they are such.

        Twins look like one person in all but the first name, and no pattern tells them from one person whose first
        name was written wrongly. But a last name, which they share, is written wrongly as often. So what tells them
        apart differs altogether in no more matches than the last name does, or than it is half wrong in; and of the
        first names that are wrong as large a part is so altogether as of last names. What differs more often is
        people. Those agree in nothing else that names one person, so only such pairs are counted.
        """
        c, last = self.at[kind.differs], self.at["last_name"]
        personal = (t.name for t in self.templates if t.identifying or not t.shared)
        own = [self.at[name] for name in personal if name not in (kind.differs, *kind.agrees)]
        matches = self.w_match * self.eligible[c] * (self.levels[c] > 0)
        apart = np.all([self.levels[n] <= 1 for n in own], axis=0) if own else True
        wrong, half = float(self.m[last][1]), self._half_wrong(c)
        if c in self.names and (half_last := self._half_wrong(last)) > wrong:
            half *= wrong / half_last
        wrong = max(wrong, half)
        excess = (matches * apart * ((self.levels[c] == 1) - wrong)).sum()
        return float(np.clip(excess / max(matches.sum(), 1.0), 0.0, max(self.m[c][1] - wrong, 0.0)))

    def _half_wrong(self, c: int) -> float:
        """Share of the matches that know both values in which these are half wrong."""
        matches = self.w_match * self.eligible[c] * (self.levels[c] > 0)
        half_wrong = np.array([level in HALF_WRONG for level in self.templates[c].levels])
        return float((matches * half_wrong[self.levels[c]]).sum() / max(matches.sum(), 1.0))

    def missed(self) -> float:
        """Matches that no rule has brought in, by Chao's lower bound on unseen units (Chao 1987)."""
        rules = np.bitwise_count(self.patterns.rules)
        once, twice = self.w_match[rules == 1].sum(), self.w_match[rules == 2].sum()
        return float(once * once / (2 * twice)) if twice > 0 else float(once)


def _shares_of_classes(match: Floats, home: Floats) -> tuple[Floats, Floats]:
    """Turns logarithms of odds against strangers into shares of the pairs of each pattern."""
    top = np.maximum(np.maximum(match, home), 0.0)
    match, home = np.exp(match - top), np.exp(home - top)
    total = match + home + np.exp(-top)
    return match / total, home / total


def fit(
    records: int,
    templates: Sequence[Template],
    common: Sequence[tuple[Frequency, ...]],
    totals: Totals,
    patterns: Patterns,
    rules: Sequence[BlockingRule],
) -> Trained:
    """Fits the model to the patterns.

    Args:
        records: Number of records, copies left out.
        templates: The comparisons.
        common: For each comparison how common the values are that it weighs by frequency.
        totals: Levels among all pairs.
        patterns: Patterns of the candidate pairs.
        rules: Rules that brought the candidates in.

    Returns:
        Comparisons and priors.
    """
    search = _Search(templates, totals, patterns, rules, records)
    steps = 0
    for steps in range(1, MOST_STEPS + 1):  # noqa: B007 - the number of steps is reported
        search.expect()
        if search.maximise() < CONVERGED:
            break
    alike = search.part_look_alikes()
    comparisons = tuple(
        Comparison(
            name=t.name,
            kind=t.kind,
            roles=t.roles,
            shared=t.shared,
            levels=tuple(
                Level(name=name, m=float(m), u=float(u), h=float(h))
                for name, m, u, h in zip(t.levels, search.m[c], search.u[c], search.h[c], strict=True)
            ),
            frequencies=common[c],
        )
        for c, t in enumerate(templates)
    )
    priors = [
        Prior(
            match=min(max(float(match), 1e-15), 0.999),
            household=min(max(float(home), 1e-30), 0.999),
            **{name: min(float(match) * share, 0.999) for name, share in alike.items()},
        )
        for match, home in zip(search.match, search.home, strict=True)
    ]
    return Trained(
        *(comparisons, priors[0], priors[1], float(search.w_match.sum())),
        *(search.missed(), steps),
    )
