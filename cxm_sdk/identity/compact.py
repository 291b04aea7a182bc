"""Features and comparisons of few records, made without tables: what a live graph weighs at a time.

The levels and bits are those of the batch side, found by the same native functions. What the batch side reads off all
records at once, such as which full names are commoner than their parts, is frozen here: see ``model.Frozen``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import compare, contents, score, strings, text
from cxm_sdk._native.profiles import Evidence
from cxm_sdk.identity.comparisons import BoundComparisons, CodeTable
from cxm_sdk.identity.features import HELD_NAMES, SHORTEST_HELD, TAIL, Features, Floats, Hashes, Ints
from cxm_sdk.identity.model import Comparison, MatchModel
from cxm_sdk.identity.nicknames import nickname_groups
from cxm_sdk.identity.scoring import FLOOR, Adjustment, Links, Scorer

__all__ = ["CompactFeatures", "CompactScorer", "Lost", "Weights"]

#: A comparison by its column, and what agreements there have lost with age: float64[2, pairs], bits of the match weight
#: and of the household's.
Lost = tuple[int, npt.NDArray[np.float64]]


def _apart(own: Sequence[str], derived: Sequence[str], given: int) -> list[str]:
    """Puts digests that came as such in the first slots and derived ones behind them."""
    kept = [value for value in own if value not in derived]
    return [*kept, *[""] * (given - len(kept)), *derived]


class _Column:
    """Distinct values of one role among some records, and who holds them.

    Args:
        laid: The values, laid out.
    """

    def __init__(self, laid: contents.Laid) -> None:
        self._laid, self.offsets, self.data = laid, laid.offsets, laid.data
        self.codes: list[Ints] = list(laid.codes)

    @property
    def values(self) -> list[str]:
        return self._laid.values

    @cached_property
    def text(self) -> strings.TextColumn:
        return strings.TextColumn(self.offsets, self.data)

    def spans(self) -> tuple[npt.NDArray[np.uint8], Ints, Ints]:
        return self.data, self.offsets[:-1], self.offsets[1:]


class CompactRecords:
    """A few records, in canonical order: by source name, then by record id, bytewise.

    Args:
        sources: Source of each record.
        columns: Values by role.
    """

    def __init__(self, sources: Sequence[str], columns: Mapping[str, _Column]) -> None:
        self.source_names = sorted(set(sources))
        number = {name: code for code, name in enumerate(self.source_names)}
        self.source_codes = np.array([number[name] for name in sources], np.int32)
        self.columns = columns

    def __len__(self) -> int:
        return len(self.source_codes)


class CompactFeatures(Features):
    """Features of a few records.

    Digests of contacts that are known in clear are compared with digests that came as such, and not with each other:
    the contacts are.

    Args:
        said: What the records say, in canonical order of the records.
        sources: Source of each record.
        muted: For a role, values shared by too many people; they count as missing.
        derived: For each role of digests that some record has, those of what each record knows in clear.
    """

    def __init__(
        self,
        said: Sequence[contents.Packed],
        sources: Sequence[str],
        muted: dict[str, set[str]],
        derived: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType({}),
    ) -> None:
        self._given: dict[str, int] = {}
        apart: dict[str, contents.Laid] = {}
        for role, made in derived.items():
            own = [record.content.get(role, ()) for record in said]
            given = self._given[role] = max(map(len, own))
            both = [{role: _apart(*one, given)} for one in zip(own, made, strict=True)]
            apart.update(contents.lay_out(list(map(contents.Packed, both)), muted))
        laid = {**contents.lay_out(list(said), muted), **apart}
        self._columns = {role: _Column(column) for role, column in laid.items()}
        super().__init__(CompactRecords(sources, self._columns), frozen=True)  # type: ignore[arg-type]

    def given(self, role: str) -> int | None:
        """Of a role of digests, how many slots hold what came as such; None where all slots of a role are alike."""
        return self._given.get(role)

    def values(self, role: str) -> list[str]:
        """Distinct canonical values of a role."""
        return self._columns[role].values

    def codes(self, role: str) -> list[Ints]:
        """Codes of each slot, int32[records], -1 for null or muted."""
        column = self._columns.get(role)
        return column.codes if column else [np.full(len(self.records), -1, np.int32)]

    def text(self, role: str) -> strings.TextColumn:
        """Distinct values laid out for native comparison."""
        return self.text_or_empty(role)

    def text_or_empty(self, role: str) -> strings.TextColumn:
        """The same; an empty column where no record has the role."""
        column = self._columns.get(role)
        return column.text if column else strings.TextColumn(np.zeros(1, np.int32), np.zeros(0, np.uint8))

    def sounds(self, role: str) -> Hashes:
        """Phonetic code of each value, uint64[values], 0 for none."""
        return text.phonetic(*self._columns[role].spans())

    def name_groups(self, role: str) -> Ints:
        """Nickname groups of each value, int32[values, 3], filled with -1; only first names have any."""
        values = self.values(role)
        width = 3 if role == "first_name" else 0
        groups = np.full((len(values), width), -1, np.int32)
        for row, members in enumerate(nickname_groups(values) if width else ()):
            groups[row, : min(len(members), width)] = members[:width]
        return groups

    def dates(self, role: str) -> Ints:
        """Each date as year * 10000 + month * 100 + day, int32[values]."""
        return np.array([int(value) for value in self.values(role)], np.int32)

    def date_digits(self, role: str) -> npt.NDArray[np.uint32]:
        """The eight digits of each date, four bits each, uint32[values]."""
        return np.array([int(value, 16) for value in self.values(role)], np.uint32)

    def tails(self, role: str) -> Hashes:
        """Hash of the last digits of phone numbers, uint64[values]; 0 for other roles and short values."""
        column = self._columns[role]
        if role != "phone":
            return np.zeros(len(column.values), np.uint64)
        data, starts, stops = column.spans()
        hashes = text.hash64(data, starts, stops, 0, -TAIL)
        return np.where(stops - starts >= TAIL, hashes, np.uint64(0))

    def _email_parts(self) -> tuple[Ints, list[str]]:
        return self._locals

    @cached_property
    def _locals(self) -> tuple[Ints, list[str]]:
        parts = [value.rpartition("@")[0] for value in self._columns["email"].values]
        distinct = sorted(set(parts), key=str.encode)
        number = {value: code for code, value in enumerate(distinct)}
        return np.array([number[part] for part in parts], np.int32), distinct

    def email_locals(self) -> Ints:
        """Number of the local part of each e-mail, int32[values]."""
        return self._locals[0]

    def email_local_text(self) -> strings.TextColumn:
        """Distinct local parts laid out for native comparison."""
        return strings.TextColumn(*contents.lay_out_texts(self._locals[1]))

    def email_holds_name(self) -> npt.NDArray[np.uint8]:
        """What ``Features.email_holds_name`` says."""
        holds = np.zeros(len(self.records), np.uint8)
        emails = self.codes("email")[0]
        locals_ = np.append(self.email_locals(), np.int32(-1))[emails]
        for role, mark in HELD_NAMES:
            if role in self._columns:
                names = self.codes(role)[0], self.text(role)
                strings.contains_text(locals_, self.email_local_text(), *names, SHORTEST_HELD, mark, holds)
        return holds

    def as_first(self) -> Ints:
        """For each last name the code of the same text among the first names, -1 for none."""
        number = {value: code for code, value in enumerate(self.values("first_name"))}
        return np.array([number.get(value, -1) for value in self.values("last_name")], np.int32)

    def postcode_areas(self) -> Hashes:
        """Leading part of each postcode as a number, uint64[values]; 0 where it is too short to have one."""
        column = self._columns.get("postcode")
        if column is None:
            return np.zeros(0, np.uint64)
        enough = np.array([len(value) >= 4 for value in column.values], bool)
        return np.where(enough, text.hash64(*column.spans(), 0, 3), np.uint64(0))

    def tokens(self, role: str) -> tuple[npt.NDArray[np.int64], Ints, Floats]:
        """Words of each value, each as rare as any other: how rare they are in all data is not asked live."""
        values = [sorted(set(value.split(" "))) for value in self.values(role)]
        distinct = sorted({word for words in values for word in words})
        number = {word: code for code, word in enumerate(distinct)}
        starts = np.zeros(len(values) + 1, np.int64)
        np.cumsum([len(words) for words in values], out=starts[1:])
        tokens = np.array([number[word] for words in values for word in words], np.int32)
        return starts, tokens, np.ones(len(distinct), np.float32)

    def _objects(self, name: str, values: Any) -> npt.NDArray[np.object_]:
        listed = self._locals[1] if name == "email.local" else self.values(name)
        return np.array([*listed, ""], dtype=object)[:-1]


class _CompactComparisons(BoundComparisons):
    """Comparisons tied to a few records; a comparison that none of them can answer is left out."""

    def __init__(self, weights: Weights, features: CompactFeatures) -> None:
        comparisons = weights.model.comparisons
        self._features = features
        self._table = CodeTable(features, weights.roles)
        self.names, self.sizes = weights.names, weights.sizes
        columns = features.records.columns
        steps = [
            self._bind(comparison.kind, comparison.roles, column)
            for column, comparison in enumerate(comparisons)
            if any(role in columns for role in comparison.roles)
        ]
        self.native = compare.Comparisons([*steps, *self._joint_rules()], self._table.rows, len(self.names))


@dataclass(frozen=True)
class _Rarity:
    """An adjustment of a model for common and rare values, ready to be looked up."""

    comparison: int
    role: str
    at_level: npt.NDArray[np.uint8]
    bits: Mapping[str, float]
    rest: float
    household: bool


class Weights(Scorer):
    """A model laid out for scoring, before it is tied to any records; made once, used for every batch.

    Args:
        model: The model.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> Weights(default_model()).names[0]
        'first_name'
    """

    def __init__(self, model: MatchModel) -> None:
        self._take(model)
        self.names = [comparison.name for comparison in model.comparisons]
        self.sizes = [len(comparison.levels) for comparison in model.comparisons]
        self.roles = [role for comparison in model.comparisons for role in comparison.roles]
        #: As many as there are ways in which few records can be adjusted.
        self._evidence: dict[tuple[float, tuple[tuple[int, bool], ...]], Evidence] = {}
        self.rarities = [
            _rarity(model.comparisons[c], c, number)
            for c in range(len(model.comparisons))
            for number in range(len(model.comparisons[c].frequencies))
        ]
        self.exact = [
            np.array([level.name == "exact" for level in comparison.levels], np.uint8)
            for comparison in model.comparisons
        ]

    def decided_evidence(self, decided: float, adjusted: tuple[tuple[int, bool], ...]) -> Evidence:
        """What agreement is worth for two clusters, with one more comparison for decisions of stewards.

        Args:
            decided: Bits of a decision, at the second of two levels.
            adjusted: Comparison of each adjustment, and whether it counts for a household as well.

        Returns:
            The evidence.
        """
        if (found := self._evidence.get((decided, adjusted))) is not None:
            return found
        match, household = (np.pad(bits, ((0, 1), (0, 0))) for bits in (self.match_bits, self.household_bits))
        match[-1, 1] = decided
        priors = [self.priors, self.household_priors, *self._alike_priors]
        alike = np.pad(self._alike, ((0, 0), (0, 1)))
        several = np.pad(self.several, (0, 1))
        found = Evidence(match, household, alike, np.stack(priors, axis=1), adjusted, several)
        self._evidence[decided, adjusted] = found
        return found


def _rarity(comparison: Comparison, column: int, number: int) -> _Rarity:
    frequency = comparison.frequencies[number]
    at_level = np.array([level.name in frequency.levels for level in comparison.levels], np.uint8)
    # In 32 bits, as the batch side lays them out.
    bits = {
        value: float(np.float32(math.log2(frequency.average / f))) for value, f in frequency.values.items()
    }
    rest = float(np.float32(math.log2(frequency.average / frequency.rest)))
    return _Rarity(column, frequency.role, at_level, bits, rest, comparison.shared)


class CompactScorer(Scorer):
    """A model tied to a few records.

    Args:
        weights: The model.
        features: Features of the records.
        people: For a role, how many different people seem to share a value, where it is more than one.
    """

    def __init__(
        self, weights: Weights, features: CompactFeatures, people: Mapping[str, Mapping[str, int]]
    ) -> None:
        self.__dict__.update(weights.__dict__)
        self._weights, self.features = weights, features
        self.bound = _CompactComparisons(weights, features)
        self.adjustments = self._compact_adjustments(people)
        self._adjuster = self._bound_adjustments()

    def decided_evidence(self, decided: float, aging: Iterable[int]) -> Evidence:
        """What agreement is worth for two clusters of records, with two things that the model does not know.

        Args:
            decided: Bits of a steward's decision. It stands behind the comparisons of the model, as one of two levels.
            aging: Columns of comparisons whose agreements lose with age. They get two adjustments each behind those of
                the model: one for the match alone, and one for the household as well.

        Returns:
            The evidence.
        """
        adjusted = [(adjustment.comparison, adjustment.household) for adjustment in self.adjustments]
        adjusted += [(column, shared) for column in aging for shared in (False, True)]
        return self._weights.decided_evidence(decided, tuple(adjusted))

    def age(self, links: Links, lost: Sequence[Lost]) -> None:
        """Takes off what agreements have lost with age.

        Args:
            links: Scored pairs; their weights are changed.
            lost: For each comparison that lost anything what it is.
        """
        if not lost:
            return
        rows = np.flatnonzero(np.any([bits.any(axis=0) for _, bits in lost], axis=0))
        left, right, levels = links.left[rows], links.right[rows], links.levels[rows]
        across = (self.bound.sources[left] != self.bound.sources[right]).astype(np.uint8)
        less = np.ascontiguousarray(np.stack([bits[:, rows] for _, bits in lost]))
        weight, household = np.empty(len(rows)), np.empty(len(rows))
        columns = np.array([adjustment.comparison for adjustment in self.adjustments], np.int32)
        at_home = np.array([adjustment.household for adjustment in self.adjustments], np.uint8)
        aging = np.array([column for column, _ in lost], np.int32)
        adjusted = self.adjustment_bits(left, right, levels)
        score.weigh_aged(
            *(np.ascontiguousarray(levels), across, adjusted, columns, at_home, less, aging),
            *(self.match_bits, self.household_bits, self.priors, self.household_priors),
            *(self._alike, self._alike_priors),
            floor=FLOOR,
            match_out=weight,
            household_out=household,
        )
        links.weight[rows], links.household[rows] = weight, household

    def _compact_adjustments(self, people: Mapping[str, Mapping[str, int]]) -> list[Adjustment]:
        columns, found = self.features.records.columns, []
        for rarity in self._weights.rarities:
            if rarity.role in columns:
                values: Sequence[str] = self.features.values(rarity.role)
                bits = np.array([rarity.bits.get(value, rarity.rest) for value in values], np.float32)
                name = f"{rarity.role} frequency"
                found.append(
                    Adjustment(rarity.comparison, name, rarity.role, rarity.at_level, bits, rarity.household)
                )
        for column, comparison in enumerate(self.model.comparisons):
            role = comparison.roles[0]
            if people.get(role) and role in columns:
                sharers = [people[role].get(value, 1) for value in self.features.values(role)]
                bits = -np.log2(np.array(sharers, np.float64)).astype(np.float32)
                exact = self._weights.exact[column]
                found.append(Adjustment(column, f"{role} shared", role, exact, bits, household=False))
        return found
