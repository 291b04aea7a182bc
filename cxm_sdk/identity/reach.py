"""Which part of the pairs of a class blocking rules bring in, so that the rest can be counted too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from cxm_sdk.identity.blocking_rules import rule_roles
from cxm_sdk.identity.comparisons import Template
from cxm_sdk.identity.model import BlockingRule

__all__ = ["LEAST_REACH", "Reach"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: A class that rules reach less of than this is not scaled up any further: nearly all of it would be guesswork.
LEAST_REACH = 0.25


class Reach:
    """What part of the pairs of a class some rule brings in, reckoned from how often the class agrees.

    A key is taken to hold where what it reads is equal, and comparisons to be independent within a class, as everywhere
    in the model. Keys that also hold where values are only similar bring in a little more.

    Args:
        templates: The comparisons.
        totals: For each comparison float64[levels], how often each level occurs among all pairs, missing ones included.
        rules: The rules.

    >>> from cxm_sdk.identity.comparisons import Template
    >>> names = ("missing", "different", "exact")
    >>> email = Template("email", "email", ("email",), True, names, (0.0, 0.5, 0.5))
    >>> phone = Template("phone", "code", ("phone",), True, names, (0.0, 0.5, 0.5))
    >>> rules = [BlockingRule(keys=("email",)), BlockingRule(keys=("phone",))]
    >>> known = np.array([0.0, 99.0, 1.0])
    >>> reach = Reach([email, phone], [known, known], rules)
    >>> round(reach.of([np.array([0.0, 0.5, 0.5]), np.array([0.0, 0.2, 0.8])]), 6)  # 1 - .5 * .2
    0.9
    """

    def __init__(
        self, templates: Sequence[Template], totals: Sequence[Floats], rules: Sequence[BlockingRule]
    ) -> None:
        held = [_equal_roles(template) for template in templates]
        self._known = [1.0 - float(levels[0]) / max(float(levels.sum()), 1.0) for levels in totals]
        of = {role: c for c, template in enumerate(templates) for role in template.roles}
        wanted = {frozenset(rule_roles(rule)) for rule in rules}
        wanted = {roles for roles in wanted if all(role in of for role in roles)}
        alone = {c for c in range(len(templates)) if not any(_mixed(roles, of, c) for roles in wanted)}
        # Comparisons that rules read one at a time count one by one; only the others have to be looked at together.
        self._single, self._joint = list[tuple[int, Bools]](), list[tuple[int, list[Bools]]]()
        parts: list[list[frozenset[str]]] = []
        for c in sorted({of[role] for roles in wanted for role in roles}):
            if c in alone:
                own = [roles for roles in wanted if {of[role] for role in roles} == {c}]
                brought = np.array([any(roles <= level for roles in own) for level in held[c]])
                self._single.append((c, brought))
                continue
            kinds = sorted(set(held[c]), key=sorted)
            self._joint.append((c, [np.array([level == kind for level in held[c]]) for kind in kinds]))
            parts.append(kinds)
        together = [roles for roles in wanted if not any(of[role] in alone for role in roles)]
        self._missed = np.array(
            [not any(roles <= frozenset().union(*state) for roles in together) for state in product(*parts)]
        )

    def of(self, table: list[Floats]) -> float:
        """Share of the pairs of a class that at least one rule brings in.

        Args:
            table: For each comparison float64[levels], how often the class shows each level where both sides are known.

        Returns:
            The share; no less than ``LEAST_REACH``.
        """
        missed = 1.0
        for c, brought in self._single:
            missed *= 1.0 - self._known[c] * float(table[c][brought].sum())
        states = np.ones(1)
        for c, kinds in self._joint:
            shares = np.array([self._known[c] * float(table[c][kind].sum()) for kind in kinds])
            # What is missing on a side agrees in nothing, like what differs.
            shares[0] += 1.0 - shares.sum()
            states = np.outer(states, shares).ravel()
        return max(1.0 - float(missed * states[self._missed].sum()), LEAST_REACH)


def _mixed(roles: frozenset[str], of: dict[str, int], c: int) -> bool:
    """Whether a rule reads a comparison beside others."""
    read = {of[role] for role in roles}
    return c in read and len(read) > 1


def _equal_roles(template: Template) -> list[frozenset[str]]:
    """Which of its roles are equal at each level of a comparison."""
    if template.kind != "address":
        return [frozenset(template.roles if level == "exact" else ()) for level in template.levels]
    found = []
    for level in template.levels:
        street, _, place = level.rpartition("+") if "+" in level else (level, "", level)
        equal = set()
        if street in ("street", "street_only", "street_no_number"):
            equal |= {"street", "house_number"} if street == "street" else {"street"}
        if place in ("city", "postcode"):
            # One postcode lies in one city, as good as always.
            equal |= {"city", "postcode"} if place == "postcode" else {"city"}
        found.append(frozenset(equal & set(template.roles)))
    return found
