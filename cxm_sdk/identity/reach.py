"""Which part of the pairs of a class blocking rules bring in, so that the rest can be counted too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from cxm_sdk.identity.blocking_rules import reads_whole, rule_roles
from cxm_sdk.identity.comparisons import Template
from cxm_sdk.identity.model import BlockingRule

__all__ = ["LEAST_REACH", "Reach"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: A class that rules reach less of than this is not scaled up any further: nearly all of it would be guesswork.
LEAST_REACH = 0.25
#: Pairs that have to be seen before it is taken for known how often a part of values is equal that are not.
FEW_PAIRS = 8.0


class Reach:
    """What part of the pairs of a class some rule brings in, reckoned from how often the class agrees.

    A key holds where what it reads is equal. One that reads a part of a value, such as the sound of a name or the
    month of a date, also holds for some of the values that are merely similar. How many is learned from pairs that
    rules have brought in which do not read that value. Were it not, matches would be taken to be missed that are not; a
    class that is thought to be larger takes in more strangers, these make it look less alike, and so harder to reach,
    and where few fields are compared nothing would end that. Comparisons are taken to be independent within a class,
    as everywhere in the model, and so are rules at the same levels.

    Args:
        templates: The comparisons.
        totals: For each comparison float64[levels], how often each level occurs among all pairs, missing ones included.
        rules: The rules.
        levels: For each comparison intp[n], levels of kinds of candidate pairs.
        masks: uint32[n], bit r where rule r brings that kind in.
        eligible: For each comparison bool[n], whether a rule brings that kind in that does not read the comparison.

    >>> from cxm_sdk.identity.comparisons import Template
    >>> names = ("missing", "different", "exact")
    >>> email = Template("email", "email", ("email",), True, names, (0.0, 0.5, 0.5))
    >>> phone = Template("phone", "code", ("phone",), True, names, (0.0, 0.5, 0.5))
    >>> rules = [BlockingRule(keys=("email",)), BlockingRule(keys=("phone",))]
    >>> known = np.array([0.0, 99.0, 1.0])
    >>> nothing = (2 * [np.zeros(0, np.intp)], np.zeros(0, np.uint32), 2 * [np.zeros(0, bool)])
    >>> reach = Reach([email, phone], [known, known], rules, *nothing)
    >>> round(reach.of([np.array([0.0, 0.5, 0.5]), np.array([0.0, 0.2, 0.8])]), 6)  # 1 - .5 * .2
    0.9
    """

    def __init__(
        self,
        templates: Sequence[Template],
        totals: Sequence[Floats],
        rules: Sequence[BlockingRule],
        levels: Sequence[npt.NDArray[np.intp]],
        masks: npt.NDArray[np.uint32],
        eligible: Sequence[Bools],
    ) -> None:
        self._known = [1.0 - float(levels[0]) / max(float(levels.sum()), 1.0) for levels in totals]
        of = {role: c for c, template in enumerate(templates) for role in template.roles}
        #: For each rule that can be told by levels its keys by comparison.
        self._rules: list[dict[int, list[str]]] = []
        #: By comparison and key: float64[levels], for which part of the pairs at a level the key holds.
        self._holds: dict[tuple[int, str], Floats] = {}
        told: dict[tuple[int, str], list[tuple[Bools, Bools]]] = {}
        for place, rule in enumerate(rules):
            if not all(role in of for role in rule_roles(rule)):
                continue
            keys: dict[int, list[str]] = {}
            for key in _keys(rule):
                keys.setdefault(of[_role(key)], []).append(key)
            self._rules.append(keys)
            equal = {(c, key): _equal(templates[c], key) for c, listed in keys.items() for key in listed}
            self._holds |= equal
            held = (masks >> np.uint32(place)) & np.uint32(1) > 0
            for c, key in equal:
                others = [holds[levels[other]] == 1.0 for (other, k), holds in equal.items() if k != key]
                if not reads_whole(key):
                    told.setdefault((c, key), []).append(
                        (np.logical_and.reduce([eligible[c], *others]), held)
                    )
        self._witnesses = {
            at: _Witnesses(self._holds[at], levels[at[0]], listed) for at, listed in told.items()
        }
        read = sorted({c for keys in self._rules for c in keys})
        mixed = {c for keys in self._rules if len(keys) > 1 for c in keys}
        self._kinds = {c: self._kinds_of_levels(c) for c in read}
        # Comparisons that rules read one at a time count one by one; only the others have to be looked at together.
        apart = [[c] for c in read if c not in mixed] + ([sorted(mixed)] if mixed else [])
        self._unheld = [(part, self._unheld_by(part)) for part in apart]

    def learn(self, matches: Floats) -> None:
        """Learns for how many matches at a level keys hold that read a part of a value.

        Args:
            matches: float64[n], how many pairs of each kind are expected to be matches.
        """
        for at, witnesses in self._witnesses.items():
            self._holds[at][witnesses.similar] = witnesses.shares(matches)
        learned = {c for c, _ in self._witnesses}
        self._unheld = [
            (part, unheld if learned.isdisjoint(part) else self._unheld_by(part))
            for part, unheld in self._unheld
        ]

    def of(self, table: list[Floats]) -> float:
        """Share of the pairs of a class that at least one rule brings in.

        Args:
            table: For each comparison float64[levels], how often the class shows each level where both sides are known.

        Returns:
            The share; no less than ``LEAST_REACH``.
        """
        missed = 1.0
        for part, unheld in self._unheld:
            states = np.ones(1)
            for c in part:
                shares = self._known[c] * table[c]
                # What is missing on a side agrees in nothing, like what differs.
                shares[1] += 1.0 - shares.sum()
                states = np.outer(states, np.bincount(self._kinds[c][0], weights=shares)).ravel()
            missed *= float(states @ unheld)
        return max(1.0 - missed, LEAST_REACH)

    def _kinds_of_levels(self, c: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Numbers levels of a comparison at which the same keys always hold alike: a number for each, one of each."""
        own = [at for at in self._holds if at[0] == c]
        alike = np.stack([self._holds[at] for at in own])
        for at in own:
            if at in self._witnesses:
                similar = self._witnesses[at].similar
                alike[0, similar] = 2.0 + np.flatnonzero(similar)
        _, leading, kind = np.unique(alike, axis=1, return_index=True, return_inverse=True)
        return kind.ravel(), leading

    def _unheld_by(self, part: Sequence[int]) -> Floats:
        """What share no rule on some comparisons brings in, for each combination of kinds of their levels."""
        held = dict[tuple[int, str], Floats]()
        for axis, c in enumerate(part):
            shape = [-1 if other == axis else 1 for other in range(len(part))]
            leading = self._kinds[c][1]
            held |= {at: holds[leading].reshape(shape) for at, holds in self._holds.items() if at[0] == c}
        # Rules that read the same comparisons first, while there is little to multiply.
        found: dict[frozenset[int], Floats] = {}
        for keys in self._rules:
            if keys.keys() <= set(part):
                rule = reduce(np.multiply, [held[c, key] for c, listed in keys.items() for key in listed])
                found[frozenset(keys)] = found.get(frozenset(keys), np.ones(1)) * (1.0 - rule)
        every = np.ones([len(self._kinds[c][1]) for c in part])
        return reduce(np.multiply, found.values(), every).ravel()


class _Witnesses:
    """Kinds of pairs that tell how often a key holds: they are there whether it does or not.

    Args:
        holds: float64[levels], 1 at levels of the comparison where the key holds for certain.
        levels: intp[n], levels of that comparison.
        listed: For each rule with that key bool[n], the kinds that tell, and bool[n], those that the rule brings in.
    """

    def __init__(
        self, holds: Floats, levels: npt.NDArray[np.intp], listed: Sequence[tuple[Bools, Bools]]
    ) -> None:
        self.similar = holds < 1.0
        self.similar[:2] = False
        told = np.sum([told for told, _ in listed], axis=0) * self.similar[levels]
        self._kinds = np.flatnonzero(told)
        self._levels, self._told = levels[self._kinds], told[self._kinds]
        self._held = np.sum([(told & held)[self._kinds] for told, held in listed], axis=0)

    def shares(self, matches: Floats) -> Floats:
        """For which part of the matches at each similar level the key holds; 0 where hardly any are seen."""
        weights, size = matches[self._kinds], len(self.similar)
        every = np.bincount(self._levels, weights=weights * self._told, minlength=size)
        holding = np.bincount(self._levels, weights=weights * self._held, minlength=size)
        found: Floats = (holding / (every + FEW_PAIRS))[self.similar]
        return found


def _keys(rule: BlockingRule) -> list[str]:
    """The keys of a rule; names in any order are both names."""
    return [key for listed in rule.keys for key in ([listed] if "." not in listed else _split(listed))]


def _split(key: str) -> list[str]:
    return sorted(rule_roles(BlockingRule(keys=(key,)))) if reads_whole(key) else [key]


def _role(key: str) -> str:
    return key.partition(".")[0]


def _equal(template: Template, key: str) -> Floats:
    """float64[levels], 1 at levels where what a key reads is equal."""
    if template.kind != "address":
        return np.array([float(level == "exact") for level in template.levels])
    return np.array([float(_role(key) in _equal_in_address(level)) for level in template.levels])


def _equal_in_address(level: str) -> set[str]:
    """Roles that are equal at a level of addresses."""
    street, _, place = level.rpartition("+") if "+" in level else (level, "", level)
    equal = set[str]()
    if street in ("street", "street_only", "street_no_number"):
        equal |= {"street", "house_number"} if street == "street" else {"street"}
    if place in ("city", "postcode"):
        # One postcode lies in one city, as good as always.
        equal |= {"city", "postcode"} if place == "postcode" else {"city"}
    return equal
