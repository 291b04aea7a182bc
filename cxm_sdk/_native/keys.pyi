"""Keys under which a store files records: 64-bit numbers, equal on all machines and in all releases.

A key is the first eight bytes of the BLAKE2b digest (RFC 7693) of its name, with eight bytes asked for, as a signed
number, the first byte lowest.
"""

from collections.abc import Callable, Container

def key_of(name: str) -> int:
    """The key of a name.

    Args:
        name: The name.

    Returns:
        A signed number of 64 bits.
    """

def keys_of_pairs(pairs: list[tuple[str, str]]) -> list[int]:
    """The keys of names that have two parts, with a zero between them.

    Args:
        pairs: The parts.

    Returns:
        A key for each.
    """

def block_keys(
    content: dict[str, list[str]],
    rules: tuple[
        tuple[str, tuple[tuple[str, dict[str, str | None], Callable[[str, str], str | None]], ...]], ...
    ],
    muted: Container[tuple[str, str]],
    most: int,
) -> list[int]:
    """The keys of a record.

    Args:
        content: Values by role.
        rules: Of each its name and the parts of its key: role, what is remembered of values (filled here), and what
            makes a part of a role and value, None for nothing.
        muted: Roles and values that count as missing.
        most: Combinations of values that are looked at for each rule.

    Returns:
        Distinct keys, those of a rule together.
    """
