"""Keys of one record: 64-bit numbers under which a store finds the records it may have to be compared with."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import cache

import numpy as np

from cxm_sdk._native import keys, text
from cxm_sdk.identity.blocking import MOST_SLOTS
from cxm_sdk.identity.features import TAIL
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.nicknames import groups_of_names

__all__ = ["BlockRules", "identifier_key"]

_EMPTY = np.zeros(1, np.int32)


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
    return keys.key_of(f"{namespace}\x00{value}")


class BlockRules:
    """Blocking rules, ready to make the keys of records one at a time.

    Args:
        rules: Which values make a key together.

    Example:
        >>> made = BlockRules([BlockingRule(keys=("last_name.sound", "city"))])
        >>> one, other = {"last_name": ["meyer"], "city": ["ulm"]}, {"last_name": ["maier"], "city": ["ulm"]}
        >>> made.keys(one) == made.keys(other)
        True
    """

    def __init__(self, rules: Iterable[BlockingRule]) -> None:
        known: dict[str, dict[str, str | None]] = {}
        self._rules = tuple(
            (rule.name, tuple(_compiled(key, known.setdefault(key, {})) for key in rule.keys))
            for rule in rules
        )

    def keys(self, content: dict[str, list[str]], muted: Container[tuple[str, str]] = ()) -> list[int]:
        """Makes the keys of a record.

        Args:
            content: Canonical values by role.
            muted: Roles and values that count as missing.

        Returns:
            Distinct signed numbers of 64 bits, those of a rule together.
        """
        return keys.block_keys(content, self._rules, muted, MOST_SLOTS)


def _compiled(
    key: str, known: dict[str, str | None]
) -> tuple[str, dict[str, str | None], Callable[[str, str], str | None]]:
    role, _, part = key.partition(".")
    return role, known, _PARTS[part]


def _sound(value: str) -> str | None:
    data = np.frombuffer(value.encode(), np.uint8)
    code = int(text.phonetic(data, _EMPTY, np.array([len(data)], np.int32))[0])
    return str(code) if code else None


@cache
def _heads() -> dict[int, str]:
    """For each nickname group its first name in the alphabet, which names it in every release that has it."""
    heads: dict[int, str] = {}
    for name, numbers in groups_of_names().items():
        for number in numbers:
            heads[number] = min(name, heads.get(number, name))
    return heads


def _root(role: str, value: str) -> str | None:
    groups = groups_of_names().get(value, ()) if role == "first_name" else ()
    return f"={_heads()[groups[0]]}" if groups else _sound(value)


def _start(length: int, longer: int = 0) -> Callable[[str, str], str | None]:
    return lambda role, value: value[:length] if len(value) >= length + longer else None


_PARTS: dict[str, Callable[[str, str], str | None]] = {
    "": lambda role, value: value,
    "sound": lambda role, value: _sound(value),
    "root": _root,
    "initial": _start(1),
    "start": _start(4),
    "tail": lambda role, value: value[-TAIL:] if role == "phone" and len(value) >= TAIL else None,
    "local": lambda role, value: value.rpartition("@")[0],
    "year": lambda role, value: value[:-4],
    "month_day": lambda role, value: value[-4:],
    "year_month": lambda role, value: value[:-2],
    "area": _start(3, 1),
    "first_word": lambda role, value: value.partition(" ")[0],
}
