"""Candidate pairs from blocks, each pair once, and counts of the agreement patterns they show.

Arrays are C-contiguous and sized by the caller; record and block numbers are trusted: nothing checks that
they lie inside their arrays. Every function releases the GIL while it loops.
"""

from array import array
from typing import final

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Hashes = NDArray[np.uint64]
_Starts = NDArray[np.int64]
_Counters = NDArray[np.uint16]

def generate(
    blocks: _Ints,
    slots: _Ints,
    rule: int,
    members: _Ints,
    starts: _Starts,
    first_block: int,
    last_block: int,
    with_rules: bool,
    left: _Ints,
    right: _Ints,
    rules: NDArray[np.uint32],
) -> int:
    """Writes the pairs of some blocks of one rule that belong to it: no earlier rule holds them.

    Args:
        blocks: int32[records, slots of all rules], block number of each record, -1 for none.
        slots: int32[rules + 1], where the slots of each rule start in ``blocks``.
        rule: Number of the rule.
        members: int32[...], records of the rule's blocks, ascending within a block.
        starts: int64[blocks + 1], where each block starts in ``members``.
        first_block: First block to do.
        last_block: One past the last block to do.
        with_rules: Whether to fill ``rules``.
        left: int32[room], smaller record of each pair, overwritten.
        right: int32[room], larger record of each pair, overwritten.
        rules: uint32[room], bit r set where rule r holds the pair too; untouched unless ``with_rules``.

    Returns:
        Number of pairs written. There must be room for all pairs of the blocks.
    """

def pairs_within(starts: _Starts, members: _Ints, left: _Ints, right: _Ints) -> int:
    """Writes every pair inside each group.

    Args:
        starts: int64[groups + 1], where each group starts in ``members``.
        members: int32[...], records, ascending within a group.
        left: int32[room], smaller record of each pair, overwritten.
        right: int32[room], larger record of each pair, overwritten.

    Returns:
        Number of pairs written.
    """

@final
class PatternCounts:
    """How often each combination of levels, rules and group occurs among pairs.

    Args:
        radices: int64[comparisons], number of levels of each comparison; their product must stay below 2 **
            64.
    """

    def __init__(self, radices: _Starts) -> None: ...
    def add(self, levels: _Bytes, rules: NDArray[np.uint32], group: _Bytes) -> None:
        """Counts a chunk of pairs.

        Args:
            levels: uint8[pairs, comparisons].
            rules: uint32[pairs], bits of the rules that hold each pair.
            group: uint8[pairs].
        """

    def items(self) -> tuple[array[int], array[int], array[int]]:
        """Returns what was counted.

        Returns:
            Three arrays of equal length: uint64 packed levels (first comparison highest), uint64 group * 2 **
            32 + rules, int64 count. In no particular order.
        """

def key_order(keys: _Hashes, order: _Ints) -> None:
    """Stable order of 64-bit keys.

    Args:
        keys: uint64[n].
        order: int32[n], overwritten with positions, keys ascending, equal keys in their present order.
    """

def make_keys(
    codes: list[_Ints], parts: list[_Hashes | None] | list[_Hashes], rows: _Ints, keys: _Hashes
) -> None:
    """Mixes the parts of every record, or of some, into keys.

    Args:
        codes: For each part int32[records], value of each record, -1 for null.
        parts: For each part uint64[values], what the key takes of each value, 0 for nothing; None where it takes the
            value itself.
        rows: int32[keys], the records whose keys are wanted; empty for all in their order.
        keys: uint64[keys], overwritten; 0 where any part is missing.

    Raises:
        ValueError: When there are not as many codes or rows as keys, or not as many parts as columns of codes.
    """

def draw_values(parts: _Hashes | None, limit: int, drawn: _Bytes) -> None:
    """Marks the values whose keys, made of one part, lie below a limit by their upper half.

    Args:
        parts: uint64[values], what the key takes of each value, 0 for nothing; None where it takes the value itself.
        limit: Share of all keys that lie below it, times 2³², below that.
        drawn: uint8[values], overwritten: 1 for those below, so equal parts are marked alike.

    Raises:
        ValueError: When there are not as many parts as values.
    """

def count_keys(keys: _Hashes, counters: _Counters) -> None:
    """Counts keys by their lowest bits: an upper bound of how often each key occurs.

    Args:
        keys: uint64[n], 0 for none.
        counters: uint16[power of two], raised in place, up to 65,535.
    """

def mark_rule(
    left_keys: _Hashes,
    right_keys: _Hashes,
    counters: _Counters,
    largest: int,
    bit: int,
    rules: NDArray[np.uint32],
) -> None:
    """Sets a bit for the pairs that share a key of a rule in a block that is not too large.

    Args:
        left_keys: uint64[pairs], key of the left record in one slot, 0 for none.
        right_keys: uint64[pairs], key of the right record in the same or another slot.
        counters: uint16[power of two], from ``count_keys`` over all slots; empty where no block is too large.
        largest: Greatest count of a block in use.
        bit: What to set.
        rules: uint32[pairs], changed in place.
    """

def fill_blocks(members: _Ints, starts: _Starts, slots: NDArray[np.int8], first: int, blocks: _Ints) -> None:
    """Writes the block number of every member into its record's row.

    Args:
        members: int32[...], records of the blocks.
        starts: int64[blocks + 1], where each block starts in ``members``.
        slots: int8[...], which slot brought each member in.
        first: Column of the first slot.
        blocks: int32[records, columns], written in place.
    """

def mix_codes(codes: _Ints, keys: _Hashes) -> None:
    """Mixes one more code into the key of every record; null counts as a code.

    Args:
        codes: int32[records], -1 for null.
        keys: uint64[records], 0 to begin with, changed in place; never 0 afterwards.
    """
