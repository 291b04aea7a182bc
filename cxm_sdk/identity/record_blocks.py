"""Keys of one record: 64-bit numbers under which a store finds the records it may have to be compared with."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import cache

from cxm_sdk._native.contents import Packed
from cxm_sdk._native.keys import BlockKeys, key_of
from cxm_sdk.identity.blocking import MOST_SLOTS
from cxm_sdk.identity.features import TAIL
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.nicknames import groups_of_names

__all__ = ["BlockRules", "identifier_key"]


def identifier_key(namespace: str, value: str) -> int:
    """The key of an identifier.

    Args:
        namespace: Its namespace.
        value: Its canonical value.

    Returns:
        A signed number of 64 bits; equal on all machines and in all releases.

    Example:
        >>> identifier_key("email", "ada@x.org")
        -2200975397422702026
    """
    return key_of(f"{namespace}\x00{value}")


class BlockRules:
    """Blocking rules, ready to make the keys of records one at a time.

    Args:
        rules: Which values make a key together.
        ignored: By role canonical values that count as missing.

    Example:
        >>> made = BlockRules([BlockingRule(keys=("last_name.sound", "city"))])
        >>> one, other = (
        ...     Packed(1, "crm", name, {"last_name": [name], "city": ["ulm"]}, {}, 0, 0) for name in ("meyer", "maier")
        ... )
        >>> made.keys(one) == made.keys(other)
        True
    """

    def __init__(
        self, rules: Iterable[BlockingRule], ignored: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        parted = [(rule.name, [key.partition(".")[::2] for key in rule.keys]) for rule in rules]
        self._made = BlockKeys(parted, _heads(), ignored or {}, TAIL)

    def keys(self, record: Packed, muted: Container[tuple[str, str]] = ()) -> list[int]:
        """Makes the keys of a record.

        Args:
            record: What it says.
            muted: Roles and values that count as missing.

        Returns:
            Distinct signed numbers of 64 bits, those of a rule together.
        """
        return self._made.keys(record, muted, MOST_SLOTS)


@cache
def _heads() -> dict[str, str]:
    """For each name of a nickname group the first one in the alphabet, which names the group in every release."""
    members: dict[int, str] = {}
    for name, numbers in groups_of_names().items():
        for number in numbers:
            members[number] = min(name, members.get(number, name))
    return {name: members[numbers[0]] for name, numbers in groups_of_names().items() if numbers}
