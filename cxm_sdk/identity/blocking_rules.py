"""Which keys people and companies can be blocked on, and which of them are worth their pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from cxm_sdk.identity.model import BlockingRule

__all__ = [
    "NAMES_UNORDERED",
    "candidate_rules",
    "choose_rules",
    "names_one",
    "reads_whole",
    "refines",
    "rule_roles",
]

#: Pairs that cost next to nothing; beyond them ...
FREE_PAIRS = 1_000_000
#: ... a further rule must bring this share of all links ...
SMALLEST_GAIN = 0.001
#: ... and one link in so many pairs.
PAIRS_PER_MATCH = 100

NAMES_UNORDERED = "names.unordered"
#: Roles that describe; a value of any other names one person, device or home.
_DESCRIBING = frozenset(
    {
        *("first_name", "middle_name", "last_name", "suffix", "birth_date", "birth_place", "sex", "company"),
        *("street", "house_number", "unit", "city", "postcode", "state", "country"),
    }
)

_PERSON_RULES = (
    ("first_name", "last_name"),
    (NAMES_UNORDERED,),
    ("birth_date", "last_name.sound"),
    ("birth_date", "first_name.root"),
    ("birth_date", "postcode"),
    ("birth_date", "city"),
    ("birth_date", "first_name.initial"),
    ("birth_date",),
    ("last_name.sound", "first_name.initial", "birth_date.year"),
    ("last_name.sound", "first_name.root", "postcode"),
    ("last_name.sound", "first_name.root", "city"),
    ("last_name.sound", "first_name.root"),
    ("first_name.root", "birth_date.year_month"),
    ("last_name.start", "birth_date.month_day"),
    ("last_name", "birth_date.year"),
    ("last_name", "postcode"),
    ("last_name", "city"),
    ("last_name",),
    ("first_name", "postcode"),
    ("first_name", "city"),
    ("first_name",),
    ("postcode", "birth_date.year"),
    ("street", "house_number", "first_name.initial"),
    ("street", "house_number", "postcode"),
    ("street", "house_number"),
    ("street", "first_name.root"),
    ("street", "last_name.sound"),
    ("street", "birth_date.year"),
)
_BIRTH_PLACE_RULES = (
    ("birth_date", "birth_place"),
    ("last_name", "birth_place"),
    ("first_name", "birth_place"),
)
#: Where no column names the city, the leading part of a postcode does.
_AREA_RULES = (
    ("last_name", "postcode.area"),
    ("first_name", "postcode.area"),
)
_COMPANY_RULES = (
    ("company",),
    ("company.first_word", "postcode"),
    ("company.first_word", "city"),
    ("company.rarest_word",),
    ("company.rarest_word", "postcode"),
    ("company.start", "postcode"),
    ("company.start", "city"),
    ("street", "house_number"),
    ("street", "company.start"),
    ("postcode", "house_number"),
    ("phone.tail", "company.start"),
)
#: Affordable among few records only.
_LOOSE_RULES = (
    ("last_name.sound",),
    ("first_name.root",),
    ("birth_date.month_day",),
    ("birth_date.year_month",),
    ("email.start",),
    ("postcode",),
    ("city",),
)


def candidate_rules(roles: Iterable[str], identifiers: Iterable[str]) -> list[BlockingRule]:
    """Lists the rules that could be used on columns of these roles, before their cost is known.

    Args:
        roles: Roles that the records have.
        identifiers: Those of them whose values name one person.

    Returns:
        Rules, identifiers first.
    """
    present = set(roles)
    found: list[tuple[str, ...]] = [(role,) for role in identifiers]
    found += [("email.local",)] if "email" in present else []
    found += [("phone.tail",)] if "phone" in present else []
    if "company" in present:
        found += _COMPANY_RULES
    if present & {"first_name", "last_name"}:
        found += _PERSON_RULES + _BIRTH_PLACE_RULES
        found += _AREA_RULES if "city" not in present else ()
    found += _LOOSE_RULES
    usable = [keys for keys in dict.fromkeys(found) if all(_roles_of(key) <= present for key in keys)]
    return [BlockingRule(keys=keys) for keys in usable]


def _roles_of(key: str) -> set[str]:
    return {"first_name", "last_name"} if key == NAMES_UNORDERED else {key.split(".")[0]}


def rule_roles(rule: BlockingRule) -> set[str]:
    """Roles that a rule reads."""
    return set().union(*(_roles_of(key) for key in rule.keys))


def reads_whole(key: str) -> bool:
    """Tells whether a key reads all of a value, so that it holds where values are equal and nowhere else.

    Args:
        key: The key.

    Returns:
        Whether it does.

    >>> reads_whole("last_name"), reads_whole("names.unordered"), reads_whole("last_name.sound")
    (True, True, False)
    """
    return "." not in key or key == NAMES_UNORDERED


def names_one(rule: BlockingRule) -> bool:
    """Tells whether a rule is one identifier, whole: a value that names somebody.

    Args:
        rule: The rule.

    Returns:
        Whether it is.

    >>> names_one(BlockingRule(keys=("email",))), names_one(BlockingRule(keys=("city",)))
    (True, False)
    """
    return len(rule.keys) == 1 and "." not in rule.keys[0] and rule.keys[0] not in _DESCRIBING


def choose_rules(
    rules: Sequence[BlockingRule],
    mask: npt.NDArray[np.uint32],
    pairs: npt.NDArray[np.float64],
    matches: npt.NDArray[np.float64],
    links: npt.NDArray[np.float64],
) -> list[BlockingRule]:
    """Picks the rules that find most matches for the fewest pairs.

    Always the rule next that adds most matches for each pair it adds. Where pairs are many, a rule that adds next to
    no link, or hardly one among its pairs, is left out.

    Args:
        rules: The affordable rules.
        mask: uint32[n], kinds of pairs: bit r where rule r holds them.
        pairs: float64[n], how many there are of each kind.
        matches: float64[n], how many of them are matches, as expected.
        links: float64[n], how many of these would be linked.

    Returns:
        The rules to use, in order.
    """
    chosen: list[BlockingRule] = []
    rows = [np.flatnonzero(mask & np.uint32(1 << r)) for r in range(len(rules))]
    left, spent, total = np.ones(len(mask), bool), 0.0, float(links.sum())
    open_rules = list(rules)
    while open_rules:
        gains = np.array([matches.take(own).sum() for own in rows])
        costs = np.array([pairs.take(own).sum() for own in rows])
        if spent > FREE_PAIRS:
            linked = np.array([links.take(own).sum() for own in rows])
            gains[(linked < SMALLEST_GAIN * total) | (costs > PAIRS_PER_MATCH * linked)] = 0.0
        best = int(np.argmax(gains / np.maximum(costs, 1e-9)))
        if costs[best] <= 0 or gains[best] <= 0:
            break
        chosen.append(open_rules.pop(best))
        left[rows.pop(best)] = False
        spent += float(costs[best])
        rows = [own[left.take(own)] for own in rows]
    return chosen


def refines(key: str, wanted: str) -> bool:
    """Tells whether records that agree on a key agree on another too.

    Args:
        key: The key.
        wanted: The other.

    Returns:
        Whether they do: equal values have equal parts, and a year and month hold the year.

    >>> refines("last_name", "last_name.sound"), refines("last_name.sound", "last_name")
    (True, False)
    """
    if key == wanted or wanted.partition(".")[0] == key:
        return True
    return key == "birth_date.year_month" and wanted == "birth_date.year"
