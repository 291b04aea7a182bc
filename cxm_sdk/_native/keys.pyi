"""Keys under which a store files records: 64-bit numbers, equal on all machines and in all releases.

A key is the first eight bytes of the BLAKE2b digest (RFC 7693) of its name, with eight bytes asked for, as a signed
number, the first byte lowest.
"""

from collections.abc import Container, Iterable, Mapping
from typing import final

from cxm_sdk._native.contents import Packed

def key_of(name: str) -> int:
    """The key of a name.

    Args:
        name: The name.

    Returns:
        A signed number of 64 bits.
    """

@final
class BlockKeys:
    r"""Makes the keys of records: of each rule one for every combination of its parts of values.

    A key is that of the name of the rule and the parts, each behind a byte of one.

    Args:
        rules: Of each its name, and role and part of each of its values: nothing for all of a value, or ``sound``,
            ``root``, ``initial``, ``start``, ``area``, ``tail``, ``local``, ``year``, ``year_month``, ``month_day`` or
            ``first_word``.
        heads: For a first name the name that stands for it at its ``root``; of others the sound does.
        ignored: By role canonical values that count as missing.
        tail: Digits of a phone number that are its ``tail``.

    Raises:
        KeyError: When there is no such part.

    Example:
        >>> made = BlockKeys([("names", [("first_name", "root")])], {"bill": "bill", "william": "bill"}, {}, 7)
        >>> record = Packed(1, "crm", "1", {"first_name": ["william"]}, {}, 0, 0)
        >>> made.keys(record, (), 9) == [key_of("names\x01=bill")]
        True
    """

    def __init__(
        self,
        rules: Iterable[tuple[str, Iterable[tuple[str, str]]]],
        heads: Mapping[str, str],
        ignored: Mapping[str, Iterable[str]],
        tail: int,
    ) -> None: ...
    def keys(self, record: Packed, muted: Container[tuple[str, str]], most: int) -> list[int]:
        """Makes the keys of a record.

        Args:
            record: What it says.
            muted: More roles and values that count as missing.
            most: Combinations of values that are looked at for each rule.

        Returns:
            Distinct keys, those of a rule together.
        """
