"""What is computed once per distinct value and then looked up per record: sounds, parts, groups, keys for blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from cxm_sdk._native import strings
from cxm_sdk._native.codes import count_codes, recode, unordered_pairs
from cxm_sdk.identity.distinct import distinct_texts
from cxm_sdk.identity.full_names import TELLING, FullNames, shared_full_names
from cxm_sdk.identity.model import Frozen
from cxm_sdk.identity.nicknames import nickname_groups
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.spans import Spans

if TYPE_CHECKING:
    from cxm_sdk.identity.copies import Copies

__all__ = ["KEYS", "Features", "similarity_scorer", "text_column"]

Ints = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]

#: Names that the local part of an e-mail may hold, as ``joint.SilencedLevels`` reads them; shorter ones say nothing.
HELD_NAMES = (("first_name", 1), ("last_name", 2))
SHORTEST_HELD = 3
#: Digits of a phone number that stay when country and area are written differently.
TAIL = 7


@cache
def similarity_scorer() -> strings.Similarity | None:
    """Jaro-Winkler for native loops.

    Returns:
        The scorer; None when this RapidFuzz has no C interface, and pairs are measured with ``cpdist`` instead.
    """
    try:
        return strings.Similarity(JaroWinkler.similarity)
    except TypeError:
        return None


def text_column(values: pa.Array) -> strings.TextColumn:
    """Lays distinct values out for native comparison.

    Args:
        values: Arrow string array without nulls.

    Returns:
        The column; it keeps the Arrow data alive.
    """
    spans = Spans.of(values)
    if spans.offsets is None:
        raise ValueError("expected values that lie one behind the other")
    return strings.TextColumn(spans.offsets, spans.data)


def number_parts(parts: pa.Array) -> tuple[Ints, pa.Array]:
    """Numbers distinct parts.

    Args:
        parts: Arrow string array; null for none.

    Returns:
        int32[parts] number of each part, -1 for null, and the distinct parts.
    """
    encoded = parts.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return np.asarray(encoded.indices.fill_null(-1), dtype=np.int32), encoded.dictionary


class Features:
    """Looks up, per role, codes of records and what is known of each distinct value.

    Args:
        records: The records.
        muted: For a role, bool[values]: values shared by too many people, treated as missing here.
        copies: Records that leave blocks to another record that says the same.
        frozen: What a frozen model fixes: values are judged by themselves and not by how common they are here.
    """

    def __init__(
        self,
        records: Records,
        muted: Mapping[str, npt.NDArray[np.bool_]] | None = None,
        copies: Copies | None = None,
        *,
        frozen: Frozen | None = None,
    ) -> None:
        self.records, self.copies, self.frozen = records, copies, frozen
        self._muted = dict(muted or {})
        self._memory: dict[tuple[str, str], Any] = {}

    def _once(self, what: str, role: str, make: Callable[[], Any]) -> Any:
        key = (what, role)
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]

    def forget(self) -> None:
        """Drops all that was computed; it is computed again when it is asked for."""
        self._memory.clear()

    def leading(self) -> Ints:
        """Records that follow no other, of which statistics are made: a copy is no second person. int32[n]."""

        def make() -> Ints:
            stay = np.ones(len(self.records), bool)
            if self.copies is not None:
                stay[self.copies.followers()[0]] = False
            return np.flatnonzero(stay).astype(np.int32)

        made: Ints = self._once("leading", "", make)
        return made

    def often(self, role: str) -> list[npt.NDArray[np.int64]]:
        """How many of the leading records hold each value, int64[values] for each slot."""

        def make() -> list[npt.NDArray[np.int64]]:
            size = len(self.values(role))
            found = [
                column.often.astype(np.int64) if codes is column.codes else count_codes(codes, size)
                for codes, column in zip(self.codes(role), self.records.compared(role), strict=True)
            ]
            if self.copies is not None:
                places = self.copies.followers()[0]
                for count, codes in zip(found, self.codes(role), strict=True):
                    count -= count_codes(codes[places], size)
            return found

        made: list[npt.NDArray[np.int64]] = self._once("often", role, make)
        return made

    def look_ahead(self, run: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]) -> None:
        """Computes side by side what takes long and levels would ask for one after the other.

        Args:
            run: Parallel map.
        """
        present = self.records.columns.keys()
        wanted: list[Callable[[], object]] = [self.full_names]
        if {"email", "first_name", "last_name"} <= present:
            wanted.append(self.email_holds_name)
        # What takes longest comes first, and none asks for what another is making.
        wanted += [
            partial(self.text, role) for role in sorted(present - {"email", "first_name", "last_name"})
        ]
        for _ in run(lambda make: make(), wanted):
            pass

    def values(self, role: str) -> pa.Array:
        """Distinct canonical values of a role, shared by all of its slots."""
        return self.records.compared(role)[0].values

    def codes(self, role: str) -> list[Ints]:
        """Codes of each slot, int32[records], -1 for null or muted."""

        def make() -> list[Ints]:
            slots = [column.codes for column in self.records.compared(role)]
            muted = self._muted.get(role)
            if muted is None or not muted.any():
                return slots
            lookup = np.where(muted, -1, np.arange(len(muted), dtype=np.int32)).astype(np.int32)
            return [np.where(codes >= 0, lookup[codes], np.int32(-1)) for codes in slots]

        found: list[Ints] = self._once("codes", role, make)
        return found

    def given(self, role: str) -> int | None:
        """Of a role of digests, how many slots hold what came as such; None where all slots of a role are alike."""
        found = self.records.digested.get(role)
        return None if found is None else found.given

    def text(self, role: str) -> strings.TextColumn:
        """Distinct values laid out for native comparison."""
        column: strings.TextColumn = self._once("text", role, lambda: text_column(self.values(role)))
        return column

    def text_or_empty(self, role: str) -> strings.TextColumn:
        """The same; an empty column where no column has the role."""
        if role in self.records.columns:
            return self.text(role)
        return text_column(pa.array([], pa.string()))

    def sounds(self, role: str) -> Hashes:
        """Phonetic code of each value, uint64[values], 0 for none."""
        made: Hashes = self._once("sounds", role, lambda: Spans.of(self.values(role)).sounds())
        return made

    def name_groups(self, role: str) -> npt.NDArray[np.int32]:
        """Nickname groups of each value, int32[values, 3], filled with -1; only first names have any."""

        def make() -> npt.NDArray[np.int32]:
            values = self.values(role)
            width = 3 if role == "first_name" else 0
            groups = np.full((len(values), width), -1, dtype=np.int32)
            if width:
                for row, members in enumerate(nickname_groups(values.to_pylist())):
                    if members:
                        groups[row, : len(members)] = members[:width]
            return groups

        made: npt.NDArray[np.int32] = self._once("groups", role, make)
        return made

    def dates(self, role: str) -> Ints:
        """Each date as year * 10000 + month * 100 + day, int32[values]."""
        made: Ints = self._once(
            "dates", role, lambda: np.asarray(self.values(role).cast(pa.int32()), dtype=np.int32)
        )
        return made

    def chance_of_one_date(self, role: str) -> float:
        """How often two strangers share a date at least: as often as a year, a month and a day by chance."""
        often = np.stack(self.often(role)).sum(axis=0)
        shares = [
            np.bincount(part, weights=often) / max(often.sum(), 1)
            for part in (self.dates(role) // 10000, self.dates(role) // 100 % 100, self.dates(role) % 100)
        ]
        return float(np.prod([(share * share).sum() for share in shares]))

    def date_digits(self, role: str) -> npt.NDArray[np.uint32]:
        """The eight digits of each date, four bits each, uint32[values]."""
        rest, packed = self.dates(role).astype(np.uint32), np.zeros(len(self.dates(role)), np.uint32)
        for place in range(8):
            rest, digit = np.divmod(rest, np.uint32(10))
            packed |= digit << np.uint32(4 * place)
        return packed

    def tails(self, role: str) -> Hashes:
        """Hash of the last digits of phone numbers, uint64[values]; 0 for other roles and short values."""

        def make() -> Hashes:
            spans = Spans.of(self.values(role))
            if role != "phone":
                return np.zeros(len(spans), np.uint64)
            # Canonical phones are digits, so bytes are characters.
            return np.where(spans.lengths >= TAIL, spans.hashes(part=-TAIL), np.uint64(0))

        made: Hashes = self._once("tails", role, make)
        return made

    def tail_kinds(self, role: str) -> Ints:
        """What tells most values apart that are not within one edit and have no tail in common, int32[values]."""
        made: Ints = self._once("kinds", role, lambda: strings.tail_kinds(self.text(role), TAIL))
        return made

    def email_locals(self) -> Ints:
        """Number of the local part of each e-mail, int32[values]."""
        return self._email_parts()[0]

    def email_local_text(self) -> strings.TextColumn:
        """Distinct local parts laid out for native comparison."""
        column: strings.TextColumn = self._once(
            "text", "email.local", lambda: text_column(self._email_parts()[1])
        )
        return column

    def local_kinds(self) -> Ints:
        """What tells most local parts of e-mails apart that are not alike, int32[local parts]."""
        made: Ints = self._once("kinds", "email.local", lambda: strings.letter_kinds(self.email_local_text()))
        return made

    def _email_parts(self) -> tuple[Ints, pa.Array]:
        def make() -> tuple[Ints, pa.Array]:
            emails = Spans.of(self.values("email"))
            return distinct_texts(emails.before(emails.find("@", last=True)).array())[::-1]

        made: tuple[Ints, pa.Array] = self._once("parts", "email", make)
        return made

    def email_holds_name(self) -> npt.NDArray[np.uint8]:
        """Which ``HELD_NAMES`` of the record the local part of its first e-mail holds, uint8[records], summed."""

        def make() -> npt.NDArray[np.uint8]:
            holds = np.zeros(len(self.records), np.uint8)
            emails = self.codes("email")[0]
            locals_ = np.append(self.email_locals(), np.int32(-1))[emails]
            for role, mark in HELD_NAMES:
                names = self.codes(role)[0], self.text(role)
                strings.contains_text(locals_, self.email_local_text(), *names, SHORTEST_HELD, mark, holds)
            return holds

        made: npt.NDArray[np.uint8] = self._once("holds_name", "email", make)
        return made

    def as_first(self) -> Ints:
        """For each last name the code of the same text among the first names, -1 for none."""

        def make() -> Ints:
            found = pc.index_in(self.values("last_name"), value_set=self.values("first_name"))
            return np.asarray(found.fill_null(-1), dtype=np.int32)

        made: Ints = self._once("as_first", "", make)
        return made

    def unordered_names(self) -> tuple[list[Ints], Hashes]:
        """First and last name whichever comes first: a code for each record, and a key for each code, 0 for none."""

        def make() -> tuple[list[Ints], Hashes]:
            first, last = self.codes("first_name")[0], self.codes("last_name")[0]
            both = unordered_pairs(first, recode(last, self.as_first()))
            return [np.arange(len(both), dtype=np.int32)], both

        made: tuple[list[Ints], Hashes] = self._once("part.unordered", "names", make)
        return made

    def full_names(self) -> FullNames:
        """Full names that weigh less than their parts, because several people hold them."""

        def make() -> FullNames:
            columns = self.records.columns
            if self.frozen is not None or not {"first_name", "last_name"} <= columns.keys():
                none = np.full(len(self.records), -1, dtype=np.int32)
                return shared_full_names(none, none, [])
            known = [[role for role in roles if role in columns] for roles in TELLING]
            telling = [self.codes(roles[0])[0] for roles in known if roles]
            return shared_full_names(self.codes("first_name")[0], self.codes("last_name")[0], telling)

        made: FullNames = self._once("names", "", make)
        return made

    def postcode_areas(self) -> Hashes:
        """Leading part of each postcode as a number, uint64[values]; 0 where it is too short to have one."""
        if "postcode" not in self.records.columns:
            return np.zeros(0, np.uint64)
        return self.part_hash("postcode", "area")

    def tokens(self, role: str) -> tuple[npt.NDArray[np.int64], Ints, npt.NDArray[np.float32]]:
        """Words of each value and how rare they are.

        Args:
            role: A role of organisation names.

        Returns:
            int64[values + 1] starts, int32[...] word numbers ascending within a value, float32[words] rarity in bits.
        """

        def make() -> tuple[npt.NDArray[np.int64], Ints, npt.NDArray[np.float32]]:
            values = self.values(role)
            lists = pc.split_pattern(values, " ")
            numbers, words = number_parts(pc.list_flatten(lists))
            parents = np.asarray(pc.list_parent_indices(lists), dtype=np.int64)
            pairs = np.unique(parents << 32 | numbers)
            parents, numbers = pairs >> 32, (pairs & 0xFFFFFFFF).astype(np.int32)
            starts = np.searchsorted(parents, np.arange(len(values) + 1)).astype(np.int64)
            often = np.bincount(numbers, minlength=len(words))
            rarity = np.log2((len(values) + 1) / np.maximum(often, 1)).astype(np.float32) + np.float32(0.1)
            if self.frozen is not None:
                rarity = np.ones(len(words), np.float32)
            return starts, numbers, rarity

        made: tuple[npt.NDArray[np.int64], Ints, npt.NDArray[np.float32]] = self._once("tokens", role, make)
        return made

    def part_hash(self, role: str, part: str) -> Hashes:
        """A number for one part of each value, uint64[values], 0 for none: equal numbers mean equal parts.

        Args:
            role: Role of the values.
            part: Name of the part, a key of ``KEYS`` for this role.

        Returns:
            The numbers.
        """
        made: Hashes = self._once(f"part.{part}", role, lambda: _PARTS[part](self, role))
        return made

    def measure(self, role: str, ours: Ints, theirs: Ints) -> Floats:
        """Similarity of each pair of codes by ``cpdist``, for where RapidFuzz has no C interface."""
        if role not in self.records.columns:
            return np.zeros(len(ours), np.float32)
        return _cpdist(self._objects(role, self.values(role)), ours, theirs)

    def measure_locals(self, ours: Ints, theirs: Ints) -> Floats:
        """The same for the local parts of e-mails."""
        return _cpdist(self._objects("email.local", self._email_parts()[1]), ours, theirs)

    def _objects(self, name: str, values: pa.Array) -> npt.NDArray[np.object_]:
        made: npt.NDArray[np.object_] = self._once(
            "objects", name, lambda: np.array(values.to_pylist(), dtype=object)
        )
        return made


def _cpdist(values: npt.NDArray[np.object_], a: Ints, b: Ints) -> Floats:
    measured = np.zeros(len(a), np.float32)
    known = np.flatnonzero((a >= 0) & (b >= 0))
    if len(known):
        measured[known] = process.cpdist(values[a[known]], values[b[known]], scorer=JaroWinkler.similarity)
    return measured


def _numbered(parts: pa.Array) -> Hashes:
    return (number_parts(parts)[0] + 1).astype(np.uint64)


def _prefix(length: int, *, longer: bool = False) -> Callable[[Features, str], Hashes]:
    def cut(features: Features, role: str) -> Hashes:
        values = features.values(role)
        spans = Spans.of(values)
        lengths = spans.lengths if spans.ascii else np.asarray(pc.utf8_length(values))
        return np.where(lengths >= length + longer, spans.hashes(part=length), np.uint64(0))

    return cut


def _root(features: Features, role: str) -> Hashes:
    # Names of one nickname group meet under the first group's number; names of none under their sound.
    groups, sounds = features.name_groups(role), features.sounds(role)
    if not groups.shape[1]:
        return sounds
    return np.where(groups[:, 0] >= 0, (groups[:, 0] + 1).astype(np.uint64) << np.uint64(48), sounds)


def _rarest_word(features: Features, role: str) -> Hashes:
    # The rarest word that at least two different names have: the word by which a name is looked up.
    starts, tokens, rarity = features.tokens(role)
    often = np.bincount(tokens, minlength=len(rarity))
    weights = np.where(often[tokens] >= 2, rarity[tokens], -1.0)
    found = np.zeros(len(starts) - 1, np.uint64)
    for row in range(len(found)):
        first, last = starts[row], starts[row + 1]
        if first < last:
            at = first + int(np.argmax(weights[first:last]))
            found[row] = tokens[at] + 1 if weights[at] > 0 else 0
    return found


_PARTS: dict[str, Callable[[Features, str], Hashes]] = {
    "sound": lambda features, role: features.sounds(role),
    "root": _root,
    "initial": _prefix(1),
    "start": _prefix(4),
    "tail": lambda features, role: features.tails(role),
    "local": lambda features, role: (features.email_locals() + 1).astype(np.uint64),
    "year": lambda features, role: (features.dates(role) // 10000).astype(np.uint64),
    "month_day": lambda features, role: (features.dates(role) % 10000 + 1).astype(np.uint64),
    "year_month": lambda features, role: (features.dates(role) // 100).astype(np.uint64),
    # The leading three characters: a US section, a German region, a British district, an Australian area.
    "area": _prefix(3, longer=True),
    "rarest_word": _rarest_word,
    "first_word": lambda features, role: _numbered(
        pc.replace_substring_regex(features.values(role), " .*", "")
    ),
}

#: Names of the parts that blocking keys may use.
KEYS = frozenset(_PARTS)
