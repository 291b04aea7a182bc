"""Which comparisons a table of records allows, and their levels for chunks of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import compare, joint
from cxm_sdk._native.codes import recode
from cxm_sdk.errors import ModelError
from cxm_sdk.identity.features import Features, similarity_scorer
from cxm_sdk.identity.model import Comparison, Kind
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.running import Mapper

__all__ = [
    "ADDRESS_LEVELS",
    "CODE_LEVELS",
    "DATE_LEVELS",
    "EMAIL_LEVELS",
    "EQUAL_LEVELS",
    "FULL_NAME",
    "NAME_LEVELS",
    "BoundComparisons",
    "CodeTable",
    "Template",
    "templates",
]

T = TypeVar("T")
Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]

#: Jaro-Winkler thresholds; Splink's practice puts close at .92 and .88 and similar at .7, fastLink uses .92 and .88.
CLOSE = 0.92
SIMILAR = 0.82

#: Rows of the table of codes that are written at a time.
TILE = 4096
#: Rows that one worker writes at a time.
PART = TILE << 4
#: Codes in a cache line.
LINE = 16
#: Bits of digests of the end of a value and of all of it, as many as a column has room for.
TAIL_KINDS, ALL_KINDS = 10, 30
#: Columns of the table that are not roles.
LOCAL, FULL_NAME, SOURCE = "email local part", "full name", "source"

NAME_LEVELS = ("missing", "different", "similar", "initial", "variant", "close", "exact")
DATE_LEVELS = ("missing", "different", "within_a_year", "two_parts", "one_slip", "exact")
CODE_LEVELS = ("missing", "different", "one_edit", "same_tail", "exact")
EMAIL_LEVELS = ("missing", "different", "close_local", "same_local", "exact")
EQUAL_LEVELS = ("missing", "different", "exact")
COMPANY_LEVELS = ("missing", "different", "some_words", "most_words", "contains", "nearly_all", "exact")

STREETS = ("", "street_differs", "street_only", "street_no_number", "similar_street", "street")
PLACES = ("", "place_differs", "neighbour", "city", "postcode")
ADDRESS_LEVELS = tuple(
    "+".join(part for part in (street, place) if part) or "missing"
    for street, place in product(STREETS, PLACES)
)


@dataclass(frozen=True)
class Template:
    """A comparison before training.

    Attributes:
        name: Its name.
        kind: How levels are found.
        roles: Roles it reads; the first is the one whose absence switches it off.
        shared: Whether members of a household share the value.
        levels: Names of the levels, from missing to the closest.
        guess: float64[levels], where the search for m starts and what it falls back on when data are few.
        frequencies: (role, levels) at which a shared value is weighed by its frequency.
        identifying: Whether an agreement names one person rather than describing many.
        lasting: Whether a person keeps the value for life.
        strength: How many pairs the guess weighs.
    """

    name: str
    kind: Kind
    roles: tuple[str, ...]
    shared: bool
    levels: tuple[str, ...]
    guess: tuple[float, ...]
    frequencies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    identifying: bool = False
    lasting: bool = False
    strength: float = 8.0


def _name(role: str, *, shared: bool, swapped: bool = False, lasting: bool = False) -> Template:
    levels = NAME_LEVELS + (("swapped",) if swapped else ())
    guess = (0.0, 0.04, 0.03, 0.03, 0.05, 0.07, 0.78) + ((0.01,) if swapped else ())
    return Template(role, "name", (role,), shared, levels, guess, ((role, ("exact",)),), lasting=lasting)


def _code(role: str, *, shared: bool, different: float) -> Template:
    guess = (0.0, different, 0.03, 0.02, 0.95 - different)
    return Template(role, "code", (role,), shared, CODE_LEVELS, guess, identifying=True)


def _address(roles: tuple[str, ...]) -> Template:
    streets = (1.0, 0.25, 0.05, 0.06, 0.12, 0.52)
    places = (1.0, 0.2, 0.08, 0.12, 0.6)
    guess = tuple(s * p for s, p in product(streets, places))
    frequencies = []
    if "street" in roles:
        frequencies.append(
            ("street", tuple(n for n in ADDRESS_LEVELS if n.startswith(("street_only", "street_no"))))
        )
    # Once a street agrees the joint level says enough; alone, a village weighs more than a capital.
    loose = [f"{s}+{p}" if s else p for s in ("", "street_differs") for p in ("city", "postcode")]
    frequencies += [
        (role, tuple(n for n in loose if n.endswith(role))) for role in ("city", "postcode") if role in roles
    ]
    return Template("address", "address", roles, True, ADDRESS_LEVELS, (0.0, *guess[1:]), tuple(frequencies))


_DATE = Template(
    "birth_date",
    "date",
    ("birth_date",),
    False,
    DATE_LEVELS,
    (0.0, 0.03, 0.01, 0.03, 0.07, 0.86),
    (("birth_date", ("exact",)),),
    lasting=True,
)
#: Jr. is hardly ever written for Sr. A father and a son of one name look like one person in all else, so pairs cannot
#: teach how often it is, and the guess stands.
_SUFFIX = Template(
    "suffix",
    "equal",
    ("suffix",),
    False,
    EQUAL_LEVELS,
    (0.0, 0.002, 0.998),
    (("suffix", ("exact",)),),
    lasting=True,
    strength=1e6,
)
_EMAIL = Template(
    "email", "email", ("email",), True, EMAIL_LEVELS, (0.0, 0.3, 0.06, 0.06, 0.58), identifying=True
)
_COMPANY = Template(
    "company",
    "company",
    ("company",),
    True,
    COMPANY_LEVELS,
    (0.0, 0.12, 0.08, 0.08, 0.12, 0.15, 0.45),
    (("company", ("exact",)),),
)

_BIRTH_PLACE = Template(
    "birth_place",
    "equal",
    ("birth_place",),
    False,
    EQUAL_LEVELS,
    (0.0, 0.15, 0.85),
    (("birth_place", ("exact",)),),
    lasting=True,
)
_SEX = Template("sex", "equal", ("sex",), False, EQUAL_LEVELS, (0.0, 0.05, 0.95), lasting=True)


#: Identifier roles of devices and homes, which relatives share; all others belong to one person.
_SHARED_IDS = {"device_id", "anonymous_id", "household_id", "account_id"}
_DESCRIPTIVE = {
    *(
        "first_name",
        "middle_name",
        "last_name",
        "full_name",
        "suffix",
        "birth_date",
        "birth_day",
        "birth_month",
    ),
    *("birth_year", "birth_place", "sex", "email", "phone", "street", "house_number", "unit", "city"),
    *("postcode", "state", "country", "company", "national_id"),
}


def templates(records: Records) -> list[Template]:
    """Chooses the comparisons that the roles of the records allow.

    Args:
        records: The records.

    Returns:
        Templates in a fixed order: names, date and place of birth, sex, contacts, address, company, identifiers.
    """
    present = set(records.columns)
    chosen = []
    if "first_name" in present:
        # Beside a company a first name is that of somebody who works there, and people come and go.
        lasting, swapped = "company" not in present, "last_name" in present
        chosen.append(_name("first_name", shared=False, swapped=swapped, lasting=lasting))
    if "last_name" in present:
        chosen.append(_name("last_name", shared=True))
    if "middle_name" in present:
        chosen.append(_name("middle_name", shared=False))
    chosen += [_SUFFIX] if "suffix" in present else []
    chosen += [_DATE] if "birth_date" in present else []
    chosen += [_BIRTH_PLACE] if "birth_place" in present else []
    chosen += [_SEX] if "sex" in present else []
    chosen += [_EMAIL] if "email" in present else []
    chosen += [_code("phone", shared=True, different=0.35)] if "phone" in present else []
    roles = tuple(r for r in ("street", "house_number", "postcode", "city") if r in present)
    if any(role != "house_number" for role in roles):
        chosen.append(_address(roles))
    chosen += [_COMPANY] if "company" in present else []
    chosen += [_code("national_id", shared=False, different=0.03)] if "national_id" in present else []
    for role in sorted(present - _DESCRIPTIVE):
        chosen.append(_code(role, shared=role in _SHARED_IDS, different=0.3))
    return chosen


def _slot(slots: list[int], i: int) -> int:
    return slots[min(i, len(slots) - 1)]


def _empty_table(records: int, columns: int) -> npt.NDArray[np.int32]:
    """int32[records, at least so many columns], rows of which as few as can be lie in two cache lines."""
    width = max(4, 1 << (columns - 1).bit_length()) if columns <= LINE else -(-columns // 4) * 4
    flat = np.empty(records * width + LINE, dtype=np.int32)
    start = -(flat.ctypes.data // 4) % LINE
    return flat[start : start + records * width].reshape(records, width)


def _places(slots: dict[str, int], columns: range) -> dict[tuple[str, int], tuple[int, int]]:
    """Column and lowest bit for a digest of each slot, in as many columns as there are; the last stay without."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    column, shift = columns.start, 0
    for name, count in slots.items():
        bits = ALL_KINDS if name == LOCAL else TAIL_KINDS
        for number in range(count):
            column, shift = (column, shift) if shift + bits <= ALL_KINDS else (column + 1, 0)
            if column in columns:
                found[name, number] = column, shift
            shift += bits
    return found


class CodeTable:
    """Codes of several roles side by side, so that all of a record share a cache line.

    Beside those of the roles it holds what comparing and weighing read of a record: local parts of e-mails, full names
    that are shared, and the source. What is left of a row holds digests of values.

    Args:
        features: Features of the records.
        roles: Roles that are read.
        digested: Those of which digests are wanted, or local parts of e-mails, as far as there is room.
        run: Parallel ordered map.
    """

    def __init__(
        self, features: Features, roles: Sequence[str], digested: Sequence[str] = (), run: Mapper = map
    ) -> None:
        present = [role for role in dict.fromkeys(roles) if role in features.records.columns]
        columns = {role: features.codes(role) for role in present}
        if "email" in columns:
            local = features.email_locals()
            columns[LOCAL] = list(run(lambda codes: recode(codes, local), columns["email"]))
        if "last_name" in columns:
            columns[FULL_NAME] = [features.full_names().codes]
        columns[SOURCE] = [features.records.source_codes]
        held = [codes for slots in columns.values() for codes in slots]
        self.rows = _empty_table(len(features.records), len(held))
        self._digests = _places(
            {name: len(columns.get(name, ())) for name in digested}, range(len(held), self.rows.shape[1])
        )
        kinds = {
            name: np.append(
                features.local_kinds() if name == LOCAL else features.tail_kinds(name), np.int32(0)
            )
            for name, _ in self._digests
        }

        def fill(part: int) -> None:
            # Some rows at a time, so that what is written stays in the cache until its line is full.
            for first in range(part, min(part + PART, len(self.rows)), TILE):
                rows = slice(first, first + TILE)
                for number, codes in enumerate(held):
                    self.rows[rows, number] = codes[rows]
                self.rows[rows, len(held) :] = 0
                for (name, number), (column, shift) in self._digests.items():
                    self.rows[rows, column] |= kinds[name][columns[name][number][rows]] << shift

        for _ in run(fill, range(0, len(self.rows), PART)):
            pass
        self._slots: dict[str, list[int]] = {}
        at = 0
        for name, slots in columns.items():
            self._slots[name] = list(range(at, at + len(slots)))
            at += len(slots)

    def digests(self, name: str) -> list[tuple[int, int]]:
        """Column and lowest bit of the digest of each slot; column -1 where it has none."""
        return [self._digests.get((name, number), (-1, 0)) for number in range(len(self.slots(name)))]

    def slots(self, name: str) -> list[int]:
        """Columns that hold the codes of each slot; -1, which is all null, where there are none."""
        return self._slots.get(name, [-1])


class BoundComparisons:
    """Comparisons tied to the columns of some records, ready to be called on chunks of pairs from many threads.

    Args:
        comparisons: Templates or trained comparisons.
        features: Features of the records.
        run: Parallel ordered map.

    Raises:
        ModelError: When a comparison reads a role that the records do not have.
    """

    def __init__(
        self, comparisons: Sequence[Template | Comparison], features: Features, run: Mapper = map
    ) -> None:
        self._features = features
        self._table = CodeTable(
            features,
            [role for comparison in comparisons for role in comparison.roles],
            [
                LOCAL if comparison.kind == "email" else comparison.roles[0]
                for comparison in sorted(comparisons, key=lambda comparison: comparison.kind == "email")
                if comparison.kind in ("code", "email")
            ],
            run,
        )
        self.names = [comparison.name for comparison in comparisons]
        self.sizes = [len(comparison.levels) for comparison in comparisons]
        steps: list[compare.Comparison] = []
        for column, comparison in enumerate(comparisons):
            if not any(role in features.records.columns for role in comparison.roles):
                if features.frozen is not None:
                    continue  # made for all that may come, and these records have none of it
                raise ModelError(
                    f"the model compares {comparison.name}, and no input column has that role.",
                    hint="name the column with --map, or train a model for these files",
                )
            steps.append(self._bind(comparison.kind, comparison.roles, column))
        self.native = compare.Comparisons([*steps, *self._joint_rules()], self.codes, len(self.names))

    def levels(self, left: Ints, right: Ints) -> Levels:
        """Finds the levels of some pairs.

        Args:
            left: int32[pairs], record numbers.
            right: int32[pairs], record numbers.

        Returns:
            uint8[pairs, comparisons]; 0 means missing on either side.
        """
        levels = np.zeros((len(left), len(self.names)), dtype=np.uint8)
        self.native.write(left, right, levels)
        return levels

    @property
    def codes(self) -> Ints:
        """What comparing reads of each record, int32[records, columns], -1 for null."""
        return self._table.rows

    @property
    def sources(self) -> Ints:
        """Source of each record, int32[records], beside its codes."""
        return self._table.rows[:, self._table.slots(SOURCE)[0]]

    def slots(self, name: str) -> list[int]:
        """Columns of ``codes`` that hold the slots of a role or of full names; none where the role has none."""
        return [column for column in self._table.slots(name) if column >= 0]

    def _slots(self, name: str) -> list[tuple[int, int]]:
        return self._compared(name, self._table.slots(name))

    def _compared(self, name: str, slots: Sequence[T]) -> list[tuple[T, T]]:
        """Which slots of a role are compared with which, of what stands for each."""
        given = self._features.given(name)
        if given is None:
            return list(product(slots, slots))
        # Digests of what is known in clear are not compared with each other: what was hashed is.
        pairs = product(enumerate(slots), enumerate(slots))
        return [(a, b) for (i, a), (j, b) in pairs if i < given or j < given]

    def _bind(self, kind: str, roles: tuple[str, ...], column: int) -> compare.Comparison:
        role = roles[0]
        if kind == "address":
            return self._address(column)
        return {
            "name": self._name,
            "date": self._date,
            "email": self._email,
            "code": self._code,
            "equal": self._equal,
            "company": self._company,
        }[kind](role, column)

    def _name(self, role: str, column: int) -> compare.Comparison:
        features = self._features
        return compare.NameLevels(
            *(self._slots(role), column, features.text(role), features.sounds(role)),
            *(features.name_groups(role), similarity_scorer(), partial(features.measure, role)),
            *(CLOSE, SIMILAR),
        )

    def _date(self, role: str, column: int) -> compare.Comparison:
        return compare.DateLevels(self._slots(role), column, self._features.date_digits(role))

    def _email(self, role: str, column: int) -> compare.Comparison:
        features = self._features
        return compare.EmailLevels(
            *(self._slots(role), self._slots(LOCAL), column, features.email_local_text()),
            *(similarity_scorer(), features.measure_locals, CLOSE),
            self._compared(LOCAL, self._table.digests(LOCAL)),
        )

    def _code(self, role: str, column: int) -> compare.Comparison:
        features = self._features
        # Below six characters one edit is no longer a likely slip of the same number.
        return compare.CodeLevels(
            *(self._slots(role), column, features.text(role), features.tails(role), 6),
            self._compared(role, self._table.digests(role)),
        )

    def _equal(self, role: str, column: int) -> compare.Comparison:
        return compare.EqualLevels(self._slots(role), column)

    def _address(self, column: int) -> compare.Comparison:
        features = self._features
        streets, numbers = self._table.slots("street"), self._table.slots("house_number")
        postcodes, cities = self._table.slots("postcode"), self._table.slots("city")
        # Parts of one address stand in the same slot: the second street goes with the second city.
        slots = [
            (_slot(streets, i), _slot(numbers, i), _slot(postcodes, i), _slot(cities, i))
            for i in range(max(len(streets), len(postcodes), len(cities)))
        ]
        return joint.AddressLevels(
            *(list(product(slots, slots)), column, features.text_or_empty("street")),
            *(features.text_or_empty("postcode"), features.text_or_empty("city"), features.postcode_areas()),
            *(similarity_scorer(), partial(features.measure, "street"), CLOSE),
        )

    def _company(self, role: str, column: int) -> compare.Comparison:
        features = self._features
        return compare.TokenLevels(
            *(self._slots(role), column, features.text(role), *features.tokens(role)),
            *(similarity_scorer(), partial(features.measure, role), CLOSE),
        )

    def _joint_rules(self) -> list[compare.Comparison]:
        """Rules over several comparisons: swapped names, and e-mail local parts that only repeat the name."""
        features = self._features
        if not {"first_name", "last_name"} <= {*self.names} & features.records.columns.keys():
            return []
        first, last = self.names.index("first_name"), self.names.index("last_name")
        firsts, lasts = self._table.slots("first_name")[0], self._table.slots("last_name")[0]
        rules: list[compare.Comparison] = []
        if self.sizes[first] == len(NAME_LEVELS) + 1:
            swapped = self.sizes[first] - 1
            rules.append(joint.SwappedNames(firsts, lasts, features.as_first(), swapped, first, last))
        if "email" in self.names and "email" in features.records.columns:
            email, derived = self.names.index("email"), features.email_holds_name()
            levels = (
                EMAIL_LEVELS.index("close_local"),
                EMAIL_LEVELS.index("exact"),
                NAME_LEVELS.index("similar"),
            )
            rules.append(joint.SilencedLevels(derived, *levels, email, first, last))
        return rules
