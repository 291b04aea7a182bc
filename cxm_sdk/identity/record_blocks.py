"""Keys of one record: 64-bit numbers under which a store finds the records it may have to be compared with."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import islice, product

import numpy as np

from cxm_sdk._native import text
from cxm_sdk.identity.blocking import MOST_SLOTS
from cxm_sdk.identity.compact import Content
from cxm_sdk.identity.features import TAIL
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.nicknames import groups_of_names

__all__ = ["block_keys", "identifier_key"]

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
    return _number(f"{namespace}\x00{value}")


def block_keys(
    content: Content, rules: Sequence[BlockingRule], muted: Container[tuple[str, str]] = ()
) -> list[int]:
    """Makes the keys of a record.

    Args:
        content: Canonical values by role.
        rules: Which of them make a key together.
        muted: Roles and values that count as missing.

    Returns:
        Distinct signed numbers of 64 bits, those of a rule together.

    Example:
        >>> rules = [BlockingRule(keys=("last_name.sound", "city"))]
        >>> one, other = {"last_name": ["meyer"], "city": ["ulm"]}, {"last_name": ["maier"], "city": ["ulm"]}
        >>> block_keys(one, rules) == block_keys(other, rules)
        True
    """
    found: dict[int, None] = {}
    parts: dict[str, list[str | None]] = {}
    for name, keys in _compiled(tuple(rules)):
        held = []
        for key, role, make in keys:
            if role not in content:
                break
            if key not in parts:
                parts[key] = [
                    None if (role, value) in muted else make(role, value) for value in content[role]
                ]
            held.append(parts[key])
        else:
            for combination in islice(product(*held), MOST_SLOTS):
                if None not in combination:
                    found[_number("\x01".join((name, *combination)))] = None  # type: ignore[arg-type]
    return list(found)


@lru_cache(maxsize=64)
def _compiled(
    rules: tuple[BlockingRule, ...],
) -> tuple[tuple[str, tuple[tuple[str, str, Callable[[str, str], str | None]], ...]], ...]:
    return tuple(
        (rule.name, tuple((key, key.partition(".")[0], _PARTS[key.partition(".")[2]]) for key in rule.keys))
        for rule in rules
    )


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


@lru_cache(maxsize=1 << 16)
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
